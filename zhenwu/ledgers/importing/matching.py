"""Which stored row each staged row speaks of, and what it would change there."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from zhenwu.accounts.scope import Scope
from zhenwu.changes.bulk import raw_batches
from zhenwu.changes.models import Review
from zhenwu.ledgers.importing.linediff import differences, misread, paired, value_of
from zhenwu.ledgers.importing.staged import StagedRows
from zhenwu.ledgers.lines import attach, lines_of, whole
from zhenwu.ledgers.queries import shown_lines
from zhenwu.ledgers.rules import RowRules
from zhenwu.ledgers.snapshot import StoredColumn, values_of
from zhenwu.lib.columns import mapped
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_CHUNK = 5000
_FEW = 2000  # up to here the stored rows are asked for by the sheet's values, not read whole
_CLOSED = "（不显示）"
_CHANGED = "（已更改）"
_PLAIN = ("no", "version", "note", "state")

Key = tuple[Any, ...]
Columns = Mapping[str, Sequence[Any]]  # comparable values, by field code


class Matcher:
    """Compares staged rows with the ledger. `has` tells whether the sheet has a column for a target."""

    def __init__(self, ledger: Ledger, scope: Scope | None, has: Callable[[str], bool]) -> None:
        self.ledger, self.scope, self._has = ledger, scope, has
        self._rules = RowRules(ledger)
        self._live: QuerySet[Any] = ledger.rows("matching").filter(voided_by_change=None).order_by()
        codes = [code for code in ("division", *ledger.stored) if has(code)]
        self._key = ledger.spec.key or tuple(codes)
        self._fields = [code for code in codes if code != "division"]
        self._shown_lines = (
            shown_lines(ledger, scope) if scope else {code: table.stored for code, table in ledger.children.items()}
        )
        self._stored = {code: StoredColumn(ledger, code) for code in dict.fromkeys(("division", *self._key, *codes))}

    def match(self, rows: StagedRows) -> None:
        """A row with a bad cell is matched too, if the cell is not one that it is known by: all is said at once."""
        known_by = {"no", "division", *self._key}
        lost = {at for at, wrong in rows.problems.items() if any(one.field in known_by for one in wrong)}
        numbered = [at for at, no in enumerate(rows.nos) if no and at not in lost]
        keyed = [at for at, no in enumerate(rows.nos) if not no and at not in lost]
        said = _Said(self.ledger, rows)
        differ: list[int] = []
        if numbered:
            differ += self._by_number(rows, numbered, said)
        if keyed:
            differ += self._by_key(rows, keyed, said)
        for at, unread in rows.unread.items():
            if not rows.stored[at]:
                _say_unread(rows, at, unread)
        self._compare_all(rows, differ)

    def _by_number(self, rows: StagedRows, wanted: Sequence[int], said: Columns) -> Iterator[int]:
        """Match rows by their number; gives the places of those that say something else than their stored row."""
        first: dict[str, int] = {}
        for at in wanted:
            if (before := first.setdefault(rows.nos[at], at)) != at:
                rows.problem(at, "no", f"与第 {rows.numbers[before]} 行重复：编号相同。请删去一行。")
        numbers = list(first)
        for start in range(0, len(numbers), _CHUNK):
            for batch in self._batches(self._live.filter(no__in=numbers[start : start + _CHUNK])):
                yield from self._differing(
                    rows, [(first[no], place) for place, no in enumerate(batch["no"])], batch, said
                )
        for no, at in first.items():
            if not rows.stored[at]:
                rows.problem(at, "no", f"“编号”{no}不在{self.ledger.label}里，或已作废。新登记的行请把编号留空。")

    def _by_key(self, rows: StagedRows, wanted: Sequence[int], said: Columns) -> Iterator[int]:
        """The same by natural key."""
        keys = list(zip(*(said[code] for code in self._key), strict=True))
        nothing = (None,) * len(
            self._key
        )  # says nothing to be known by: its missing fields are the problem, not a double
        first: dict[Key, int] = {}
        for at in wanted:
            if keys[at] != nothing and (before := first.setdefault(keys[at], at)) != at:
                rows.problem(at, "", f"与第 {rows.numbers[before]} 行重复：{self._key_label()}都相同。请删去一行。")
        by_number = {pk: at for at, pk in enumerate(rows.stored) if pk}
        times: dict[int, int] = {}
        differ: list[int] = []
        for batch in self._batches(self._live if len(first) > _FEW else self._narrowed(list(first))):
            hits: list[tuple[int, int]] = []
            for place, key in enumerate(zip(*(batch[code] for code in self._key), strict=True)):
                if key not in first:
                    continue
                at = first[key]
                if (before := by_number.get(batch["id"][place], at)) != at:
                    rows.problem(at, "", f"与第 {rows.numbers[before]} 行重复：说的是同一条记录。请删去一行。")
                else:
                    times[at] = times.get(at, 0) + 1
                    hits.append((at, place))
            differ += self._differing(rows, hits, batch, said)
        for at, count in times.items():
            if count > 1:
                rows.stored[at], rows.versions[at], rows.statuses[at] = None, 0, "add"
                rows.problem(at, "", f"台账里有{count}条{self._key_label()}相同的记录：请在“编号”列写明是哪一条。")
        return (at for at in differ if times[at] == 1)

    def _key_label(self) -> str:
        spec = self.ledger.spec
        return "、".join(
            spec.place_label if code == "division" else self.ledger.types[code].label for code in self._key
        )

    def _batches(self, stored: QuerySet[Any]) -> Iterator[dict[str, Sequence[Any]]]:
        """Stored rows by column: `id` as hex digits, some columns as they are, the others as comparable values."""
        unit = [self.scope.unit_column] if self.scope and self.scope.unit_column else []
        names = [*_PLAIN, *unit, *(column.name for column in self._stored.values())]
        for batch in raw_batches(stored, ("id", *names), _CHUNK):
            ids, *columns = zip(*batch, strict=True)
            raw = dict(zip((*_PLAIN, *unit), columns, strict=False))
            read = zip(self._stored.items(), columns[len(raw) :], strict=True)
            yield {"id": ids, **raw} | {code: _comparable(how.canonical(column)) for (code, how), column in read}

    def _differing(
        self, rows: StagedRows, hits: Sequence[tuple[int, int]], batch: Columns, said: Columns
    ) -> Iterator[int]:
        """Note the stored row of each hit (place in the sheet, place in the batch). Most rows of a sheet that comes again
        are the same: they are told by their columns alone; what is given back has to be looked at."""
        for at, place in hits:
            rows.stored[at], rows.versions[at] = batch["id"][place], batch["version"][place]
        differ = {at for at, _ in hits if at in rows.unread or at in rows.lines}
        compared = [(said[code], batch[code]) for code in self._stored] if hits else []
        for asked, stored in [*compared, (rows.notes, batch["note"])]:
            differ.update(at for at, place in hits if (one := asked[at]) is not None and one != stored[place])
        differ.update(at for at, place in hits if rows.states[at] not in ("", batch["state"][place]))
        units = batch[self.scope.unit_column] if self.scope and self.scope.unit_column else [None] * len(batch["id"])
        homes = list(zip(batch["division"], units, strict=True))
        closed = {home for home in {*homes} if not self._may_change(uuid.UUID(home[0]) if home[0] else None, home[1])}
        differ.update(at for at, place in hits if homes[place] in closed) if closed else None
        for at, _ in hits:
            if at not in differ:
                rows.statuses[at] = "same"
        return iter(sorted(differ))

    def _narrowed(self, keys: Sequence[Key]) -> QuerySet[Any]:
        """Only rows that share the most telling key column with the sheet."""
        best: tuple[int, str, set[Any]] | None = None
        for code, values in zip(self._key, zip(*keys, strict=True), strict=False):
            kind = self.ledger.types.get(code)
            wanted = set(values)
            if None in wanted or (kind and (kind.mart_list or kind.is_sealed)):
                continue
            if best is None or len(wanted) > best[0]:
                asked = (
                    {uuid.UUID(one) for one in wanted} if kind is None else {kind.from_canonical(one) for one in wanted}
                )
                best = (len(wanted), self._stored[code].name, asked)
        return self._live.filter(**{f"{best[1]}__in": best[2]}) if best else self._live

    def _compare_all(self, rows: StagedRows, differ: Sequence[int]) -> None:
        links = [path for path in self._link_paths() if path]
        for start in range(0, len(differ), _CHUNK):
            by_id = {uuid.UUID(rows.stored[at]): at for at in differ[start : start + _CHUNK]}
            found = list(self._live.filter(pk__in=list(by_id)).select_related("division", *links))
            attach(self.ledger, found)
            for row in found:
                self._compare(rows, by_id[row.pk], row)

    def _link_paths(self) -> Iterator[str]:
        for code in self._fields:
            kind = self.ledger.types[code]
            if kind.is_link and not kind.mart_list:
                yield kind.list_paths()[0].rpartition("__")[0]

    def _compare(self, rows: StagedRows, at: int, row: Any) -> None:
        """What the sheet says otherwise than the stored row; an empty cell says nothing."""
        unit = self.scope.unit_of(row) if self.scope else None
        if not self._may_change(row.division_id, unit):
            rows.problem(at, "", "已有这条记录，但不在你管辖的村（社区），不能由你修改。")
            return
        now = values_of(self.ledger, row)
        unread = rows.unread.get(at, {})
        _say_unread(
            rows, at, {code: said for code, said in unread.items() if self.ledger.types[code].show_row(row) != said[0]}
        )
        edits: dict[str, Any] = {}
        changes: dict[str, tuple[str, str]] = {}
        for code, column in rows.values.items():
            kind, value = self.ledger.types[code], column[at]
            if value is not None and kind.canonical(value) != kind.canonical_of_row(row):
                edits[code] = value
                was = _CLOSED if self._is_closed(kind) else kind.show_row(row)
                changes[kind.label] = (was if now[code] is not None else "", self._shown_new(kind, value))
        for code, said in rows.lines.get(at, {}).items():
            table, label, stored = (
                self.ledger.children[code],
                self.ledger.types[code].label,
                lines_of(self.ledger, row, code),
            )
            pairs = paired(table, said, stored)
            for number, name, why in misread(table, said, pairs):
                rows.problem(at, f"{code}.{number}.{name}", why)
            value = value_of(said, pairs)
            if differ := differences(table, label, self._shown_lines[code], value, stored):
                edits[code] = whole(table, value, stored)
                changes |= differ
        place, note, state = rows.divisions[at], rows.notes[at], rows.states[at]
        if place and place != row.division_id:
            changes[self.ledger.spec.place_label] = (str(row.division or ""), _CHANGED)
        if note and note != row.note:
            changes["备注"] = (row.note or "", note)
        rows.edits[at], rows.changes[at] = edits, changes
        rows.statuses[at] = "change" if changes else "same"
        if state and state != row.state:
            was, new = self.ledger.state_label(row.state), self.ledger.state_label(state)
            rows.problem(at, "state", f"“状态”填的是“{new}”，{row.no}现在是“{was}”：状态请在页面上办理，或清空这一格。")
        if place and place != row.division_id and not self._may_change(place, unit):
            rows.problem(at, "division", "不能把记录改到你管辖以外的村（社区）。")
        if changes:
            self._check_change(rows, at, row, now | edits)

    def _check_change(self, rows: StagedRows, at: int, row: Any, values: dict[str, Any]) -> None:
        if row.review == Review.LOCKED:
            rows.problem(at, "", f"要改的{row.no}已定稿，不能修改；如有错误请另行登记更正。")
        elif row.review in (Review.APPROVED, Review.SUBMITTED) and self.scope is not None and not self.scope.review:
            rows.problem(at, "", f"要改的{row.no}{row.get_review_display()}，请先由经办人员退回。")
        place = rows.divisions[at] or row.division_id
        for code, message in self._rules.problems(values, review=row.review, state=row.state, place=place):
            rows.problem(at, code, message)

    def _may_change(self, place: uuid.UUID | None, unit: int | None = None) -> bool:
        return self.scope is None or (self.scope.covers(place, unit) and self.scope.changes(place, unit))

    def _is_closed(self, kind: FieldType) -> bool:
        return kind.is_sealed or (self.scope is not None and not self.scope.shows(kind.spec.privacy))

    def _shown_new(self, kind: FieldType, value: Any) -> str:
        return _CHANGED if kind.is_link or self._is_closed(kind) else kind.show(value)


class _Said(dict[str, Sequence[Any]]):
    """The columns of a sheet as comparable values, each made when it is first asked for: where no row is known yet, only those
    of the key are."""

    def __init__(self, ledger: Ledger, rows: StagedRows) -> None:
        super().__init__()
        self._ledger, self._rows = ledger, rows

    def __missing__(self, code: str) -> Sequence[Any]:
        self[code] = found = said_column(self._ledger, self._rows, code)
        return found


def said_column(ledger: Ledger, rows: StagedRows, code: str) -> Sequence[Any]:
    """A column of the sheet as comparable values."""
    if code == "division":
        return mapped(rows.divisions, lambda pk: pk.hex)
    column = rows.values.get(code)
    if column is None:
        return [None] * len(rows)
    kind = ledger.types[code]
    return column if type(kind).canonical is FieldType.canonical else _comparable(mapped(column, kind.canonical))


def _say_unread(rows: StagedRows, at: int, unread: Mapping[str, tuple[str, str]]) -> None:
    for code, (_, why) in unread.items():
        rows.problem(at, code, why)


def _comparable(column: Sequence[Any]) -> Sequence[Any]:
    """Lists cannot stand in a key."""
    if next((value for value in column if value is not None), None).__class__ in (list, dict):
        return mapped(column, repr)
    return column
