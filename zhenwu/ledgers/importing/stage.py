"""From sheet rows to staged rows: what each would add or change, or why it cannot."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.resolve import Resolver
from zhenwu.ledgers.rules import problems_of
from zhenwu.ledgers.snapshot import values_of
from zhenwu.lib.sheets import DataRow, Table
from zhenwu.lib.text import is_ditto, is_empty_mark
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldProblem, FieldType

Status = Literal["add", "change", "same", "problem"]
Progress = Callable[[int, int], None]
_CHUNK = 5000
_CACHE = 50_000
_CLOSED = "（不显示）"


@dataclass(slots=True)
class StagedRow:
    """One sheet row. `values` by field code, only the columns that the sheet has and fills."""

    number: int  # in the sheet, 1-based
    status: Status
    values: dict[str, Any] = field(default_factory=dict)
    division: uuid.UUID | None = None
    state: str = ""
    note: str | None = None
    row: uuid.UUID | None = None  # the stored row it changes
    version: int = 0
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)  # label → (was, will be)
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(slots=True)
class Staged:
    ledger: Ledger
    mapping: list[Mapped]
    rows: list[StagedRow]
    table: Table
    source_hash: str = ""
    source_name: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """add, change, same, problem: they sum to the data rows read."""
        found = Counter(row.status for row in self.rows)
        return {status: found.get(status, 0) for status in ("add", "change", "same", "problem")}

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for row in self.rows for problem in row.problems]

    @property
    def digest(self) -> str:
        """Differs when the same file would do something else than what was shown."""
        said = hashlib.sha256(self.source_hash.encode())
        for row in self.rows:
            said.update(f"{row.number}{row.status}{row.row}{row.version}{len(row.problems)}".encode())
        return said.hexdigest()


class Stager:
    """Stages the rows of one sheet. One per import; look-ups are shared over all rows."""

    def __init__(
        self, ledger: Ledger, mapping: Sequence[Mapped], *, today: date, sheet_unit: str, review: str,
        scope: Scope | None = None,
    ):  # fmt: skip
        """`scope`: rows of places outside it are problems, and their stored values are not shown; None = no limit."""
        self.ledger, self.today, self.review, self.scope = ledger, today, review, scope
        self.resolver = Resolver(today)
        self._unit = sheet_unit
        self._by_target = {one.target: one for one in mapping if one.target}
        self._hints = {target: one for target, one in self._by_target.items() if target.endswith(":idno")}
        main = ledger.spec.main_date
        fields = [(code, kind) for code, kind in ledger.types.items() if code in self._by_target and kind.writable]
        # the main date first: places and two-digit years are read as of it; persons last, when place and birth are known
        self._fields = sorted(fields, key=lambda one: (one[0] != main, one[1].is_link, one[1].name == "household"))
        self._cache: dict[tuple[str, Any, date | None], Any] = {}
        self._state_words = {word: state.code for state in ledger.states.values() for word in (state.code, state.label)}
        self._previous: dict[int, Any] = {}

    def run(self, rows: Sequence[DataRow], progress: Progress | None = None) -> list[StagedRow]:
        staged = []
        for count, row in enumerate(rows, 1):
            staged.append(self._read(row))
            if progress and count % 500 == 0:
                progress(count, len(rows))
        self._match(staged)
        for one in staged:
            if not one.problems and one.status == "add":
                self._check_new(one)
            if one.problems:
                one.status = "problem"
        if progress:
            progress(len(rows), len(rows))
        return staged

    def _read(self, row: DataRow) -> StagedRow:
        one = StagedRow(row.number, "add")
        context = self.resolver
        context.on, context.place, context.birth = self.today, None, None
        raw_division = self._cell(row, "division")
        for code, kind in self._fields:
            context.header_unit = self._by_target[code].column.unit or self._unit
            if kind.is_link and context.place is None and raw_division is not None:
                self._read_place(one, raw_division)
                raw_division = None
            hint = self._hints.get(f"{code}:idno")
            context.idno = str(row.cells[hint.column.index] or "").strip() or None if hint else None
            try:
                value = self._parse(kind, self._cell(row, code), context)
            except FieldProblem as problem:
                one.problems.append(RowProblem(row.number, code, f"第 {row.number} 行{problem}"))
                continue
            if value is not None:
                one.values[code] = value
                if code == self.ledger.spec.main_date and isinstance(value, date):
                    context.on = value
                elif code == "birth":
                    context.birth = value
        if raw_division is not None:
            self._read_place(one, raw_division)
        one.note = _text(self._cell(row, "note"))
        if said := _text(self._cell(row, "state")):
            one.state = self._state_words.get(said, "")
            if not one.state:
                known = "、".join(state.label for state in self.ledger.states.values())
                self._problem(one, "state", f"“状态”填的是“{said}”，不在流程里。可填：{known}。")
        return one

    def _parse(self, kind: FieldType, raw: Any, context: Resolver) -> Any:
        """`kind.parse`, remembered where the answer depends on the cell alone."""
        if raw is None or raw == "":
            return None
        if kind.name not in ("text", "longtext", "geo", "phone", "idno", "uscc", "bank_account") and is_empty_mark(raw):
            return None
        if kind.name == "person" and context.idno is None and is_empty_mark(raw):
            return None
        if kind.always_private and ("*" in str(raw) or "●" in str(raw)):
            return None  # a masked number of an export says nothing
        if kind.is_link or kind.always_private:
            return kind.parse(raw, context)
        key = (kind.code, raw, context.on if kind.name in ("date", "month") else None)
        if key not in self._cache:
            if len(self._cache) > _CACHE:
                self._cache.clear()
            self._cache[key] = kind.parse(raw, context)
        return self._cache[key]

    def _read_place(self, one: StagedRow, raw: Any) -> None:
        lookup = self.resolver.division(str(raw).strip())
        if len(lookup.ids) == 1:
            one.division = self.resolver.place = lookup.ids[0]
        else:
            self._problem(one, "division", f"“{self.ledger.spec.place_label}”填的是“{raw}”：{lookup.problem}")

    def _cell(self, row: DataRow, target: str) -> Any:
        """The cell of a target; "同上" and 〃 repeat the cell above."""
        mapped = self._by_target.get(target)
        if mapped is None:
            return None
        raw = row.cells[mapped.column.index]
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and is_ditto(raw):
            return self._previous.get(mapped.column.index)
        self._previous[mapped.column.index] = raw
        return raw

    def _match(self, staged: list[StagedRow]) -> None:
        """Find the stored row each staged row speaks of, and what it would change there."""
        key = self._key()
        stored = self._stored_by_key(key)
        seen: dict[tuple[Any, ...], int] = {}
        matched: dict[uuid.UUID, StagedRow] = {}
        for one in staged:
            if one.problems:
                continue
            values = self._key_of(one, key)
            if values in seen:
                self._problem(one, "", f"与第 {seen[values]} 行重复：{self._key_label(key)}都相同。请删去一行。")
                continue
            seen[values] = one.number
            if found := stored.get(values):
                one.row, one.version = found
                matched[one.row] = one
        ids = list(matched)
        for start in range(0, len(ids), _CHUNK):
            for row in self.ledger.model._default_manager.filter(pk__in=ids[start : start + _CHUNK]):
                self._compare(matched[row.pk], row)

    def _key(self) -> tuple[str, ...]:
        """The natural key as far as the sheet has it; without one, all its columns together."""
        if "no" in self._by_target and not self.ledger.spec.key:
            return ("no",)
        return self.ledger.spec.key or tuple(
            code for code in ("division", *self.ledger.stored) if code in self._by_target
        )

    def _key_label(self, key: tuple[str, ...]) -> str:
        return "、".join(
            self.ledger.spec.place_label if code == "division" else self.ledger.types[code].label for code in key
        )

    def _key_of(self, one: StagedRow, key: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(
            (one.division.hex if one.division else None)
            if code == "division"
            else self.ledger.types[code].canonical(one.values[code])
            if one.values.get(code) is not None
            else None
            for code in map(str, key)
        )

    def _stored_by_key(self, key: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[uuid.UUID, int]]:
        columns = [self._key_column(code) for code in key]
        rows = self.ledger.model._default_manager.filter(voided_by_change=None).values_list("pk", "version", *columns)
        kinds = [None if code == "division" else self.ledger.types[code] for code in key]
        return {
            tuple(_stored_key(kind, value) for kind, value in zip(kinds, values, strict=True)): (pk, version)
            for pk, version, *values in rows.iterator()
        }

    def _key_column(self, code: str) -> str:
        if code == "division":
            return "division_id"
        kind = self.ledger.types[code]
        return f"{code}_hash" if kind.always_private else f"{code}_id" if kind.is_link and not kind.mart_list else code

    def _compare(self, one: StagedRow, row: Any) -> None:
        """What the sheet says otherwise than the stored row; an empty cell says nothing."""
        if not self._covers(row.division_id):
            self._problem(one, "", "已有这条记录，但不在你管辖的村（社区），不能由你修改。")
            return
        now = values_of(self.ledger, row)
        for code, value in list(one.values.items()):
            kind = self.ledger.types[code]
            if kind.canonical(value) == kind.canonical_of_row(row):
                del one.values[code]
            else:
                was = _CLOSED if self._is_closed(kind) else kind.show_row(row)
                one.changes[kind.label] = (was if now[code] is not None else "", self._shown_new(kind, value))
        if one.division and one.division != row.division_id:
            one.changes[self.ledger.spec.place_label] = (str(row.division or ""), "已更改")
        if one.note and one.note != row.note:
            one.changes["备注"] = (row.note or "", one.note)
        one.status = "change" if one.changes else "same"
        if one.changes:
            self._collect(one, now | one.values, row.review, row.state, one.division or row.division_id)

    def _check_new(self, one: StagedRow) -> None:
        if one.division is not None and not self._covers(one.division):
            self._problem(one, "division", "只能登记你管辖的村（社区）的记录。")
            return
        values = {code: one.values.get(code) for code in self.ledger.stored}
        for code, kind in self.ledger.stored.items():
            if values[code] is not None:
                kind.complete(values)
        one.values = {code: value for code, value in values.items() if value is not None}
        state = one.state or (self.ledger.lifecycle.initial if self.ledger.lifecycle else "")
        self._collect(one, values, self.review, state, one.division)

    def _collect(self, one: StagedRow, values: dict[str, Any], review: str, state: str, place: Any) -> None:
        for code, message in problems_of(self.ledger, values, review=review, state=state, place=place):
            self._problem(one, code, message)

    def _problem(self, one: StagedRow, code: str, message: str) -> None:
        one.problems.append(RowProblem(one.number, code, f"第 {one.number} 行{message}"))

    def _covers(self, place: uuid.UUID | None) -> bool:
        return self.scope is None or self.scope.covers(place)

    def _is_closed(self, kind: FieldType) -> bool:
        return kind.always_private or (self.scope is not None and not self.scope.shows(kind.spec.privacy))

    def _shown_new(self, kind: FieldType, value: Any) -> str:
        return "（已更改）" if kind.is_link or self._is_closed(kind) else kind.show(value)


def _stored_key(kind: FieldType | None, value: Any) -> Any:
    if kind is None:
        return value.hex if value else None
    if value is None:
        return None
    return f"hmac:{value}" if kind.always_private else kind.canonical(value)


def _text(raw: Any) -> str | None:
    text = str(raw).strip() if raw is not None else ""
    return text or None
