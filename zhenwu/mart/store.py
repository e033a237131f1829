"""The mart of this instance: DuckDB over Parquet copies of the ledgers, never older than the last commit.

A copy holds a ledger at one point of its hash chain. What was written since is read from the database by the row ids in
the history and laid over the copy, so that asking after one change costs one row, not the table. The background makes
the copy anew when much has been written (tasks.py); where it could not yet, the first who asks does.

All ledgers that a statement reads are shown as of one moment of the database, and stay so for whoever is reading them.
"""

# ruff: noqa: S608  names come from the packs' schema

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
from django.conf import settings

from zhenwu.changes.models import History
from zhenwu.divisions.lineage import Way
from zhenwu.divisions.models import Division, Edge
from zhenwu.divisions.queries import places_state
from zhenwu.lib.workdays import Calendar, default_calendar, working_calendar
from zhenwu.mart.copying import START, Unit, heads, is_before, is_far_behind, make_copy, newest_copy
from zhenwu.mart.engine import fill, open_engine, run, seal
from zhenwu.mart.files import Copy, Shelf, State
from zhenwu.mart.kept import Kept, Parts
from zhenwu.mart.memory import fill_calendar, fill_reference, to_arrow
from zhenwu.mart.overlay import Shown, lay_over, show_copy
from zhenwu.mart.places import Places
from zhenwu.mart.raw import one_moment
from zhenwu.mart.reference import parameter_rows
from zhenwu.mart.schema import SHARED, MartSchema, build_schema
from zhenwu.mart.statements import Prepared
from zhenwu.packs import runtime

_LOOK = 200  # versions laid over a copy from which on a newer one is looked for
_DIVISION = "division"  # the chain of places
_CALENDAR = "calendar"  # the chain of the working days
_Answer = TypeVar("_Answer")
Stamp = tuple[tuple[str, Any], ...]


@dataclass
class Reading:
    """Some units as of one moment: what others write or refresh meanwhile does not show here."""

    _cursor: duckdb.DuckDBPyConnection
    _seconds: float
    _shown: Mapping[str, Shown]
    _shared: Hashable
    places: Places  # without a day: all there are

    def query_parts(self, kept: Kept, prepared: Prepared, values: Mapping[str, Any], around: str) -> Parts:
        asked = around, tuple(sorted(values.items()))
        return kept.parts(prepared, asked, self._shown, self._shared, lambda one: self.query(one, values, around))

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        return run(self._cursor, prepared, values, around=around, seconds=self._seconds)

    def look_up(self, sql: str, values: Mapping[str, Any]) -> pa.Table:
        """Rows of the platform's own SQL over `base.<ledger>` (never a pack's)."""
        return self._cursor.sql(sql, params=dict(values)).to_arrow_table()

    def copy_of(self, unit: str) -> tuple[Copy, bool]:
        """The copy that is under the unit, and whether anything is laid over it."""
        shown = self._shown[unit]
        return shown.copy, shown.changed

    def pages(self, table: str, rows: int) -> pa.RecordBatchReader:
        """All rows of a table, some at a time."""
        return self._cursor.sql(f'SELECT * FROM base."{table}"').to_arrow_reader(rows)


class Mart:
    """One warm engine for this process; threads share it, each with a cursor of its own."""

    def __init__(self, folder: Path, schema: MartSchema, *, seconds: float = 30, memory_limit: str = "1GB") -> None:
        self.schema = schema
        self.seconds = seconds
        self.shelf = Shelf(folder)
        self._engine = open_engine(folder=folder, memory_limit=memory_limit)
        fill_reference(self._engine)
        seal(self._engine)
        self._lock = threading.RLock()
        self._shown: dict[str, Shown] = {}
        self._kept = Kept()
        self._places_state: Any = None
        self._calendar: Calendar = default_calendar()
        self._divisions: list[dict[str, Any]] = []
        self._lineage = Places.build((), (), date.min)
        self._places: dict[date, Places] = {}

    @contextmanager
    def reading(self, units: Iterable[str], as_of: date | None = None) -> Iterator[Reading]:
        """The units as of the last commit, for several questions that must not differ."""
        with self._lock:
            self.refresh(units, as_of)
            cursor = self._engine.cursor()
            cursor.begin()
            cursor.execute("SELECT n FROM base.number LIMIT 1").fetchall()  # from here on the cursor sees no change
            shared = self._places_state, self._calendar
            now = Reading(cursor, self.seconds, dict(self._shown), shared, self._lineage)
        try:
            yield now
        finally:
            cursor.close()

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        """Rows of the statement, as of the last commit. `around` selects from `{}`. Raises QueryTooSlow."""
        return self._asked(prepared, values, lambda now: now.query(prepared, values, around))

    def query_parts(self, prepared: Prepared, values: Mapping[str, Any], around: str) -> Parts:
        """The same in parts, for sums: after a change only what was written since the copy is asked anew. `around` sums up
        rows in a way that parts can be added and taken away."""
        return self._asked(prepared, values, lambda now: now.query_parts(self._kept, prepared, values, around))

    def _asked(self, prepared: Prepared, values: Mapping[str, Any], ask: Callable[[Reading], _Answer]) -> _Answer:
        try:
            with self.reading(prepared.units, values.get("as_of")) as now:
                return ask(now)
        except duckdb.IOException:  # another process made the copy anew between the two, because rows were erased
            with self.reading(prepared.units, values.get("as_of")) as now:
                return ask(now)

    def look_up(self, ledgers: Iterable[str], sql: str, values: Mapping[str, Any]) -> pa.Table:
        with self.reading(ledgers) as now:
            return now.look_up(sql, values)

    def stamp(
        self, ledgers: Iterable[str], now: Mapping[str, State] | None = None, places: Stamp | None = None
    ) -> Stamp:
        """Changes with every commit to the ledgers or to the places: what a cached answer depends on. `now` and `places`:
        what `heads` and `stamp_of_places` said to who asks for several."""
        now = heads() if now is None else now
        states: list[tuple[str, Any]] = [(code, now.get(code, START)) for code in sorted(ledgers)]
        return (*states, *(self.stamp_of_places(now) if places is None else places))

    def stamp_of_places(self, now: Mapping[str, State] | None = None) -> Stamp:
        """Changes with the places and the working days."""
        now = heads() if now is None else now
        return (_DIVISION, places_state()), (_CALENDAR, now.get(_CALENDAR, START))

    def refresh(self, units: Iterable[str], as_of: date | None = None) -> None:
        """Bring the units up to the last commit, all to the same one; and the table div_now for `as_of`."""
        with self._lock:
            wanted = [Unit.of(self.schema, code) for code in sorted(set(units))]
            if behind := self._behind(wanted, heads()):
                copies = {unit.code: self._copy_for(unit) for unit in behind}
                self._catch_up(wanted, copies)
            self._refresh_places()
            self._refresh_calendar()
            if as_of is not None:
                self._know_day(as_of)

    def places(self, as_of: date) -> Places:
        with self._lock:
            self.refresh((), as_of)
            return self._places[as_of]

    def turns(self, as_of: date) -> list[date]:
        return self.places(as_of).turns()

    def close(self) -> None:
        self._engine.close()

    def renew(self, ledger: str) -> None:
        """Copy the ledger anew and let no older copy lie: rows of it were erased."""
        with self._lock:
            units = [one for code in self.schema.units if (one := Unit.of(self.schema, code)).ledger == ledger]
            for unit in units:
                self.shelf.drop(unit.tables, but=make_copy(self.shelf, unit))
            self.refresh(code for code in self._shown if code in {unit.code for unit in units})

    # ledgers
    def _behind(self, units: Iterable[Unit], now: Mapping[str, State]) -> list[Unit]:
        found = []
        for unit in units:
            shown = self._shown.get(unit.code)
            if shown is None or shown.state != _short(now.get(unit.ledger, START)) or not shown.copy.is_there():
                found.append(unit)
        return found

    def _copy_for(self, unit: Unit) -> Copy:
        """The copy to build on. Made here when there is none, or when the background has not come to it."""
        head = heads().get(unit.ledger, START)
        shown = self._shown.get(unit.code)
        if shown and shown.copy.is_there() and is_before(unit.ledger, shown.copy.state, head):
            known, is_near = shown.copy, head.seq - shown.copy.state.seq < _LOOK
        else:
            known, is_near = None, False
        newest = known if is_near else newest_copy(self.shelf, unit, head) or known
        if newest is None or is_far_behind(newest, head):
            return make_copy(self.shelf, unit, unless=newest.made if newest else 1)
        return newest

    def _catch_up(self, units: Iterable[Unit], copies: Mapping[str, Copy]) -> None:
        """Show the units as of one moment of the database, in one step of the engine: all of it or nothing."""
        found: dict[str, Shown] = {}
        self._engine.begin()
        try:
            with one_moment():
                now = heads()
                for unit in self._behind(units, now):
                    copy = copies.get(unit.code) or self._shown[unit.code].copy
                    found[unit.code] = self._show(unit, copy, now.get(unit.ledger, START))
        except BaseException:
            self._engine.rollback()
            raise
        self._engine.commit()
        self._shown |= found

    def _show(self, unit: Unit, copy: Copy, head: State) -> Shown:
        shown = self._shown.get(unit.code)
        if shown is None or shown.copy != copy or not is_before(unit.ledger, shown.state, head):
            shown = show_copy(self._engine, unit, copy)
        since = History.objects.filter(ledger=unit.ledger, seq__gt=shown.state.seq, seq__lte=head.seq)
        ids = list(since.values_list("row", flat=True).distinct())
        return lay_over(self._engine, unit, shown, _short(head), ids, unit.rows_of(ids))

    # places
    def _refresh_places(self) -> None:
        state = places_state()
        if state == self._places_state:
            return
        self._divisions = [_division_row(one) for one in Division.objects.select_related("end_event")]
        self._lineage = Places.build(self._divisions, _ways(), date.max)
        self._places.clear()
        fill(self._engine, "division", SHARED["division"], to_arrow(SHARED["division"], self._divisions))
        home = home_of(self._divisions)
        parameters = parameter_rows(runtime.packs().parameters, home["code"] if home else "")
        fill(self._engine, "parameter", SHARED["parameter"], to_arrow(SHARED["parameter"], parameters))
        self._places_state = state

    def _refresh_calendar(self) -> None:
        calendar = working_calendar()  # the same object until the chain `calendar` grows
        if calendar is not self._calendar:
            fill_calendar(self._engine, calendar)
            self._calendar = calendar

    def _know_day(self, as_of: date) -> None:
        if as_of not in self._places:
            self._places[as_of] = self._lineage.on(as_of)
            rows = [row for places in self._places.values() for row in places.div_now()]
            fill(self._engine, "div_now", SHARED["div_now"], to_arrow(SHARED["div_now"], rows))


def home_of(divisions: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The township of the instance; None before its places are there."""
    towns = [one for one in divisions if one["level"] == "town" and one["valid_to"] is None]
    return min(towns, key=lambda one: str(one["code"]), default=None)


def _short(state: State) -> State:
    return State(state.seq, state.short)


def _ways() -> list[Way[str]]:
    edges = Edge.objects.order_by().values_list(
        "source_id", "target_id", "event__effective", "event__order", "whole", "pop_share", "land_share"
    )
    return [
        Way(source.hex, target.hex, on, order, whole, pop, land)
        for source, target, on, order, whole, pop, land in edges
        if on is not None
    ]


def _division_row(one: Division) -> dict[str, Any]:
    return {
        "id": one.pk.hex, "code": one.code, "name": one.name, "level": str(one.level),
        "parent": one.parent_id.hex if one.parent_id else None,
        "valid_from": one.valid_from, "valid_to": one.valid_to, "community": one.is_community,
        "end_order": one.end_event.order if one.end_event else None,
    }  # fmt: skip


def renew(ledger: str) -> None:
    mart().renew(ledger)


@runtime.once_per_packs
def running_schema() -> MartSchema:
    """The schema of the packs this process runs; the store, the figures and the checks share it."""
    packs = runtime.packs()
    return build_schema(packs.packs, packs.parameters)


_current: Mart | None = None
_current_of: tuple[str, str] = ("", "")
_current_lock = threading.Lock()


def mart() -> Mart:
    """The mart of this process, for the running packs and the instance's folder."""
    global _current, _current_of
    wanted = (str(settings.INSTANCE), runtime.pack_hash())
    with _current_lock:
        if _current is None or _current_of != wanted:
            _current = Mart(Path(settings.INSTANCE) / "mart", running_schema())
            _current_of = wanted
        return _current
