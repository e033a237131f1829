"""From cells to values, column by column: what stands in many rows is read once."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import Any

from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.mixed_units import MixedUnits
from zhenwu.ledgers.importing.staged import StagedRows
from zhenwu.ledgers.resolve import Resolver
from zhenwu.lib.columns import by_value, distinct, places_of, types_in
from zhenwu.lib.sheets import Table
from zhenwu.lib.text import DITTO_MARKS, is_empty_mark
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldProblem, FieldType, Sealed

Step = Callable[[], None]
_DITTO = frozenset(DITTO_MARKS)


class TableReader:
    """Reads one table of a ledger. Columns that others are read by (day, place, birth) come first."""

    def __init__(self, ledger: Ledger, mapping: Sequence[Mapped], table: Table, resolver: Resolver) -> None:
        self.ledger, self.table, self.resolver = ledger, table, resolver
        self._by_target = {one.target: one for one in mapping if one.target}
        self._of_known = False
        self._asides: list[list[Any]] = []  # what stood in brackets behind names: it goes to the notes
        self._rows = [row.cells for row in table.rows]
        self._states = {word: state.code for state in ledger.states.values() for word in (state.code, state.label)}

    def read(
        self, step: Step, *, places: Sequence[uuid.UUID | None] | None = None, of_known: bool = False
    ) -> StagedRows:
        """A staged row per data row, with its values and the problems of its cells; `step` is called once a column.

        `places` of the rows where no column tells them. `of_known`: any row may be one that is stored (see `unread`).
        """
        staged = StagedRows.of([row.number for row in self.table.rows])
        self._of_known = of_known
        if places is not None:
            staged.divisions = list(places)
        self._named: Sequence[uuid.UUID | None] = staged.divisions
        self._read_numbers(staged)
        fields = {
            code: kind
            for code, kind in self.ledger.types.items()
            if kind.writable and (self.has(code) or self.has(f"{code}:idno"))
        }
        main = self.ledger.spec.main_date
        days: Sequence[date] = [self.resolver.today] * len(staged)
        if main and main in fields:
            self._read_field(staged, main, fields.pop(main), days)
            today = self.resolver.today
            days = [day if type(day) is date else today for day in staged.values[main]]
            step()
        self._read_places(staged, days)
        # links last: a person is looked for by place and birth too
        for code, kind in sorted(fields.items(), key=lambda one: (one[1].is_link, one[1].name == "household")):
            self._read_field(staged, code, kind, days)
            step()
        self._read_implicit(staged)
        return staged

    def _read_numbers(self, staged: StagedRows) -> None:
        if (numbers := self.cells("no")) is not None:
            staged.nos = [_words(raw) for raw in numbers]

    def has(self, target: str) -> bool:
        return target in self._by_target

    def defaults(self) -> dict[str, Any]:
        """Values of fields that have a default and no column here; an empty cell of a column says nothing."""
        self.resolver.on, self.resolver.header_unit = self.resolver.today, ""
        return {
            code: kind.parse(kind.spec.default, self.resolver)
            for code, kind in self.ledger.stored.items()
            if kind.writable and kind.spec.default is not None and not self.has(code)
        }

    def cells(self, target: str) -> list[Any] | None:
        """The column's cells, "同上" and 〃 replaced by the cell above; None where nothing stands."""
        mapped = self._by_target.get(target)
        if mapped is None:
            return None
        index = mapped.column.index
        cells: list[Any] = [cells[index] for cells in self._rows]
        if "" in cells:
            cells = [None if cell == "" else cell for cell in cells]
        if not _DITTO.isdisjoint(cells):
            above = None
            for at, cell in enumerate(cells):
                if cell is not None and cell in _DITTO:
                    cells[at] = above
                elif cell is not None:
                    above = cell
        return cells

    def _read_field(self, staged: StagedRows, code: str, kind: FieldType, days: Sequence[date]) -> None:
        numbers = self.cells(f"{code}:idno")
        hint = None if numbers is None else [None if is_empty_mark(one) else one for one in numbers]
        cells = self.cells(code) or [None] * len(staged)
        if hint is not None:  # the number alone names a person
            cells = [number if is_empty_mark(cell) else cell for cell, number in zip(cells, hint, strict=True)]
        column = self._by_target[code].column if code in self._by_target else None
        if column and kind.is_number:
            self._drop_repeated(staged, kind, cells, column.index)
        if type(kind).aside is not FieldType.aside:
            self._asides.append(by_value(cells, kind.aside))
        self.resolver.header_unit = (column and column.unit) or self.table.sheet_unit or ""
        read = self._reader(kind)
        if kind.reads_row:
            keys = list(zip(map(type, cells), cells, *self._around(kind, staged, days, hint), strict=False))
            values = self._by_value(staged, keys, lambda key: self._in_row(read, key[1], key[2:]))
        else:
            self._in_row(read, None, ())
            values = self._by_value(staged, cells, read)
        staged.values[code] = values
        if kind.is_number and not self.resolver.header_unit and str in types_in(cells):
            self._judge_units(staged, kind, cells, values)
        if FieldProblem not in types_in(values):
            return
        wrong = {id(value): value for value in distinct(values) if value.__class__ is FieldProblem}
        for at, problem in places_of(values, wrong):
            if kind.is_link and (
                staged.nos[at] or self._of_known
            ):  # what an export printed may be ambiguous, and still be what is stored
                staged.unread.setdefault(at, {})[code] = (_words(cells[at]), str(problem))
            else:
                staged.problem(at, code, str(problem))
            values[at] = None

    def _judge_units(self, staged: StagedRows, kind: FieldType, cells: list[Any], values: list[Any]) -> None:
        mixed = MixedUnits(kind, cells, values)
        for at, words in mixed.remarks():
            staged.remarks.setdefault(at, []).append(words)
        for at, why in list(mixed.problems()):
            staged.problem(at, kind.code, why)
            values[at] = None

    def _by_value(self, staged: StagedRows, keys: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
        """What each key is read as; what reading remarks of a key is noted with all of its rows."""
        remarked: dict[Any, list[str]] = {}

        def reading(key: Any) -> Any:
            found = read(key)
            if self.resolver.remarks:
                remarked[key], self.resolver.remarks = self.resolver.remarks, []
            return found

        values = by_value(keys, reading)
        for at, key in enumerate(keys) if remarked else ():
            if key in remarked:
                staged.remarks.setdefault(at, []).extend(remarked[key])
        return values

    def _around(
        self, kind: FieldType, staged: StagedRows, days: Sequence[date], hint: list[Any] | None
    ) -> Iterator[Iterator[Any] | Sequence[Any]]:
        """What else of the row decides how a cell of this type is read, in the order of `_in_row`."""
        yield days
        if kind.is_link:
            yield self._named if kind.name == "division" else staged.divisions
            yield staged.values.get("birth") or repeat(None)
            yield hint if hint is not None else repeat(None)

    def _reader(self, kind: FieldType) -> Callable[[Any], Any]:
        """What a cell that is not empty is read as: its value, or the FieldProblem why it has none. Called for most cells of
        a sheet, so that it looks nothing up twice."""
        context, parse, says_nothing = self.resolver, kind.parse, kind.says_nothing
        is_link, is_masked = kind.is_link, kind.is_masked if isinstance(kind, Sealed) else None

        def read(raw: Any) -> Any:
            if raw.__class__ is str and (says_nothing(raw) or (is_masked and is_masked(raw))):
                return None  # what an export masked says nothing either
            try:
                return parse(_words(raw) if is_link else raw, context)
            except FieldProblem as problem:
                return problem

        return read

    def _in_row(self, read: Callable[[Any], Any], raw: Any, around: Sequence[Any]) -> Any:
        """A cell as read in the row that `around` tells of."""
        context = self.resolver
        context.on = around[0] if around else context.today
        context.place, context.birth, context.idno = around[1:] if len(around) > 1 else (None, None, None)
        return None if raw is None else read(raw)

    def _drop_repeated(self, staged: StagedRows, kind: FieldType, cells: list[Any], index: int) -> None:
        """An amount in a cell merged over several rows is one amount: it counts in the first of them, and a person is asked."""
        if self.table.filled:
            for at, row in enumerate(self.table.rows):
                if index in self.table.filled.get(row.number, ()):
                    said = (
                        f"“{kind.label}”是几行合并的一格，只在第一行计一次；如每行各有一份，请拆开合并的单元格再导入。"
                    )
                    staged.remarks.setdefault(at, []).append(said)
                    cells[at] = None

    def _read_places(self, staged: StagedRows, days: Sequence[date]) -> None:
        cells = self.cells("division")
        if cells is None:
            return
        self.resolver.place = None
        found = self._by_value(staged, list(zip(cells, days, strict=True)), self._place)
        staged.divisions = [pk for pk, _, _ in found]
        self._named = [named for _, _, named in found]
        label = self.ledger.spec.place_label
        for at, why in places_of(found, {id(one): one[1] for one in distinct(found) if one[1]}):
            staged.problem(at, "division", f"“{label}”填的是“{cells[at]}”：{why}")

    def _place(self, said: tuple[Any, date]) -> tuple[uuid.UUID | None, str, uuid.UUID | None]:
        """(place, why there is none, the unit that was named, which may have become that place)."""
        raw, self.resolver.on = said
        if raw is None:
            return None, "", None
        lookup = self.resolver.division(_words(raw))
        if len(lookup.ids) != 1:
            return None, lookup.problem, None
        self.resolver.remark_on_place(_words(raw), lookup.ids[0])
        return lookup.ids[0], "", self.resolver.unit_named(_words(raw), lookup.ids[0])

    def _read_implicit(self, staged: StagedRows) -> None:
        if (notes := self.cells("note")) is not None:
            staged.notes = [_words(raw) or None for raw in notes]
        for asides in self._asides:
            for at, aside in enumerate(asides):
                if aside and aside not in (staged.notes[at] or ""):
                    staged.notes[at] = "；".join(filter(None, (staged.notes[at], aside)))
        if (states := self.cells("state")) is None:
            return
        for at, raw in enumerate(states):
            if said := _words(raw):
                staged.states[at] = self._states.get(said, "")
                if not staged.states[at]:
                    known = "、".join(state.label for state in self.ledger.states.values())
                    staged.problem(at, "state", f"“状态”填的是“{said}”，不在流程里。可填：{known}。")


def _words(raw: Any) -> str:
    """The text of a cell; a sheet gives every number as a float."""
    if raw is None:
        return ""
    return str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw).strip()
