"""Which stored row each staged row speaks of, and what it would change there."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Review
from zhenwu.ledgers.importing.staged import StagedRow
from zhenwu.ledgers.rules import RowRules
from zhenwu.ledgers.snapshot import values_of
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_CHUNK = 5000
_FEW = 2000  # up to here the stored rows are asked for by the sheet's values, not read whole
_CLOSED = "（不显示）"
_CHANGED = "（已更改）"

Key = tuple[Any, ...]


class Matcher:
    """Compares staged rows with the ledger. `has` tells whether the sheet has a column for a target."""

    def __init__(self, ledger: Ledger, scope: Scope | None, has: Callable[[str], bool]) -> None:
        self.ledger, self.scope, self._has = ledger, scope, has
        self._rules = RowRules(ledger)
        self._live: QuerySet[Any] = ledger.rows("matching").filter(voided_by_change=None).order_by()
        codes = [code for code in ("division", *ledger.stored) if has(code)]
        self._key = ledger.spec.key or tuple(codes)
        self._fields = [code for code in codes if code != "division"]

    def match(self, staged: Sequence[StagedRow]) -> None:
        """A row with a bad cell is matched too, if the cell is not one that it is known by: all is said at once."""
        known_by = {"no", "division", *self._key}
        rows = [one for one in staged if not any(problem.field in known_by for problem in one.problems)]
        matched = self._by_number([one for one in rows if one.no])
        by_key = [one for one in rows if not one.no]
        if by_key:
            matched |= self._by_key(by_key)
        known = set(map(id, matched.values()))
        for one in staged:
            if one.unread and id(one) not in known:
                self._say_unread(one, one.unread)
        ids = list(matched)
        for start in range(0, len(ids), _CHUNK):
            self._compare_all({pk: matched[pk] for pk in ids[start : start + _CHUNK]})

    def _by_number(self, rows: Sequence[StagedRow]) -> dict[uuid.UUID, StagedRow]:
        stored: dict[str, uuid.UUID] = {}
        numbers = list({one.no for one in rows})
        for start in range(0, len(numbers), _CHUNK):
            stored |= dict(self._live.filter(no__in=numbers[start : start + _CHUNK]).values_list("no", "pk"))
        matched: dict[uuid.UUID, StagedRow] = {}
        for one in rows:
            pk = stored.get(one.no)
            if pk is None:
                one.problem("no", f"“编号”{one.no}不在{self.ledger.label}里，或已作废。新登记的行请把编号留空。")
            elif pk in matched:
                one.problem("no", f"与第 {matched[pk].number} 行重复：编号相同。请删去一行。")
            else:
                matched[pk] = one
        return matched

    def _by_key(self, rows: Sequence[StagedRow]) -> dict[uuid.UUID, StagedRow]:
        columns = [self._said(rows, code) for code in self._key]
        stored = self._stored(columns)
        first: dict[Key, StagedRow] = {}
        matched: dict[uuid.UUID, StagedRow] = {}
        nothing = (None,) * len(self._key)
        for one, key in zip(rows, zip(*columns, strict=True), strict=True):
            if key == nothing:  # says nothing to be known by: its missing fields are the problem, not a double
                continue
            if key in first:
                one.problem("", f"与第 {first[key].number} 行重复：{self._key_label()}都相同。请删去一行。")
                continue
            first[key] = one
            found = stored.get(key, ())
            if len(found) == 1:
                matched[found[0]] = one
            elif found:
                one.problem("", f"台账里有{len(found)}条{self._key_label()}相同的记录：请在“编号”列写明是哪一条。")
        return matched

    def _key_label(self) -> str:
        spec = self.ledger.spec
        return "、".join(
            spec.place_label if code == "division" else self.ledger.types[code].label for code in self._key
        )

    def _said(self, rows: Sequence[StagedRow], code: str) -> list[Any]:
        """A key column of the sheet as comparable values."""
        if code == "division":
            return [one.division.hex if one.division else None for one in rows]
        canonical = self.ledger.types[code].canonical
        return [None if (value := one.values.get(code)) is None else _comparable(canonical(value)) for one in rows]

    def _stored(self, columns: Sequence[list[Any]]) -> dict[Key, list[uuid.UUID]]:
        """{key: rows} of the ledger."""
        rows = self._live
        if len(columns[0]) <= _FEW:
            rows = self._narrowed(columns)
        names = [self._column(code) for code in self._key]
        as_said = [self._stored_value(code) for code in self._key]
        found: dict[Key, list[uuid.UUID]] = {}
        for pk, *values in rows.values_list("pk", *names).iterator(chunk_size=_CHUNK):
            key = tuple(None if value is None else said(value) for said, value in zip(as_said, values, strict=True))
            found.setdefault(key, []).append(pk)
        return found

    def _narrowed(self, columns: Sequence[list[Any]]) -> QuerySet[Any]:
        """Only rows that share the most telling key column with the sheet."""
        best: tuple[int, str, set[Any]] | None = None
        for code, values in zip(self._key, columns, strict=True):
            kind = self.ledger.types.get(code)
            wanted = set(values)
            if None in wanted or (kind and (kind.mart_list or kind.always_private)):
                continue
            if best is None or len(wanted) > best[0]:
                asked = (
                    {uuid.UUID(one) for one in wanted} if kind is None else {kind.from_canonical(one) for one in wanted}
                )
                best = (len(wanted), self._column(code), asked)
        return self._live.filter(**{f"{best[1]}__in": best[2]}) if best else self._live

    def _column(self, code: str) -> str:
        if code == "division":
            return "division_id"
        kind = self.ledger.types[code]
        return f"{code}_hash" if kind.always_private else f"{code}_id" if kind.is_link and not kind.mart_list else code

    def _stored_value(self, code: str) -> Callable[[Any], Any]:
        """What makes a stored column value comparable with the sheet's."""
        if code == "division":
            return lambda value: value.hex
        kind = self.ledger.types[code]
        if kind.always_private:
            return lambda value: f"hmac:{value}"
        if type(kind).canonical is FieldType.canonical and not kind.mart_list:
            return lambda value: value
        return lambda value: _comparable(kind.canonical(value))

    def _compare_all(self, matched: dict[uuid.UUID, StagedRow]) -> None:
        """Most rows of a sheet that comes again are the same: they are told by their columns alone."""
        names = [self._column(code) for code in self._fields]
        as_said = [self._stored_value(code) for code in self._fields]
        said = [self._said(list(matched.values()), code) for code in self._fields]
        wanted = dict(zip(matched, zip(*said, strict=True), strict=True)) if said else dict.fromkeys(matched, ())
        differ: list[uuid.UUID] = []
        rows = self._live.filter(pk__in=list(matched)).values_list(
            "pk", "version", "division_id", "note", "state", *names
        )
        for pk, version, place, note, state, *values in rows.iterator(chunk_size=_CHUNK):
            one = matched[pk]
            one.row, one.version = pk, version
            same = all(
                asked is None or (value is not None and asked == how(value))
                for asked, how, value in zip(wanted[pk], as_said, values, strict=True)
            )
            if (
                same and not one.unread and self._may_change(place)
                and one.division in (None, place) and one.note in (None, note) and one.state in ("", state)
            ):  # fmt: skip
                one.status, one.values = "same", {}
            else:
                differ.append(pk)
        if differ:
            links = [path for path in self._link_paths() if path]
            for row in self._live.filter(pk__in=differ).select_related("division", *links):
                self._compare(matched[row.pk], row)

    def _link_paths(self) -> Iterator[str]:
        for code in self._fields:
            kind = self.ledger.types[code]
            if kind.is_link and not kind.mart_list:
                yield kind.list_paths()[0].rpartition("__")[0]

    def _compare(self, one: StagedRow, row: Any) -> None:
        """What the sheet says otherwise than the stored row; an empty cell says nothing."""
        unit = self.scope.unit_of(row) if self.scope else None
        if not self._may_change(row.division_id, unit):
            one.problem("", "已有这条记录，但不在你管辖的村（社区），不能由你修改。")
            return
        now = values_of(self.ledger, row)
        self._say_unread(
            one, {code: said for code, said in one.unread.items() if self.ledger.types[code].show_row(row) != said[0]}
        )
        for code, value in list(one.values.items()):
            kind = self.ledger.types[code]
            if kind.canonical(value) == kind.canonical_of_row(row):
                del one.values[code]
            else:
                was = _CLOSED if self._is_closed(kind) else kind.show_row(row)
                one.changes[kind.label] = (was if now[code] is not None else "", self._shown_new(kind, value))
        if one.division and one.division != row.division_id:
            one.changes[self.ledger.spec.place_label] = (str(row.division or ""), _CHANGED)
        if one.note and one.note != row.note:
            one.changes["备注"] = (row.note or "", one.note)
        one.status = "change" if one.changes else "same"
        if one.state and one.state != row.state:
            was, new = self.ledger.state_label(row.state), self.ledger.state_label(one.state)
            one.problem("state", f"“状态”填的是“{new}”，{row.no}现在是“{was}”：状态请在页面上办理，或清空这一格。")
        if one.division and one.division != row.division_id and not self._may_change(one.division, unit):
            one.problem("division", "不能把记录改到你管辖以外的村（社区）。")
        if one.changes:
            self._check_change(one, row, now)

    def _say_unread(self, one: StagedRow, unread: dict[str, tuple[str, str]]) -> None:
        for code, (_, why) in unread.items():
            one.problem(code, why)

    def _check_change(self, one: StagedRow, row: Any, now: dict[str, Any]) -> None:
        if row.review == Review.LOCKED:
            one.problem("", f"要改的{row.no}已定稿，不能修改；如有错误请另行登记更正。")
        elif row.review in (Review.APPROVED, Review.SUBMITTED) and self.scope is not None and not self.scope.review:
            one.problem("", f"要改的{row.no}{row.get_review_display()}，请先由经办人员退回。")
        values, place = now | one.values, one.division or row.division_id
        for code, message in self._rules.problems(values, review=row.review, state=row.state, place=place):
            one.problem(code, message)

    def _may_change(self, place: uuid.UUID | None, unit: int | None = None) -> bool:
        return self.scope is None or (self.scope.covers(place, unit) and self.scope.changes(place, unit))

    def _is_closed(self, kind: FieldType) -> bool:
        return kind.always_private or (self.scope is not None and not self.scope.shows(kind.spec.privacy))

    def _shown_new(self, kind: FieldType, value: Any) -> str:
        return _CHANGED if kind.is_link or self._is_closed(kind) else kind.show(value)


def _comparable(value: Any) -> Any:
    return repr(value) if isinstance(value, (list, dict)) else value
