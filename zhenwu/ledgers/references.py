"""What a change says about other rows: values that may stand only once, and links that must lead somewhere."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from django.apps import apps

from zhenwu.changes.scoped import all_of
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.lines import Line, line_links, lines_of
from zhenwu.ledgers.operations import NewRows
from zhenwu.ledgers.prepare import Prepared
from zhenwu.lib.columns import distinct, mapped
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType, Sealed

_CHUNK = 5000


class References:
    """The references of one change, batch by batch. `own` are the ids of rows that it adds."""

    def __init__(self, ledger: Ledger, own: Set[uuid.UUID]) -> None:
        self.ledger, self._own = ledger, own
        self._seen: dict[str, set[Any]] = {code: set() for code, kind in ledger.stored.items() if kind.spec.unique}

    def problems_of_new(self, new: NewRows) -> Iterator[RowProblem]:
        rows: Sequence[None] = [None] * len(new)
        for code in self._seen:
            if code in new.values:
                kind, column = self.ledger.types[code], new.values[code]
                values = mapped(column, kind.digest) if isinstance(kind, Sealed) else column
                yield from self._doubles(kind, values, rows, new.ats)
        for code, column in new.values.items():
            yield from self._dangling(code, column, new.ats)
        yield from self._dangling_lines((at, None, lines) for at, lines in zip(new.ats, new.lines, strict=False))

    def problems_of_versions(
        self, prepared: Sequence[Prepared], stored: Mapping[uuid.UUID, Any]
    ) -> Iterator[RowProblem]:
        """`stored` are the rows as they were."""
        rows, ats = [one.row for one in prepared], [one.at for one in prepared]
        for code in self._seen:
            kind = self.ledger.types[code]
            name = _column(kind)
            values = [None if one.columns.get("void") else one.columns.get(name) for one in prepared]
            yield from self._doubles(kind, values, rows, ats)
        for code in dict.fromkeys(code for one in prepared for code in one.values):
            yield from self._dangling(code, [one.values.get(code) for one in prepared], ats)
        edited = ((one.at, stored[one.row], one.lines) for one in prepared if one.lines and one.act != "undo")
        yield from self._dangling_lines(edited)

    def _doubles(
        self, kind: FieldType, values: Sequence[Any], rows: Sequence[uuid.UUID | None], ats: Sequence[int]
    ) -> Iterator[RowProblem]:
        """Values of a unique field that another row, stored or in this change, already has."""
        seen = self._seen[kind.code]
        fresh: dict[Any, int] = {}
        for place, value in enumerate(values):
            if value is None:
                continue
            if value in seen or value in fresh:
                message = f"“{kind.label}”与本次的另一行相同：同一个号码只能登记一次，请核对。"
                yield RowProblem(ats[place], kind.code, message)
            else:
                fresh[value] = place
        for value, row, no in self._stored(_column(kind), list(fresh)):
            if rows[fresh[value]] != row:
                message = f"“{kind.label}”与已有记录{no}相同：请改那一条，不要重复登记。"
                yield RowProblem(ats[fresh[value]], kind.code, message)
        seen.update(fresh)

    def _stored(self, column: str, values: list[Any]) -> Iterator[tuple[Any, uuid.UUID, str]]:
        live = self.ledger.rows("commit").filter(voided_by_change=None).order_by()
        for start in range(0, len(values), _CHUNK):
            taken = live.filter(**{f"{column}__in": values[start : start + _CHUNK]})
            yield from taken.values_list(column, "pk", "no")

    def _dangling(self, code: str, column: Sequence[Any], ats: Sequence[int]) -> Iterator[RowProblem]:
        """Links that were newly set to a row that does not exist or is voided."""
        kind = self.ledger.stored.get(code)
        if kind is None or not kind.is_link:
            return
        wanted = {target for value in distinct(column) for target in _targets(value)} - self._own
        missing = _missing(self.ledger, kind, wanted)
        if missing:
            for at, value in zip(ats, column, strict=True):
                if value is not None and not missing.isdisjoint(_targets(value)):
                    yield RowProblem(at, code, f"“{kind.label}”指向的记录不存在或已作废：请重新选择。")

    def _dangling_lines(self, rows: Iterable[tuple[int, Any, Mapping[str, Sequence[Line]]]]) -> Iterator[RowProblem]:
        """The same in child tables; `rows` are (place in the change, the row as it was or None, its lines)."""
        said: dict[tuple[str, str], list[tuple[int, int, Any]]] = defaultdict(list)
        for at, row, lines in rows:
            for field, number, code, value in line_links(self.ledger, lines):
                kind = self.ledger.children[field].types[code]
                before = {to for line in lines_of(self.ledger, row, field) for to in _targets(kind.from_row(line))}
                said[field, code] += [(at, number, target) for target in _targets(value) if target not in before]
        for (field, code), links in said.items():
            table = self.ledger.children[field]
            missing = _missing(table, table.types[code], {target for _, _, target in links} - self._own)
            for at, number, target in links:
                if target in missing:
                    where = f"“{self.ledger.types[field].label}”第{number + 1}行“{table.types[code].label}”"
                    yield RowProblem(at, f"{field}.{number}.{code}", f"{where}指向的记录不存在或已作废：请重新选择。")


def _column(kind: FieldType) -> str:
    """The column that tells values of a unique field apart."""
    return next((name for name in kind.columns() if name.endswith("_hash")), kind.code)


def _missing(ledger: Ledger, kind: FieldType, wanted: set[Any]) -> set[Any]:
    """Of these ids those that no row has, or only a voided one."""
    model: Any = ledger.model._meta.get_field(kind.code).related_model or apps.get_model(kind.target)  # type: ignore[attr-defined]
    rows = all_of(model, "commit").order_by()
    if any(field.name == "voided_by_change" for field in model._meta.concrete_fields):
        rows = rows.filter(voided_by_change=None)
    ids = list(wanted)
    for start in range(0, len(ids), _CHUNK):
        wanted = wanted - set(rows.filter(pk__in=ids[start : start + _CHUNK]).values_list("pk", flat=True))
    return wanted


def _targets(value: Any) -> Sequence[Any]:
    return () if value is None else value if isinstance(value, list) else (value,)
