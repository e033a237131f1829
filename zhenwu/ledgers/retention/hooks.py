"""Higher rooms that keep words or copies of rows hear of their end without being imported: they register when the app starts."""

import uuid
from collections.abc import Callable, Sequence

Eraser = Callable[[str, Sequence[uuid.UUID]], None]
Finisher = Callable[[str], None]
_erasers: list[Eraser] = []
_finishers: list[Finisher] = []


def register_eraser(eraser: Eraser) -> None:
    """`eraser(ledger, rows)` is called in the transaction that erases these rows."""
    if eraser not in _erasers:
        _erasers.append(eraser)


def register_finisher(finisher: Finisher) -> None:
    """`finisher(ledger)` is called once all rows of an order are erased: whoever copies the table makes the copy anew."""
    if finisher not in _finishers:
        _finishers.append(finisher)


def erasers() -> tuple[Eraser, ...]:
    return tuple(_erasers)


def finishers() -> tuple[Finisher, ...]:
    return tuple(_finishers)
