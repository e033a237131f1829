"""The mart of this instance: DuckDB over Parquet copies of the ledgers, never older than the last commit.

A copy holds a ledger at one point of its hash chain. What was written since is read from the database by the row ids in
the history and laid over the copy, so that asking after one change costs one row, not the table. When much has been
written, the copy is made anew.
"""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from zhenwu.changes.models import ChainHead, History
from zhenwu.divisions.lineage import Way
from zhenwu.divisions.models import Division, Edge
from zhenwu.divisions.queries import places_state
from zhenwu.lib.workdays import Calendar, default_calendar, working_calendar
from zhenwu.mart.engine import fill, open_engine, run, seal
from zhenwu.mart.extract import extract
from zhenwu.mart.files import Copy, Shelf, State
from zhenwu.mart.memory import fill_calendar, fill_reference, to_arrow
from zhenwu.mart.places import Places
from zhenwu.mart.reference import parameter_rows
from zhenwu.mart.schema import SHARED, MartSchema, Table, build_schema
from zhenwu.mart.statements import Prepared
from zhenwu.packs import runtime

_SMALL = 2000  # rows written since the copy was made that are always laid over it
_SHARE = 10  # … and one in so many of the copy's rows
_DIVISION = "division"  # the chain of places
_CALENDAR = "calendar"  # the chain of the working days
_START = State(0, "")
Stamp = tuple[tuple[str, Any], ...]


@dataclass
class _Loaded:
    copy: Copy
    rows: int
    state: State


class Mart:
    """One warm engine for this process; threads share it, each with a cursor of its own."""

    def __init__(self, folder: Path, schema: MartSchema, *, seconds: float = 30, memory_limit: str = "1GB") -> None:
        self.schema = schema
        self.seconds = seconds
        self._shelf = Shelf(folder)
        self._engine = open_engine(folder=folder, memory_limit=memory_limit)
        fill_reference(self._engine)
        seal(self._engine)
        self._lock = threading.RLock()
        self._loaded: dict[str, _Loaded] = {}
        self._places_state: Any = None
        self._calendar: Calendar = default_calendar()
        self._divisions: list[dict[str, Any]] = []
        self._lineage = Places.build((), (), date.min)
        self._places: dict[date, Places] = {}

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        """Rows of the statement, as of the last commit. `around` selects from `{}`. Raises QueryTooSlow."""
        self.refresh(prepared.ledgers, values.get("as_of"))
        try:
            with self._engine.cursor() as cursor:
                return run(cursor, prepared, values, around=around, seconds=self.seconds)
        except duckdb.IOException:  # another process made the copy anew between the two, because rows were erased
            self.refresh(prepared.ledgers, values.get("as_of"))
            with self._engine.cursor() as cursor:
                return run(cursor, prepared, values, around=around, seconds=self.seconds)

    def look_up(self, ledgers: Iterable[str], sql: str, values: Mapping[str, Any]) -> pa.Table:
        """Rows of the platform's own SQL over `base.<ledger>` (never a pack's)."""
        self.refresh(ledgers)
        with self._engine.cursor() as cursor:
            return cursor.sql(sql, params=dict(values)).to_arrow_table()

    def stamp(self, ledgers: Iterable[str]) -> Stamp:
        """Changes with every commit to the ledgers or to the places: what a cached answer depends on."""
        heads = _heads()
        states: list[tuple[str, Any]] = [(code, heads.get(code, _START)) for code in sorted(ledgers)]
        return (*states, (_DIVISION, places_state()), (_CALENDAR, heads.get(_CALENDAR, _START)))

    def refresh(self, ledgers: Iterable[str], as_of: date | None = None) -> None:
        """Bring the ledgers up to the last commit; and the table div_now for `as_of`."""
        heads = _heads()
        with self._lock:
            self._refresh_places()
            self._refresh_calendar()
            if as_of is not None:
                self._know_day(as_of)
            for ledger in sorted(ledgers):
                state = heads.get(ledger, _START)
                known = self._loaded.get(ledger)
                if known is None or known.state != state or not known.copy.stands:
                    self._load(ledger, state)

    def places(self, as_of: date) -> Places:
        self.refresh((), as_of)
        return self._places[as_of]

    def close(self) -> None:
        self._engine.close()

    # ledgers
    def _load(self, ledger: str, state: State) -> None:
        tables = self.schema.of_ledger(ledger)
        known = self._loaded.get(ledger)
        keeps = known is not None and known.copy.stands and _is_before(known.copy, state)
        copy = known.copy if known and keeps else self._copy_on_disk(tables, state)
        changed = _rows_since(ledger, copy.state.seq) if copy else None
        if copy is None or changed is None or len(changed) > max(_SMALL, self._rows_in(copy) // _SHARE):
            with self._shelf.lock(ledger):
                copy = self._copy_on_disk(tables, state)
                changed = _rows_since(ledger, copy.state.seq) if copy else None
                if copy is None or changed is None or len(changed) > max(_SMALL, self._rows_in(copy) // _SHARE):
                    data = extract(runtime.ledger(ledger), tables)
                    copy, changed = self._shelf.put(tables, state, data.tables), []
        self._show(tables, copy, changed or [])
        self._loaded[ledger] = _Loaded(copy, self._rows_in(copy), state)

    def renew(self, ledger: str) -> None:
        """Copy the ledger anew and let no older copy lie: rows of it were erased."""
        tables = self.schema.of_ledger(ledger)
        with self._lock, self._shelf.lock(ledger):
            state = _heads().get(ledger, _START)
            copy = self._shelf.put(tables, state, extract(runtime.ledger(ledger), tables).tables)
            self._shelf.drop_others(ledger, copy)
            self._show(tables, copy, [])
            self._loaded[ledger] = _Loaded(copy, self._rows_in(copy), state)

    def _copy_on_disk(self, tables: Sequence[Table], state: State) -> Copy | None:
        return next((copy for copy in self._shelf.copies(tables) if _is_before(copy, state)), None)

    def _rows_in(self, copy: Copy) -> int:
        return int(pq.read_metadata(copy.paths[copy.ledger]).num_rows)

    def _show(self, tables: Sequence[Table], copy: Copy, changed: Sequence[uuid.UUID]) -> None:
        """Point the views at the copy, with the rows changed since laid over it."""
        over = extract(runtime.ledger(copy.ledger), tables, changed).tables if changed else {}
        ids = pa.table({"id": pa.array([one.hex for one in changed], pa.string())})
        fill(self._engine, f"{copy.ledger}:ids", {"id": "VARCHAR"}, ids)
        for table in tables:
            columns = ", ".join(f'"{column}"' for column in table.columns)
            source = f"SELECT {columns} FROM read_parquet('{_quoted(copy.paths[table.name])}')"
            if over:
                fill(self._engine, f"{table.name}:new", table.columns, over[table.name])
                key = "id" if table.kind == "ledger" else "row"
                source += (
                    f' AS c WHERE c."{key}" NOT IN (SELECT id FROM base."{copy.ledger}:ids")'
                    f' UNION ALL SELECT {columns} FROM base."{table.name}:new"'
                )
            self._engine.execute(f'CREATE OR REPLACE VIEW base."{table.name}" AS {source}')

    # places
    def _refresh_places(self) -> None:
        state = places_state()
        if state == self._places_state:
            return
        self._divisions = [_division_row(one) for one in Division.objects.all()]
        self._lineage = Places.build(self._divisions, _ways(), date.max)
        self._places.clear()
        fill(self._engine, "division", SHARED["division"], to_arrow(SHARED["division"], self._divisions))
        towns = [one["code"] for one in self._divisions if one["level"] == "town" and one["valid_to"] is None]
        parameters = parameter_rows(runtime.packs().parameters, min(towns, default=""))
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


def _heads() -> dict[str, State]:
    return {
        ledger: State(seq, digest) for ledger, seq, digest in ChainHead.objects.values_list("ledger", "seq", "hash")
    }


def _ways() -> list[Way[str]]:
    edges = Edge.objects.order_by().values_list(
        "source_id", "target_id", "event__effective", "event__order", "whole", "pop_share", "land_share"
    )
    return [
        Way(source.hex, target.hex, on, order, whole, pop, land)
        for source, target, on, order, whole, pop, land in edges
        if on is not None
    ]


def _is_before(copy: Copy, state: State) -> bool:
    """Whether the copy's point lies on the chain that ends in `state` (a chain rolled back, or another database's, is not)."""
    if copy.state.seq > state.seq:
        return False
    if copy.state.seq == state.seq:
        return copy.state.hash == (state.hash[:16] or "none")
    if copy.state.seq == 0:
        return True
    there = History.objects.filter(ledger=copy.ledger, seq=copy.state.seq).values_list("hash", flat=True).first()
    return there is not None and there[:16] == copy.state.hash


def _rows_since(ledger: str, seq: int) -> list[uuid.UUID]:
    return list(History.objects.filter(ledger=ledger, seq__gt=seq).values_list("row", flat=True).distinct())


def _division_row(one: Division) -> dict[str, Any]:
    return {
        "id": one.pk.hex, "code": one.code, "name": one.name, "level": str(one.level),
        "parent": one.parent_id.hex if one.parent_id else None,
        "valid_from": one.valid_from, "valid_to": one.valid_to, "community": one.is_community,
    }  # fmt: skip


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


@runtime.once_per_packs
def running_schema() -> MartSchema:
    """The schema of the packs this process runs; the store, the figures and the checks share it."""
    packs = runtime.packs()
    return build_schema(packs.packs, packs.parameters)


def renew(ledger: str) -> None:
    mart().renew(ledger)


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
