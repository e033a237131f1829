"""Where a recorded place counts: below which place, on the boundaries as they were or as they are now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Boundary = Literal["was", "now"]
Row = Mapping[str, Any]


@dataclass
class Places:
    """All divisions and their lineage as of one day. Ids are hex strings."""

    divisions: Mapping[str, Row]  # id → columns of the mart table `division`
    as_of: date
    _became: dict[str, list[str]] = field(default_factory=dict)
    _above: dict[tuple[str, Boundary], frozenset[str]] = field(default_factory=dict)
    _perhaps: dict[tuple[str, Boundary], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def build(cls, divisions: Iterable[Row], edges: Iterable[tuple[str, str, date]], as_of: date) -> "Places":
        """`edges` are (source, target, effective)."""
        became: dict[str, list[str]] = defaultdict(list)
        for source, target, effective in edges:
            if effective <= as_of:
                became[source].append(target)
        return cls({row["id"]: row for row in divisions}, as_of, dict(became))

    def in_force(self, place: str) -> bool:
        row = self.divisions.get(place)
        if row is None:
            return False
        start, end = row["valid_from"], row["valid_to"]
        return (start is None or start <= self.as_of) and (end is None or self.as_of < end)

    def now(self, place: str) -> str | None:
        """The single place it is today; None when lineage leads to several, or nowhere."""
        seen: set[str] = set()
        while not self.in_force(place):
            targets = self._became.get(place, [])
            if len(targets) != 1 or place in seen:
                return None
            seen.add(place)
            place = targets[0]
        return place

    def div_now(self) -> list[dict[str, Any]]:
        """Rows of the mart table `div_now`."""
        found = ((place, self.now(place)) for place in self.divisions)
        return [{"as_of": self.as_of, "division": place, "now": now} for place, now in found if now is not None]

    def above(self, place: str, boundary: Boundary) -> frozenset[str]:
        """The places a row recorded at `place` counts in: itself, what it became, and all above."""
        return self._climb(place, boundary)[0]

    def perhaps_above(self, place: str, boundary: Boundary) -> frozenset[str]:
        """The places it may count in, where lineage leads to several."""
        return self._climb(place, boundary)[1]

    def at_level(self, place: str, level: str, boundary: Boundary) -> str | None:
        """The place of that level it counts in; None when undecided or when it lies above that level."""
        found = [one for one in self.above(place, boundary) if self.divisions[one]["level"] == level]
        return found[0] if len(found) == 1 else None

    def scope(self, asked: str, boundary: Boundary) -> tuple[list[str], list[str]]:
        """(recorded places that count in `asked`, those of which lineage can't tell)."""
        inside = [place for place in self.divisions if asked in self.above(place, boundary)]
        perhaps = [place for place in self.divisions if asked in self.perhaps_above(place, boundary)]
        return inside, perhaps

    def _climb(self, place: str, boundary: Boundary) -> tuple[frozenset[str], frozenset[str]]:
        key = (place, boundary)
        if key not in self._above:
            self._above[key] = self._perhaps[key] = frozenset()  # a cycle in bad data ends here
            self._above[key], self._perhaps[key] = self._found_above(place, boundary)
        return self._above[key], self._perhaps[key]

    def _found_above(self, place: str, boundary: Boundary) -> tuple[frozenset[str], frozenset[str]]:
        if place not in self.divisions:
            return frozenset(), frozenset()
        targets = self._became.get(place, []) if boundary == "now" and not self.in_force(place) else []
        if not targets:
            parent = self.divisions[place]["parent"]
            sure, perhaps = self._climb(parent, boundary) if parent else (frozenset[str](), frozenset[str]())
            return sure | {place}, perhaps
        ways = [self._climb(target, boundary) for target in targets]
        every = frozenset.intersection(*(sure for sure, _ in ways))
        some = frozenset.union(*(sure | perhaps for sure, perhaps in ways))
        return every, some - every
