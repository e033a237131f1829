"""Higher rooms that keep words or copies of rows hear of their end without being imported: they register when the app starts."""

import uuid
from collections.abc import Callable, Iterable, Sequence

Eraser = Callable[[str, Sequence[uuid.UUID]], Iterable[str]]
Namer = Callable[[set[str]], set[str]]
Finisher = Callable[[str], None]
_erasers: list[Eraser] = []
_finishers: list[Finisher] = []
_namers: list[Namer] = []


def register_eraser(eraser: Eraser) -> None:
    """`eraser(ledger, rows)` is called in the transaction that erases these rows; returns the stored files that it let go of."""
    if eraser not in _erasers:
        _erasers.append(eraser)


def register_finisher(finisher: Finisher) -> None:
    """`finisher(ledger)` is called once all rows of an order are erased: whoever copies the table makes the copy anew."""
    if finisher not in _finishers:
        _finishers.append(finisher)


def register_namer(namer: Namer) -> None:
    """`namer(files)` → those of these stored files that the room still names: they stay."""
    if namer not in _namers:
        _namers.append(namer)


def erasers() -> tuple[Eraser, ...]:
    return tuple(_erasers)


def finishers() -> tuple[Finisher, ...]:
    return tuple(_finishers)


def named_elsewhere(files: set[str]) -> set[str]:
    return set().union(*(namer(files) for namer in _namers))
