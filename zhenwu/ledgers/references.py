"""What a change says about other rows: values that may stand only once, and links that must lead somewhere."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from django.apps import apps

from zhenwu.changes.scoped import all_of
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.lines import line_links, lines_of
from zhenwu.ledgers.prepare import Prepared
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType, Personal

_CHUNK = 5000


class Doubles:
    """Finds values of unique fields that another row, stored or in this change, already has."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._seen: dict[str, dict[Any, uuid.UUID | None]] = {
            code: {} for code, kind in ledger.stored.items() if kind.spec.unique
        }

    def in_batch(self, prepared: Sequence[Prepared]) -> Iterator[RowProblem]:
        for code, seen in self._seen.items():
            kind = self.ledger.types[code]
            column = next((name for name in kind.columns() if name.endswith("_hash")), code)
            fresh: dict[Any, Prepared] = {}
            for one in prepared:
                value = _unique_value(one, kind, column)
                if value is None or one.columns.get("void"):
                    continue
                if value in seen or value in fresh:
                    message = f"“{kind.label}”与本次的另一行相同：同一个号码只能登记一次，请核对。"
                    yield RowProblem(one.at, code, message)
                else:
                    fresh[value] = one
            for value, row, no in self._stored(column, list(fresh)):
                if fresh[value].row != row:
                    message = f"“{kind.label}”与已有记录{no}相同：请改那一条，不要重复登记。"
                    yield RowProblem(fresh[value].at, code, message)
            seen.update(dict.fromkeys(fresh))

    def _stored(self, column: str, values: list[Any]) -> Iterator[tuple[Any, uuid.UUID, str]]:
        live = self.ledger.rows("commit").filter(voided_by_change=None).order_by()
        for start in range(0, len(values), _CHUNK):
            taken = live.filter(**{f"{column}__in": values[start : start + _CHUNK]})
            yield from taken.values_list(column, "pk", "no")


def _unique_value(one: Prepared, kind: FieldType, column: str) -> Any:
    if not one.is_new:
        return one.columns.get(column)
    value = one.values.get(kind.code)
    return None if value is None else kind.digest(value) if isinstance(kind, Personal) else value


def dangling(
    ledger: Ledger, prepared: Sequence[Prepared], own: Set[uuid.UUID], stored: Mapping[uuid.UUID, Any]
) -> Iterator[RowProblem]:
    """Links that were newly set to a row that does not exist or is voided. `own` are the rows that this change adds,
    `stored` those that it changes, as they were."""
    for code, kind in ledger.stored.items():
        if not kind.is_link:
            continue
        said = [(one, target) for one in prepared for target in _targets(one.values.get(code))]
        if not said:
            continue
        missing = _missing(ledger, kind, {target for _, target in said} - own)
        for one, target in said:
            if target in missing:
                yield RowProblem(one.at, code, f"“{kind.label}”指向的记录不存在或已作废：请重新选择。")
    if ledger.children:
        yield from _dangling_lines(ledger, prepared, own, stored)


def _dangling_lines(
    ledger: Ledger, prepared: Sequence[Prepared], own: Set[uuid.UUID], stored: Mapping[uuid.UUID, Any]
) -> Iterator[RowProblem]:
    said: dict[tuple[str, str], list[tuple[Prepared, int, Any]]] = defaultdict(list)
    for one in prepared:
        for field, number, code, value in line_links(ledger, one.lines) if one.act != "undo" else ():
            kind = ledger.children[field].types[code]
            before = {
                at for line in lines_of(ledger, stored.get(one.row), field) for at in _targets(kind.from_row(line))
            }
            said[field, code] += [(one, number, target) for target in _targets(value) if target not in before]
    for (field, code), links in said.items():
        table = ledger.children[field]
        missing = _missing(table, table.types[code], {target for _, _, target in links} - own)
        for one, number, target in links:
            if target in missing:
                where = f"“{ledger.types[field].label}”第{number + 1}行“{table.types[code].label}”"
                yield RowProblem(one.at, f"{field}.{number}.{code}", f"{where}指向的记录不存在或已作废：请重新选择。")


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
