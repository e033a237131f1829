"""One look at the mart for one page: whether anything has changed is asked once, and all figures of the page answer to it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any, TypeVar

from zhenwu.mart.copying import heads
from zhenwu.mart.places import Places
from zhenwu.mart.store import Stamp, mart

_Seen = TypeVar("_Seen")
_look: ContextVar[dict[Any, Any] | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """For reading: what is committed meanwhile shows in the next look. Also a decorator of views."""
    token = _look.set({}) if _look.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _look.reset(token)


def places_on(day: date) -> Places:
    return _once(("places", day), lambda: mart().places(day))


def stamp_of(ledgers: Iterable[str]) -> Stamp:
    """As `Mart.stamp`."""
    now = _once("heads", heads)
    places = _once("stamp of places", lambda: mart().stamp_of_places(now))
    return mart().stamp(ledgers, now, places)


def _once(key: Any, ask: Callable[[], _Seen]) -> _Seen:
    seen = _look.get()
    if seen is None:
        return ask()
    if key not in seen:
        seen[key] = ask()
    return seen[key]
