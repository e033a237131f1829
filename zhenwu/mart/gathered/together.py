"""Townships with one calendar and the same parameters: what one of them is asked is asked of all of them at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from zhenwu.lib.recent import Recent
from zhenwu.mart.bytown import SAME_FOR_ALL, TOWNS, by_town
from zhenwu.mart.engine import window
from zhenwu.mart.errors import QueryFailed, QueryTooSlow
from zhenwu.mart.gathered.manifest import Manifest, Shape, calendar_file, parameter_file
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.memory import to_arrow
from zhenwu.mart.places import Places
from zhenwu.mart.reference import number_rows, period_rows
from zhenwu.mart.schema import INTERNAL, SHARED, MartSchema
from zhenwu.mart.statements import Prepared
from zhenwu.mart.transpile import parsed
from zhenwu.mart.workdays import workday_lists

_ANSWERS = 3  # of the last questions, kept for the townships that come after
_TOWN = {"town": "VARCHAR"}
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Files:
    """Files of one table that have the same columns: names within the target."""

    names: Sequence[str]
    columns: Mapping[str, str]


class TownEngine(Protocol):
    def show_files(self, table: str, columns: Mapping[str, str], files: Sequence[Files]) -> None:
        """The table is in these files, which lie in folders `town=…`; a column that they lack is NULL."""

    def show_rows(self, table: str, columns: Mapping[str, str], data: pa.Table) -> None: ...

    def ask(self, tree: exp.Query, values: Mapping[str, Any], where: str) -> pa.Table:
        """Rows of a checked statement. Raises QueryTooSlow, QueryFailed."""

    def close(self) -> None: ...


OpenEngine = Callable[[Target, Rows, Rows], TownEngine]  # (where the files are, calendar, parameters)


class Member(Protocol):
    """A township of those that are asked together."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def lacks(self) -> Mapping[str, str]:
        """Ledgers whose tables cannot be read beside the others', and why."""

    def places(self, as_of: date) -> Places: ...


@dataclass
class Together:
    target: Target
    schema: MartSchema
    open_engine: OpenEngine
    shapes: Mapping[str, Shape]
    towns: list[Member] = field(default_factory=list)
    _engine: TownEngine | None = None
    _shown: set[str] = field(default_factory=set)
    _calendar: pa.Table | None = None
    _parameter: pa.Table | None = None
    _day: date | None = None
    _answers: Recent[dict[str, pa.Table] | Exception] = field(default_factory=lambda: Recent(_ANSWERS))

    def answer(self, town: str, prepared: Prepared, values: Mapping[str, Any], around: str) -> pa.Table:
        values = window(values["as_of"]) | dict(values)
        key = (prepared.sql, around, *(values[name] for name in sorted(values)))
        answers = self._answers.get(key)
        if answers is None:
            sql = around.replace("{}", f"({prepared.sql})") if around else prepared.sql
            tree = by_town(parsed(sql), SAME_FOR_ALL)
            engine = self._ready({one.name for one in tree.find_all(exp.Table) if one.db == "base"}, values["as_of"])
            try:
                answers = _by_town(engine.ask(tree, values, prepared.where))
            except (QueryFailed, QueryTooSlow) as problem:  # for the next township it would be the same
                answers = problem
            self._answers.keep(key, answers)
        if isinstance(answers, Exception):
            raise answers
        return answers.get(town, answers[""])

    def turns(self, as_of: date) -> list[date]:
        """Of all of them, so that the same question goes to all."""
        return sorted({turn for town in self.towns for turn in town.places(as_of).turns()})

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def _ready(self, tables: Iterable[str], as_of: date) -> TownEngine:
        """The engine with these tables shown."""
        if self._engine is None:
            first = self.towns[0].manifest
            self._calendar = self._read(calendar_file(first.calendar))
            self._parameter = self._read(parameter_file(first.parameter))
            self._engine = self.open_engine(self.target, self._calendar.to_pylist(), self._parameter.to_pylist())
        if self._day != as_of:
            self._shown.discard("div_now")
            self._day = as_of
        for name in sorted({*tables, *INTERNAL} - self._shown):
            table = self.schema.tables.get(name)
            if table is not None and table.kind != "shared":
                self._engine.show_files(name, table.columns, self._files(name, table.ledger))
            else:
                self._engine.show_rows(name, *self._shared(name, as_of))
            self._shown.add(name)
        return self._engine

    def _files(self, table: str, ledger: str) -> list[Files]:
        found = []
        for digest, shape in self.shapes.items():
            names = [
                one.manifest.data(table) for one in self.towns
                if one.manifest.shape == digest and one.manifest.rows.get(table) and ledger not in one.lacks
            ]  # fmt: skip
            if names:
                found.append(Files(names, shape[table]))
        return found

    def _shared(self, name: str, as_of: date) -> tuple[Mapping[str, str], pa.Table]:
        """A table that comes from no ledger, with its columns."""
        assert self._calendar is not None
        columns = (SHARED | INTERNAL).get(name, {})
        match name:
            case "calendar":
                return columns, self._calendar
            case "workdays":
                return columns, workday_lists(self._calendar.to_pylist())
            case "parameter":
                return columns, self._parameter
            case "period":
                return columns, to_arrow(columns, period_rows())
            case "number":
                return columns, to_arrow(columns, number_rows())
            case "division" | "div_now":
                columns = {**columns, **_TOWN}
                return columns, to_arrow(columns, self._of_places(name, as_of))
        assert name == TOWNS, name
        return _TOWN, to_arrow(_TOWN, [{"town": one.manifest.town} for one in self.towns])

    def _of_places(self, name: str, as_of: date) -> Iterable[dict[str, Any]]:
        for one in self.towns:
            places = one.places(as_of)
            rows = places.divisions.values() if name == "division" else places.div_now()
            yield from ({**row, "town": one.manifest.town} for row in rows)

    def _read(self, name: str) -> pa.Table:
        return pq.read_table(self.target.path(name), filesystem=self.target.files, partitioning=None)


def _by_town(data: pa.Table) -> dict[str, pa.Table]:
    """The rows of each township in their order; under "" the empty answer."""
    bare = data.drop_columns("town")
    found = {"": bare.slice(0, 0)}
    order = pc.sort_indices(data, [("town", "ascending")])  # stable
    towns, rows = data.column("town").take(order), bare.take(order)
    runs, start = pc.run_end_encode(towns.combine_chunks()), 0
    for town, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        found[town] = rows.slice(start, end - start)
        start = end
    return found
