"""Where something recorded at a place stands on another day. Plain Python: knows no database, so that the registry, the
mart and a test's model may all ask the same rules. Ids may be of any kind.

A place that ends in an event goes to the targets of its edges there. A place that goes on may give a part away: what was
recorded in it before that day belongs to the part or to the rest, and unless its group is known nobody can tell which.
A single row is then undecided; a total may be divided by shares and is marked as an estimate (估算). Who knows that it is
about people, or about land, says so (`by`): a strip of land on which nobody lives moved no person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, Literal, NamedTuple, TypeVar

K = TypeVar("K")
By = Literal["any", "pop", "land"]
_ALL = Decimal(1)
Moment = tuple[date, int]  # a day, and the order among the events of that day
START: Moment = (date.min, 0)


class Place(NamedTuple, Generic[K]):
    """What lineage needs to know of a division. `end_order`: of the event that ended it, among those of its last day; None:
    not known, then the last edges of that day are those by which it ended."""

    id: K
    parent: K | None
    valid_from: date
    valid_to: date | None
    end_order: int | None = None

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class Way(NamedTuple, Generic[K]):
    """An edge: on a day, `order` among that day's events, `source` or a part of it came to `target`."""

    source: K
    target: K
    on: date
    order: int
    whole: bool
    pop: Decimal | None
    land: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing(Generic[K]):
    """Where something stands on a day.

    `place`: the one place, when that is certain. `among`: every place it may be at; empty when lineage leads nowhere (an
    abolished place, or a day before it began). `shares`: how a total divides among these, summing to 1; {place: 1} when
    certain, empty when nobody said the shares.
    """

    place: K | None
    among: frozenset[K]
    shares: Mapping[K, Decimal] = field(default_factory=dict)

    @property
    def is_estimated(self) -> bool:
        """A total may be divided, a single row may not be placed."""
        return self.place is None and bool(self.shares)


class Lineage(Generic[K]):
    """All places and edges. Answers are kept: build a new one when places change."""

    def __init__(self, places: Iterable[Place[K]], ways: Iterable[Way[K]]) -> None:
        self.places: dict[K, Place[K]] = {place.id: place for place in places}
        self.out: dict[K, list[list[Way[K]]]] = {}  # by source: the ways of each event, in their order
        self.into: dict[K, list[Way[K]]] = defaultdict(list)
        moments: dict[K, dict[Moment, list[Way[K]]]] = defaultdict(lambda: defaultdict(list))
        for way in ways:
            moments[way.source][way.on, way.order].append(way)
            self.into[way.target].append(way)
        for source, of_source in moments.items():
            self.out[source] = [of_source[moment] for moment in sorted(of_source)]
        self._standings: dict[tuple[K, date, Moment, By], Standing[K]] = {}
        self._above: dict[K, frozenset[K]] = {}

    def standing(self, place: K, on: date, *, since: date | None = None, by: By = "any") -> Standing[K]:
        """Where something recorded at `place` stands on a day. `since`: the day it happened; from that day on only later
        events concern it (a row that is dated after its place ended goes where the place went). None: it may have happened
        at any time while the place was there."""
        here = self.places.get(place)
        if here and here.valid_to and since and since >= here.valid_to:
            since = here.valid_to - timedelta(days=1)
        return self._walk(place, on, (since, 1 << 16) if since else START, by)

    def now(self, place: K, on: date, *, since: date | None = None) -> K | None:
        """The one place, or None when lineage leads to several or nowhere."""
        return self.standing(place, on, since=since).place

    def successor(self, place: K, on: date) -> K | None:
        """The one place that the unit itself is on a day: what it gave away while it went on does not matter."""
        here = self.places[place]
        if here.in_force(on):
            return place
        last = here.valid_to - timedelta(days=1) if here.valid_to else None
        return self.standing(place, on, since=last).place

    def final_ways(self, place: K) -> list[Way[K]]:
        """The edges by which a place ended; none while it is in force or when it was abolished."""
        here, of_events = self.places[place], self.out.get(place)
        if here.valid_to is None or not of_events:
            return []
        last = of_events[-1]
        is_end = last[0].on == here.valid_to and here.end_order in (None, last[0].order)
        return last if is_end else []

    def above(self, place: K) -> frozenset[K]:
        """The places a row of `place` counts below, on today's boundaries: itself, what it became, and all above these;
        also the former place in which it ended together with it. A place that was divided counts below none of its parts."""
        known = self._above.get(place)
        if known is None:
            self._above[place] = frozenset()  # a cycle in bad data ends here
            known = self._above[place] = self._found_above(place)
        return known

    def below(self, places: Iterable[K]) -> set[K]:
        """Everything that counts below any of these, themselves included."""
        wanted = frozenset(places)
        return {one for one in self.places if self.above(one) & wanted}

    # how
    def _walk(self, place: K, on: date, after: Moment, by: By) -> Standing[K]:
        key = (place, on, after, by)
        known = self._standings.get(key)
        if known is None:
            self._standings[key] = Standing(None, frozenset())  # a cycle in bad data ends here
            known = self._standings[key] = self._found(place, on, after, by)
        return known

    def _found(self, place: K, on: date, after: Moment, by: By) -> Standing[K]:
        here = self.places.get(place)
        if here is None or here.valid_from > on:
            return Standing(None, frozenset())
        final = self.final_ways(place)
        parts: list[tuple[Decimal | None, Standing[K]]] = []
        rest: Decimal | None = _ALL
        for ways in self.out.get(place, ()):
            moment = (ways[0].on, ways[0].order)
            if ways[0].on > on or moment <= after:
                continue
            given: Decimal | None = Decimal(0)
            for way in ways:
                share = _ALL if way.whole else way.land if by == "land" else way.pop
                given = None if given is None or share is None else given + share
                parts.append((_product(rest, share), self._walk(way.target, on, moment, by)))
            if ways is final:
                return _joined(parts, by)
            rest = _product(rest, None if given is None else _ALL - given)
        if here.in_force(on):
            parts.append((rest, Standing(place, frozenset([place]), {place: _ALL})))
        else:
            parts.append((rest, Standing(None, frozenset())))
        return _joined(parts, by)

    def _found_above(self, place: K) -> frozenset[K]:
        here = self.places[place]
        own = frozenset([place])
        parent = self.places.get(here.parent) if here.parent is not None else None
        targets = {way.target for way in self.final_ways(place)} if here.valid_to is not None else set()
        if not targets:
            return own | self.above(parent.id) if parent else own
        if parent and parent.valid_to is not None and here.valid_to is not None and parent.valid_to <= here.valid_to:
            own |= {parent.id}
        return own | frozenset.intersection(*(self.above(target) for target in targets))


def _product(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    """None is a share that nobody said; a share of nothing is nothing all the same."""
    if a == 0 or b == 0:
        return Decimal(0)
    return None if a is None or b is None else a * b


def _joined(parts: list[tuple[Decimal | None, Standing[K]]], by: By) -> Standing[K]:
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    if by != "any":  # a share of nothing took nothing along
        parts = [(share, part) for share, part in parts if share != 0]
    among = frozenset[K]().union(*(part.among for _, part in parts))
    lost = any(not part.among for _, part in parts)
    if len(among) == 1 and not lost:
        (place,) = among
        return Standing(place, among, {place: _ALL})
    if lost or any(share is None or not part.shares for share, part in parts):
        return Standing(None, among)
    shares: dict[K, Decimal] = defaultdict(Decimal)
    for share, part in parts:
        for place, inner in part.shares.items():
            shares[place] += (share or 0) * inner
    return Standing(None, among, dict(shares))
