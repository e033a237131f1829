"""Child tables in exported workbooks: a sheet each, its lines keyed by the number of their row."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from zhenwu.accounts.scope import Scope
from zhenwu.divisions.models import Division
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.queries import shown_line_values
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType

_CHUNK = 2000
NUMBER, POSITION = "编号", "行"


def add_line_sheets(book: BookWriter, ledger: Ledger, scope: Scope, rows: QuerySet[Any]) -> None:
    """One sheet a child table that the scope shows, in the order of `rows`; empty ones too, so that they can be filled."""
    for code, columns in shown_line_values(ledger, scope).items():
        head = [SheetColumn(NUMBER, width=18), SheetColumn(POSITION, "integer")]
        head += [SheetColumn(label_of(kind), kind.sheet_kind, getattr(kind, "places", 0)) for kind in columns.values()]
        book.add_sheet(ledger.types[code].label, head, _lines(ledger, code, columns, rows))


def label_of(kind: FieldType) -> str:
    return f"{kind.label}（{unit}）" if (unit := unit_of(kind)) else kind.label


def _lines(ledger: Ledger, code: str, columns: dict[str, FieldType], rows: QuerySet[Any]) -> Iterator[list[Any]]:
    cells = [(kind, _cell(kind)) for kind in columns.values()]
    paths = [path for kind, _ in cells for path in _paths(kind)]
    table = ledger.children[code].model._default_manager
    batch: dict[uuid.UUID, str] = {}

    def written() -> Iterator[list[Any]]:
        found: dict[uuid.UUID, list[list[Any]]] = {}
        lines = table.filter(parent_id__in=list(batch)).order_by("parent_id", "position")
        for parent, position, *values in lines.values_list("parent_id", "position", *paths):
            at, said = 0, []
            for kind, cell in cells:
                width = len(_paths(kind))
                said.append(cell(*values[at : at + width]))
                at += width
            found.setdefault(parent, []).append([batch[parent], position, *said])
        for pk in batch:
            yield from found.get(pk, ())

    for pk, no in rows.values_list("pk", "no").iterator(chunk_size=_CHUNK):
        batch[pk] = no
        if len(batch) == _CHUNK:
            yield from written()
            batch.clear()
    yield from written()


def _paths(kind: FieldType) -> tuple[str, ...]:
    return kind.list_paths() if kind.is_link or kind.widget == "file" or not kind.stored else (kind.code,)


def _cell(kind: FieldType) -> Callable[..., Any]:
    """What a cell holds, of the values at the column's paths; personal numbers masked."""
    if kind.is_sealed:
        return lambda token: kind.show(kind.unseal(token)) if token else None  # type: ignore[attr-defined]
    if kind.is_link and kind.spec.many:
        names = {pk.hex: name for pk, name in Division.objects.values_list("pk", "name")}
        return lambda ids: "、".join(names.get(one, "") for one in ids or [])
    if kind.is_link:
        return kind.cell
    if isinstance(kind, Computed):
        return lambda *values: kind.sheet_value(kind.of_columns(*values))
    return kind.show if kind.widget == "file" else kind.sheet_value
