"""What rooms above know of places and this room must ask: who counts rows at a place, the dated parameters, and what a person
decides to carry along with an event. They register at start (`AppConfig.ready`); this room imports none of them."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhenwu.changes.models import Change
    from zhenwu.divisions.models import Event
    from zhenwu.divisions.projecting import Projection


@dataclass(frozen=True, slots=True)
class Count:
    """So many rows of one kind at one place. `key` names the kind (a ledger's code, "appointment"), `label` in words.

    `standing`: rows that say where somebody or something is now (persons, households, posts), not what happened once.
    """

    key: str
    label: str
    place: uuid.UUID
    rows: int
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """Rows of a room above that say where somebody is, and go along with an event as a person decided (posts).

    `unsettled(event, made)`: in words, what nobody decided yet; `made` is what the event would write, None once it is in effect.
    `follow(event, change, by)`: carry out what was decided, in the change that put the event into effect.
    `in_the_way(event)`: in words, why it could not be taken back. `take_back(event, change)`: everything as it was before.
    """

    kinds: frozenset[str]  # keys of `Count` that it looks after: they stand in the way of undoing only by `in_the_way`
    unsettled: "Callable[[Event, Projection | None], Sequence[str]]"
    follow: "Callable[[Event, Change, Any], None]"
    in_the_way: "Callable[[Event], Sequence[str]]"
    take_back: "Callable[[Event, Change], None]"


Counter = Callable[[Collection[uuid.UUID], datetime | None], Sequence[Count]]
Parameter = Callable[[str, date], Any]
_counters: list[Counter] = []
_parameters: list[Parameter] = []
_followers: list[Follower] = []


def register_counter(counter: Counter) -> None:
    """`counter(places, since)` counts what is recorded at exactly these places (not below them) and not voided; with
    `since` only what was recorded from that moment on. Places with nothing are left out."""
    if counter not in _counters:
        _counters.append(counter)


def register_parameters(parameter: Parameter) -> None:
    """`parameter(code, on)` is the dated parameter in force on a day, None when there is none."""
    if parameter not in _parameters:
        _parameters.append(parameter)


def register_follower(follower: Follower) -> None:
    if follower not in _followers:
        _followers.append(follower)


def followers() -> Sequence[Follower]:
    return _followers


def unsettled(event: "Event", made: "Projection | None" = None) -> list[str]:
    """What nobody decided yet of all that goes along with an event, in words."""
    return [words for one in _followers for words in one.unsettled(event, made)]


def counts(places: Collection[uuid.UUID], since: datetime | None = None) -> list[Count]:
    """What all rooms count at these places, in their order."""
    return [count for counter in _counters for count in counter(places, since)] if places else []


def counts_by_place(places: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Count]]:
    found: dict[uuid.UUID, list[Count]] = defaultdict(list)
    for count in counts(places):
        found[count.place].append(count)
    return found


def parameter(code: str, on: date) -> Any:
    return next((value for ask in _parameters if (value := ask(code, on)) is not None), None)
