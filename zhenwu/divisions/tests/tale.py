"""A township's places as plain Python: who holds which groups and which pieces of land. It knows nothing of edges, shares
or dates of validity; test_histories.py compares the registry with it."""

import uuid
from dataclasses import dataclass, field
from datetime import date

Thing = tuple[
    str, ...
]  # a group ("g1",), or a piece of land ("l", "甲", "1", …): longer names are parts of shorter ones


@dataclass
class Tale:
    """`groups`: what each group in force holds; `land`: each village's pieces; `home`: a group's village."""

    groups: dict[uuid.UUID, set[Thing]] = field(default_factory=dict)
    home: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    land: dict[uuid.UUID, set[Thing]] = field(default_factory=dict)

    def copy(self) -> "Tale":
        return Tale(
            {pk: set(held) for pk, held in self.groups.items()},
            dict(self.home),
            {pk: set(own) for pk, own in self.land.items()},
        )

    def of_village(self, village: uuid.UUID) -> set[Thing]:
        """All that a row of the village without a group may be about."""
        held = [things for pk, things in self.groups.items() if self.home[pk] == village]
        return self.land[village].union(*held)

    def of(self, place: uuid.UUID) -> set[Thing]:
        return set(self.groups[place]) if place in self.groups else self.of_village(place)

    def villages_of(self, things: set[Thing]) -> set[uuid.UUID]:
        """The villages that hold any of these now, or a part of any."""
        return {
            village
            for village in self.land
            if any(_touch(one, other) for one in self.of_village(village) for other in things)
        }

    # what events do
    def move_group(self, old: uuid.UUID, new: uuid.UUID, village: uuid.UUID) -> None:
        self.groups.setdefault(new, set()).update(self.groups.pop(old))
        self.home.pop(old)
        self.home[new] = village

    def move_land(self, old: uuid.UUID, new: uuid.UUID) -> None:
        self.land.setdefault(new, set()).update(self.land.pop(old))

    def cut_land(self, giver: uuid.UUID, taker: uuid.UUID) -> None:
        """A strip of one piece of the giver's land goes to the taker."""
        piece = min(self.land[giver])
        self.land[giver] = (self.land[giver] - {piece}) | {(*piece, "0")}
        self.land.setdefault(taker, set()).add((*piece, "1"))


def _touch(one: Thing, other: Thing) -> bool:
    short = min(len(one), len(other))
    return one[:short] == other[:short]


@dataclass(frozen=True)
class Row:
    """Something recorded at a place on a day; `things`: what it may be about."""

    place: uuid.UUID
    day: date
    things: frozenset[Thing]
