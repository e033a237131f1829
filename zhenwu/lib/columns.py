"""Columns: a sequence with one value per row. What stands in many rows is worked out once."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

_NUMBERS = {bool, int, float, Decimal}


def mapped(column: Sequence[Any], make: Callable[[Any], Any]) -> list[Any]:
    """make(value) for each value; None stays None.

    Worked out once for each object, not for each value that is equal: 1, 1.0 and True are told apart, and lists are allowed.
    """
    made = dict(zip(map(id, column), column, strict=True))
    for key, value in made.items():
        if value is not None:
            made[key] = make(value)
    return list(map(made.__getitem__, map(id, column)))


def by_value(column: Sequence[Any], make: Callable[[Any], Any]) -> list[Any]:
    """As `mapped`, worked out once for each value: for a file or a database, which make each equal value anew.

    Equal numbers of different types (1, 1.0, True) are told apart.
    """
    keys = column
    if len({*map(type, column)} & _NUMBERS) > 1:
        keys = list(zip(map(type, column), column, strict=True))
    made = dict(zip(keys, column, strict=True))
    for key, value in made.items():
        if value is not None:
            made[key] = make(value)
    return list(map(made.__getitem__, keys))


def distinct(column: Sequence[Any]) -> Iterator[Any]:
    """Each object of a column once, in order of first coming; None is left out."""
    return (value for value in dict(zip(map(id, column), column, strict=True)).values() if value is not None)


def places_of(column: Sequence[Any], wanted: dict[int, Any]) -> Iterator[tuple[int, Any]]:
    """(row, what `wanted` says) of each row whose object is in `wanted`, a dict by `id` of objects of this column."""
    if wanted:
        for at, key in enumerate(map(id, column)):
            if key in wanted:
                yield at, wanted[key]
