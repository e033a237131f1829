"""What lower rooms have to say beside a ledger's name, without being imported: they register when the app starts."""

from collections.abc import Callable, Iterable
from typing import Any

from zhenwu.packs.runtime import Ledger

Remark = Callable[[Any, Ledger], Iterable[tuple[str, str]]]
_said: list[Remark] = []


def register_remark(say: Remark) -> None:
    """`say(user, ledger)` yields (words, address) for a reader of the ledger."""
    if say not in _said:
        _said.append(say)


def remarks_on(user: Any, ledger: Ledger) -> list[tuple[str, str]]:
    return [one for say in _said for one in say(user, ledger)]
