"""Where a recorded place counts: below which place, on the boundaries as they were or as they are now.

A place that ended counts in what it became. A place that gave a part away and went on is different: what was recorded
there before that day belongs to the part or to the rest. Where its group is known (a statement returns the group as
`place`), it is certain; else it is undecided, and only totals may be divided by shares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from zhenwu.divisions.lineage import By, Lineage, Place, Way

Boundary = Literal["was", "now"]
Row = Mapping[str, Any]
_ALL = Decimal(1)
_NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Belonging:
    """In which places something counts: surely in `above`; perhaps in the others of `shares`, which say how much of a
    total (None: nobody said)."""

    above: frozenset[str]
    shares: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass
class Places:
    """All divisions and their lineage as of one day. Ids are hex strings."""

    divisions: Mapping[str, Row]  # id → columns of the mart table `division`
    lineage: Lineage[str]
    as_of: date
    _belongings: dict[tuple[str, Boundary, date | None, By], Belonging] = field(default_factory=dict)

    @classmethod
    def build(cls, divisions: Iterable[Row], ways: Iterable[Way[str]], as_of: date) -> "Places":
        rows = {row["id"]: row for row in divisions}
        places = (
            Place(one["id"], one["parent"], one["valid_from"] or date.min, one["valid_to"], one.get("end_order"))
            for one in rows.values()
        )
        return cls(rows, Lineage(places, ways), as_of)

    def on(self, as_of: date) -> "Places":
        """The same places as of another day."""
        return Places(self.divisions, self.lineage, as_of)

    def in_force(self, place: str) -> bool:
        known = self.lineage.places.get(place)
        return known is not None and known.in_force(self.as_of)

    def now(self, place: str) -> str | None:
        """The single place that the unit is today; None when lineage leads to several, or nowhere."""
        return self.lineage.successor(place, self.as_of) if place in self.lineage.places else None

    def div_now(self) -> list[dict[str, Any]]:
        """Rows of the mart table `div_now`."""
        found = ((place, self.now(place)) for place in self.divisions)
        return [{"as_of": self.as_of, "division": place, "now": now} for place, now in found if now is not None]

    def turns(self) -> list[date]:
        """The days on which a place gave a part away and went on: only there it matters when a row happened."""
        places = self.lineage.places
        found = {
            ways[0].on
            for source, events in self.lineage.out.items()
            for ways in events
            if ways[0].on <= self.as_of and places[source].valid_to != ways[0].on
        }
        return sorted(found)

    def belonging(self, place: str, boundary: Boundary, since: date | None = None, by: By = "any") -> Belonging:
        """Where something recorded at `place` counts. `since`: the last of `turns` that it came after; None: none."""
        key = (place, boundary, since if boundary == "now" else None, by)
        found = self._belongings.get(key)
        if found is None:
            found = self._belongings[key] = self._find(*key)
        return found

    def above(self, place: str, boundary: Boundary, since: date | None = None) -> frozenset[str]:
        """The places it surely counts in: itself, what it became, and all above."""
        return self.belonging(place, boundary, since).above

    def at_level(self, place: str, level: str, boundary: Boundary, since: date | None = None) -> str | None:
        """The place of that level it counts in; None when undecided or when it lies above that level."""
        found = [one for one in self.above(place, boundary, since) if self.divisions[one]["level"] == level]
        return found[0] if len(found) == 1 else None

    def _find(self, place: str, boundary: Boundary, since: date | None, by: By) -> Belonging:
        here = self.lineage.places.get(place)
        if here is None:
            return Belonging(_NOWHERE)
        if boundary == "was":
            return Belonging(self._recorded_above(place))
        if since is not None and here.valid_to is not None and since >= here.valid_to:
            since = here.valid_to - timedelta(days=1)  # written down under a place that was no more
        standing = self.lineage.standing(place, self.as_of, since=since, by=by)
        if standing.place is not None:
            return self._up(standing.place)
        if not standing.among:  # abolished, or not begun: it still counts above
            up = self._up(here.parent) if here.parent else Belonging(_NOWHERE)
            return Belonging(up.above | {place}, up.shares)
        return self._joined({one: standing.shares.get(one) for one in standing.among})

    def _recorded_above(self, place: str) -> frozenset[str]:
        found: set[str] = set()
        at: str | None = place
        while at is not None and at not in found and at in self.divisions:
            found.add(at)
            at = self.divisions[at]["parent"]
        return frozenset(found)

    def _up(self, place: str) -> Belonging:
        """A place in force (or the last that is known of it) and all above it as of today."""
        parent = self.lineage.places[place].parent if place in self.lineage.places else None
        if parent is None:
            return Belonging(frozenset([place]))
        now = self.now(parent)
        if now is not None:
            up = self._up(now)
        else:
            end = self.lineage.places[parent].valid_to if parent in self.lineage.places else None
            up = self.belonging(parent, "now", end - timedelta(days=1) if end else None)
        return Belonging(up.above | {place}, up.shares)

    def _joined(self, shares: Mapping[str, Decimal | None]) -> Belonging:
        """Of one that stands at any of these: sure is what they all have in common."""
        ups = {place: self._up(place) for place in shares}
        sure = frozenset.intersection(*(up.above for up in ups.values()))
        some: dict[str, Decimal | None] = {}
        for place, up in ups.items():
            parts: dict[str, Decimal | None] = {**up.shares, **dict.fromkeys(up.above, _ALL)}
            for one, part in parts.items():
                share = shares[place]
                known = some.get(one, Decimal(0))
                some[one] = None if share is None or part is None or known is None else known + share * part
        return Belonging(sure, {one: share for one, share in some.items() if one not in sure})
