"""Lower rooms may refuse an act of this one without being imported: they register a guard when the app starts."""

import uuid
from collections.abc import Callable, Sequence

Guard = Callable[[str, Sequence[uuid.UUID]], dict[uuid.UUID, str]]
_guards: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """`guard(ledger, rows)` → {row: why it may not be approved}."""
    if guard not in _guards:
        _guards.append(guard)


def refused(ledger: str, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    for guard in _guards:
        found |= guard(ledger, rows)
    return found
