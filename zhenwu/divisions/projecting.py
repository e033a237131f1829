"""What an event would write, worked out without writing: the places it ends and opens, the edges, the names it leaves.
`judging` looks for what is wrong with it, `effect` writes it, the preview shows it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from zhenwu.divisions.codes import class_of, free_codes, own_number
from zhenwu.divisions.models import Alias, Basis, Division, Edge, Event, EventKind, Flow, Level, PlannedUnit
from zhenwu.divisions.names import group_number

_SAME_PLACE = (EventKind.RENAME, EventKind.RECODE, EventKind.RECLASS, EventKind.TRANSFER)
_GOES_ON = (EventKind.TRANSFER, EventKind.BOUNDARY)
_BELOW = {Level.TOWN: Level.COUNTY, Level.VILLAGE: Level.TOWN, Level.GROUP: Level.VILLAGE}
_WHOLE = Decimal(1)
_TOLERANCE = Decimal("0.0001")


@dataclass
class Projection:
    """`alive`: the places in force on the day before this event, by id. `closed`: those that end, with `valid_to` set.
    `opened`: unsaved, parents first. `unplaced`: groups (or villages) of an ending unit that nobody gave a destination.
    `full`: places that could not be given a code, as none is left."""

    event: Event
    on: date
    alive: dict[uuid.UUID, Division]
    units: dict[int, Division] = field(default_factory=dict)  # by PlannedUnit.pk: the place it is
    flows: list[Flow] = field(default_factory=list)
    closed: dict[uuid.UUID, Division] = field(default_factory=dict)
    opened: list[Division] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    renumbered: list[tuple[Division, Division]] = field(default_factory=list)  # (was, now): another number or name
    unplaced: list[Division] = field(default_factory=list)
    full: list[Division] = field(default_factory=list)

    @property
    def involved(self) -> set[uuid.UUID]:
        """Every place there already that the event touches: what ends, what gives, what takes."""
        taking = {unit.pk for unit in self.units.values() if unit.pk in self.alive}
        return {flow.source_id for flow in self.flows} | set(self.closed) | taking

    def stays(self) -> Iterable[Division]:
        """The places in force after the event."""
        yield from (place for pk, place in self.alive.items() if pk not in self.closed)
        yield from self.opened


def project(event: Event) -> Projection:
    """Needs a day (`event.effective`). Works with faulty plans too, so that all faults can be told at once."""
    on = event.effective
    if on is None:
        raise ValueError("project needs an event with a day")
    known = Division.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)
    return _Work(event, on, {place.pk: place for place in known}).done()


class _Work:
    def __init__(self, event: Event, on: date, alive: dict[uuid.UUID, Division]) -> None:
        self.event, self.on = event, on
        self.made = Projection(event, on, alive)
        self.children: dict[uuid.UUID, list[Division]] = defaultdict(list)
        for place in sorted(alive.values(), key=lambda one: one.code):
            if place.parent_id:
                self.children[place.parent_id].append(place)
        self.planned: list[PlannedUnit] = list(event.units.select_related("place", "parent"))
        self.made.flows = list(event.flows.select_related("source", "target"))
        self.used: dict[uuid.UUID, set[str]] = defaultdict(set)  # names under a parent after the event

    def done(self) -> Projection:
        same = [flow for flow in self.made.flows if flow.target is None or flow.source.level == flow.target.level]
        self.under = [flow for flow in self.made.flows if flow.target and flow.source.level != flow.target.level]
        self.moved = {flow.source_id: flow.target_id for flow in self.under}
        kept: set[uuid.UUID] = {unit.place_id for unit in self.planned if unit.place_id}
        ends = [flow.source for flow in same if self._ends(flow, kept)]
        self._find_codes_in_use(ends)
        self._open_units(same)
        for place in ends:
            self._close(place)
        self._edges(same)
        for place in ends:
            self._carry_children(place, [flow for flow in same if flow.source_id == place.pk])
        for flow in self.under:
            if flow.source_id in self.made.alive and flow.source_id not in self.made.closed:
                self._carry(flow.source, self._unit(flow))
        return self.made

    def _ends(self, flow: Flow, kept: set[uuid.UUID]) -> bool:
        if flow.source_id not in self.made.alive or flow.source_id in kept:
            return False
        return flow.basis == Basis.WHOLE or self.event.kind not in _GOES_ON

    def _find_codes_in_use(self, ends: list[Division]) -> None:
        """Codes of places that are there on the day or later and do not end in this event."""
        going = {place.pk for place in ends} | self.moved.keys()
        front = list(going)
        while front:
            below = [child.pk for pk in front for child in self.children[pk] if child.pk not in going]
            going |= set(below)
            front = below
        found = Division.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=self.on)).exclude(pk__in=going)
        self.taken = set(found.values_list("code", flat=True))
        for pk, place in self.made.alive.items():
            if pk not in going and place.parent_id:
                self.used[place.parent_id].add(self._plain(place))

    # units
    def _open_units(self, same: list[Flow]) -> None:
        for unit in self.planned:
            if unit.place is not None:
                self.made.units[unit.pk] = self.made.alive.get(unit.place.pk, unit.place)
                continue
            sources = [flow.source for flow in same if flow.target_id == unit.pk]
            self.made.units[unit.pk] = self._opened(unit, sources)

    def _opened(self, unit: PlannedUnit, sources: list[Division]) -> Division:
        new = Division(
            code=unit.code, name=unit.name, full_name=unit.full_name, level=unit.level, cls=unit.cls, parent=unit.parent,
            urban_rural=unit.urban_rural, seat=unit.seat, valid_from=self.on, born_event=self.event,
        )  # fmt: skip
        if len(sources) == 1 and self.event.kind in _SAME_PLACE:
            (was,) = sources
            new.root_id, new.area_km2, new.farm_mu = was.root_pk, was.area_km2, was.farm_mu
            new.urban_rural, new.seat = new.urban_rural or was.urban_rural, new.seat or was.seat
        elif sources and self.event.kind != EventKind.SPLIT:
            new.area_km2, new.farm_mu = _sum([one.area_km2 for one in sources]), _sum([one.farm_mu for one in sources])
        if not new.code:
            wish = sources[0].code if sources and self.event.kind != EventKind.RECODE else ""
            if self.event.kind == EventKind.RECODE:
                self.taken |= {one.code for one in sources}
            self._give_code(new, wish)
        self.taken.add(new.code)
        if new.parent_id:
            self.used[new.parent_id].add(self._plain(new))
        self.made.opened.append(new)
        return new

    def _give_code(self, new: Division, wish: str) -> None:
        parent = new.parent
        if parent is None or new.level not in _BELOW:
            return
        if wish and new.level != Level.GROUP and new.cls and class_of(wish, new.level) != new.cls:
            wish = ""
        new.code = next(free_codes(new.level, parent.code, new.cls, self.taken, wish), "")
        if not new.code:
            self.made.full.append(new)

    def _unit(self, flow: Flow) -> Division:
        return self.made.units[flow.target_id]  # type: ignore[index]  # of a flow under a unit

    # what ends
    def _close(self, place: Division) -> None:
        stored = self.made.alive[place.pk]
        stored.valid_to, stored.end_event = self.on, self.event
        self.made.closed[place.pk] = stored

    def _edges(self, same: list[Flow]) -> None:
        of_source: dict[uuid.UUID, list[Flow]] = defaultdict(list)
        for flow in same:
            if flow.target_id and flow.source_id in self.made.alive and self._unit(flow).pk != flow.source_id:
                of_source[flow.source_id].append(flow)
        for source, flows in of_source.items():
            edges = [self._edge(flows[0].source, self._unit(flow), flow) for flow in flows]
            if source in self.made.closed:
                _fill_up(edges)
            self.made.edges += edges
            if len(edges) == 1 and edges[0].whole:
                self._leave_name(edges[0].target, flows[0].source.name)
        said = {(edge.source_id, edge.target_id) for edge in self.made.edges}
        for flow in self.under:  # what a group takes along of its village, when the plan says nothing of the village
            target, home = self._unit(flow), flow.source.parent_id
            if home in self.made.alive and home != target.pk and (home, target.pk) not in said:
                said.add((home, target.pk))
                home_goes_whole = any(edge.source_id == home and edge.whole for edge in self.made.edges)
                if flow.source.level == Level.GROUP and not home_goes_whole:
                    edge = Edge(whole=False, pop_share=None, land_share=None, basis=Basis.BY_GROUP)
                    edge.event, edge.source, edge.target = self.event, self.made.alive[home], target
                    self.made.edges.append(edge)

    def _edge(self, source: Division, target: Division, flow: Flow) -> Edge:
        whole = flow.basis == Basis.WHOLE
        return Edge(
            event=self.event, source=source, target=target, whole=whole, basis=flow.basis,
            pop_share=_WHOLE if whole else flow.pop_share, land_share=_WHOLE if whole else flow.land_share,
        )  # fmt: skip

    # what goes along
    def _carry_children(self, place: Division, flows: list[Flow]) -> None:
        targets = {flow.target_id for flow in flows}
        own = {flow.source_id for flow in self.made.flows}
        for child in self.children[place.pk]:
            if child.pk in self.made.closed or (child.pk in own and child.pk not in self.moved):
                continue  # the plan says itself what becomes of it
            if child.pk in self.moved:
                self._carry(child, self.made.units[self.moved[child.pk]])  # type: ignore[index]
            elif len(targets) == 1:
                (only,) = targets
                self._carry(child, self.made.units[only]) if only else self._end(child)
            else:
                self.made.unplaced.append(child)

    def _end(self, place: Division) -> None:
        self._close(place)
        for child in self.children[place.pk]:
            self._end(child)

    def _carry(self, child: Division, parent: Division) -> None:
        """Close a place below an ending one and open it below its successor, with a new number or name where these clash."""
        self._close(child)
        home = self.made.alive.get(child.parent_id) if child.parent_id else None
        new = Division(
            name=child.name, full_name=child.full_name, level=child.level, cls=child.cls, parent=parent,
            root_id=child.root_pk, urban_rural=child.urban_rural, seat=child.seat, area_km2=child.area_km2,
            farm_mu=child.farm_mu, valid_from=self.on, born_event=self.event,
        )  # fmt: skip
        number = own_number(child.code, child.level)
        shape = {Level.GROUP: f"{number:02d}", Level.VILLAGE: f"{number:03d}", Level.TOWN: f"{number:03d}000"}
        above = parent.code[: {Level.GROUP: 12, Level.VILLAGE: 9, Level.TOWN: 6}[Level(child.level)]]
        self._give_code(new, above + shape[Level(child.level)])
        self.taken.add(new.code)
        if child.level == Level.GROUP:
            self._name_group(new, child, home, parent)
        self.made.opened.append(new)
        edge = Edge(event=self.event, source=child, target=new)
        self.made.edges.append(edge)
        if own_number(new.code, new.level) != number or new.name != child.name:
            self.made.renumbered.append((child, new))
        for grandchild in self.children[child.pk]:
            if grandchild.pk not in self.made.closed:
                self._carry(grandchild, new)

    def _name_group(self, new: Division, was: Division, home: Division | None, parent: Division) -> None:
        """3组 stays 3组 unless its new village has one; then it is called by its new number. 青山村3组 is 山河村3组 then."""
        prefix = parent.name if home and was.name.startswith(home.name) else ""
        plain = self._plain(was)
        if plain in self.used[parent.pk]:
            is_numbered = group_number(plain) is not None
            number = own_number(new.code, Level.GROUP)
            wished = (f"{n}组" for n in [number, *range(1, 100)]) if is_numbered else iter([f"{_short(home)}{plain}"])
            plain = next((name for name in wished if name not in self.used[parent.pk]), plain)
        self.used[parent.pk].add(plain)
        new.name = f"{prefix}{plain}"
        if was.name != new.name or home is None or home.name != parent.name:
            self._leave_name(new, was.name if home and was.name.startswith(home.name) else f"{home or ''}{was.name}")

    def _plain(self, place: Division) -> str:
        home = self.made.alive.get(place.parent_id) if place.parent_id else None
        return place.name.removeprefix(home.name) if home and place.level == Level.GROUP else place.name

    def _leave_name(self, place: Division, name: str) -> None:
        if name != place.name and not any(one.division is place and one.name == name for one in self.made.aliases):
            alias = Alias(name=name[:60], valid_from=self.on, event=self.event)
            alias.division = place
            self.made.aliases.append(alias)


def _fill_up(edges: list[Edge]) -> None:
    """Shares that sum to 1 but for their rounding are made to sum to it exactly."""
    for column in ("pop_share", "land_share"):
        said = [getattr(edge, column) for edge in edges]
        if None not in said and (rest := _WHOLE - sum(said)) and abs(rest) <= _TOLERANCE:
            largest = max(edges, key=lambda edge: getattr(edge, column))
            setattr(largest, column, getattr(largest, column) + rest)


def _sum(measures: list[Decimal | None]) -> Decimal | None:
    """None when any is not reported: a part is not the whole."""
    known = [one for one in measures if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(measures) else None


def _short(place: Division | None) -> str:
    return place.name.removesuffix("村").removesuffix("社区") if place else ""
