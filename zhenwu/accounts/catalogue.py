"""Which ledgers there are, for rooms above the packs: grants name ledgers, and the audit log shows their names. The packs
room says it at start."""

from collections.abc import Callable

_sources: list[Callable[[], dict[str, str]]] = []


def register(source: Callable[[], dict[str, str]]) -> None:
    """`source` answers {ledger code: label}."""
    _sources.append(source)


def labels() -> dict[str, str]:
    """{ledger code: label} of every ledger in use."""
    return {code: label for source in _sources for code, label in source().items()}
