"""Export of exactly what a list shows, in full width: every field that the person may see, personal numbers masked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from django.db.models import QuerySet

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.audit import record
from zhenwu.changes.bulk import field_at, raw_batches, reader
from zhenwu.changes.models import Review, Watched
from zhenwu.divisions.models import Division
from zhenwu.ledgers.cells import columns_of, unit_of
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.linesheets import add_line_sheets
from zhenwu.ledgers.listing import ListQuery, filtered, ordered
from zhenwu.ledgers.queries import scope_in, shown_values
from zhenwu.lib.columns import by_value
from zhenwu.lib.sheets import BookWriter, SheetColumn, write_csv
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType

_CHUNK = 5000
XLSX_ROWS = 1_000_000  # a sheet has 1,048,576 rows


@dataclass(frozen=True)
class Out:
    column: SheetColumn
    paths: tuple[str, ...]
    value: Callable[..., Any]


def export(ledger: Ledger, user: User, path: Path, query: ListQuery | None = None) -> int:
    """Write .xlsx or .csv; returns the number of rows. Rows and columns are those the user may see. Who took out what is
    kept in the audit log."""
    count = _written(ledger, user, path, query or ListQuery())
    filters = unquote_plus((query or ListQuery()).url().removeprefix("?"))
    said = f"导出“{ledger.label}”{count}行（{path.suffix.lstrip('.')}）" + (f"，条件：{filters}" if filters else "")
    record(Watched.EXPORT, said, by=user, ledger=ledger.code)
    return count


def _written(ledger: Ledger, user: User, path: Path, query: ListQuery) -> int:
    scope = scope_in(user, ledger)
    if not scope.read:
        raise NotAllowed("你没有这本台账的权限。")
    rows = filtered(ledger, scope, query, user=user)
    out = _columns(ledger, scope)
    values = values_of(ordered(rows, columns_of(ledger, scope), query.sort), out)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8", newline="") as target:
            return write_csv(target, [one.column.label for one in out], values)
    if (count := rows.count()) > XLSX_ROWS:
        raise LedgerError(f"有{count:,}行，超过一张 Excel 表能放的行数。请先筛选，或导出为 CSV。")
    with BookWriter(path, constant_memory=True) as book:
        written = book.add_sheet(ledger.label, [one.column for one in out], values)
        add_line_sheets(book, ledger, scope, ordered(rows, columns_of(ledger, scope), query.sort))
        return written


def _columns(ledger: Ledger, scope: Scope) -> list[Out]:
    found = [Out(SheetColumn("编号", width=18), ("no",), str)]
    if ledger.spec.place != "town":
        found.append(Out(SheetColumn(ledger.spec.place_label), ("division__name",), str))
    found += [out_of(kind) for kind in shown_values(ledger, scope).values()]
    if ledger.states:
        found.append(Out(SheetColumn("状态"), ("state",), ledger.state_label))
    found.append(Out(SheetColumn("审核"), ("review",), _review))
    found.append(Out(SheetColumn("备注", width=30), ("note",), str))
    return found


def out_of(kind: FieldType) -> Out:
    """How a field is exported: its column, the paths it is read from, and what is written."""
    label = f"{kind.label}（{unit}）" if (unit := unit_of(kind)) else kind.label
    column = SheetColumn(label, kind.sheet_kind, getattr(kind, "places", 0))
    if kind.always_private:
        return Out(column, (kind.code,), lambda token: kind.show(kind.unseal(token)) if token else None)  # type: ignore[attr-defined]
    if kind.is_link and kind.spec.many:
        names = {pk.hex: name for pk, name in Division.objects.values_list("pk", "name")}
        return Out(column, (kind.code,), lambda ids: "、".join(names.get(one, "") for one in ids or []))
    if kind.is_link or kind.widget == "file":
        return Out(column, kind.list_paths()[:1], kind.cell if kind.is_link else kind.show)
    if isinstance(kind, Computed):
        return Out(column, kind.list_paths(), lambda *values: kind.sheet_value(kind.of_columns(*values)))
    return Out(column, (kind.code,), kind.sheet_value)


def values_of(rows: QuerySet[Any], out: list[Out]) -> Iterator[Sequence[Any]]:
    """What the cells hold, row by row; read and worked out by column, many rows at a time."""
    paths = [path for one in out for path in one.paths]
    reads = [reader(field_at(rows.model, path)) for path in paths]
    for batch in raw_batches(rows, paths, _CHUNK):
        columns = list(zip(*batch, strict=True))
        cells, at = [], 0
        for one in out:
            end = at + len(one.paths)
            cells.append(_cells(one, columns[at:end], reads[at:end]))
            at = end
        yield from zip(*cells, strict=True)


def _cells(one: Out, columns: Sequence[Sequence[Any]], reads: Sequence[Callable[[Any], Any] | None]) -> Sequence[Any]:
    if len(columns) == 1:
        read, value = reads[0], one.value
        return by_value(columns[0], value if read is None else lambda raw: value(read(raw)))
    known = [column if read is None else by_value(column, read) for column, read in zip(columns, reads, strict=True)]
    return [one.value(*values) for values in zip(*known, strict=True)]


def _review(value: str) -> str:
    return str(Review(value).label) if value in Review.values else value
