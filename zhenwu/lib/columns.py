"""Columns: a sequence with one value per row. What stands in many rows is worked out once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from types import NoneType
from typing import Any, TypeVar

_Value = TypeVar("_Value")
_NUMBERS = {bool, int, float, Decimal}
_AT_ONCE = 5000  # values: what is known of so many stays near the processor; of a whole column each look costs twice


def mapped(column: Sequence[Any], make: Callable[[Any], Any], nothing: Any = None) -> list[Any]:
    """make(value) for each value, `nothing` for None.

    Worked out once for each object, not for each value that is equal: 1, 1.0 and True are told apart, and lists are allowed.
    """
    parts = (column[start : start + _AT_ONCE] for start in range(0, len(column), _AT_ONCE))
    return list(chain.from_iterable(_looked_up(some, list(map(id, some)), make, nothing) for some in parts))


def by_value(column: Sequence[Any], make: Callable[[Any], Any], nothing: Any = None) -> list[Any]:
    """As `mapped`, worked out once for each value: for a file or a database, which make each equal value anew.

    Equal numbers of different types (1, 1.0, True) are told apart.
    """
    keys = column
    if len(types_in(column) & _NUMBERS) > 1:
        keys = list(zip(map(type, column), column, strict=True))
    if len({*keys[:_AT_ONCE]}) > 0.9 * min(len(column), _AT_ONCE):
        return _each(column, make, nothing)
    return _looked_up(column, keys, make, nothing)


def _looked_up(column: Sequence[Any], keys: Sequence[Any], make: Callable[[Any], Any], nothing: Any) -> list[Any]:
    made = dict(zip(keys, column, strict=True))
    if len(made) > 0.9 * len(column):
        return _each(column, make, nothing)
    for key, value in made.items():
        made[key] = nothing if value is None else make(value)
    return list(map(made.__getitem__, keys))


def _each(column: Sequence[Any], make: Callable[[Any], Any], nothing: Any) -> list[Any]:
    """For a column in which hardly anything stands twice: to look up what is known would cost more than it saves."""
    return [nothing if value is None else make(value) for value in column]


def types_in(column: Iterable[Any]) -> set[type]:
    """Of its values. The quickest way to learn that a column holds nothing of a kind: no value is compared."""
    return {*map(type, column)}


def reported(column: Sequence[Any]) -> Sequence[Any]:
    """The values that are not None."""
    return [value for value in column if value is not None] if NoneType in types_in(column) else column


def at_places(column: Sequence[_Value], places: Sequence[int]) -> Sequence[_Value]:
    """The values at these places, which are ascending; of all places the column itself."""
    return column if len(places) == len(column) else [column[at] for at in places]


def distinct(column: Sequence[Any]) -> Iterator[Any]:
    """Each object of a column once, in order of first coming; None is left out."""
    return (value for value in dict(zip(map(id, column), column, strict=True)).values() if value is not None)


def places_of(column: Sequence[Any], wanted: dict[int, Any]) -> Iterator[tuple[int, Any]]:
    """(row, what `wanted` says) of each row whose object is in `wanted`, a dict by `id` of objects of this column."""
    if wanted:
        for at, key in enumerate(map(id, column)):
            if key in wanted:
                yield at, wanted[key]
