"""What rooms above know of places and this room must ask: who counts rows at a place, and the dated parameters. They
register at start (`AppConfig.ready`); this room imports none of them."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


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


Counter = Callable[[Collection[uuid.UUID], datetime | None], Sequence[Count]]
Parameter = Callable[[str, date], Any]
_counters: list[Counter] = []
_parameters: list[Parameter] = []


def register_counter(counter: Counter) -> None:
    """`counter(places, since)` counts what is recorded at exactly these places (not below them) and not voided; with
    `since` only what was recorded from that moment on. Places with nothing are left out."""
    if counter not in _counters:
        _counters.append(counter)


def register_parameters(parameter: Parameter) -> None:
    """`parameter(code, on)` is the dated parameter in force on a day, None when there is none."""
    if parameter not in _parameters:
        _parameters.append(parameter)


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
