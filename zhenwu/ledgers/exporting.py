"""Export of exactly what a list shows, in full width: every field that the person may see, personal numbers masked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from django.db.models import QuerySet
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.audit import took_out
from zhenwu.changes.bulk import field_at, raw_batches, reader
from zhenwu.changes.models import Review
from zhenwu.divisions.models import Division
from zhenwu.ledgers.cells import columns_of, unit_of
from zhenwu.ledgers.errors import ApprovalNeeded, LedgerError, NotAllowed
from zhenwu.ledgers.linesheets import add_line_sheets
from zhenwu.ledgers.listing import ListQuery, filtered, ordered
from zhenwu.ledgers.queries import scope_in, shown_line_values, shown_values
from zhenwu.lib.columns import by_value
from zhenwu.lib.masking import Level
from zhenwu.lib.sheets import BookWriter, SheetColumn, write_csv
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType, IdNumber

_CHUNK = 5000
_OPEN = ("S0", "S1")
_BIRTH = IdNumber.completes[0]
XLSX_ROWS = 1_000_000  # a sheet has 1,048,576 rows


@dataclass(frozen=True)
class Out:
    column: SheetColumn
    paths: tuple[Any, ...]  # ORM paths, or expressions
    value: Callable[..., Any]


def export(
    ledger: Ledger, user: User, path: Path, query: ListQuery | None = None, *, open_only: bool = False, console: bool = False
) -> int:  # fmt: skip
    """Write .xlsx or .csv; returns the number of rows. Rows and columns are those the user may see; `open_only` leaves out what
    is personal. Who took out what is kept in the audit log.

    Raises ApprovalNeeded where another person has to approve it first (releasing.py); not on the `console`, whose user
    holds the machine.
    """
    query, scope = query or ListQuery(), scope_in(user, ledger)
    if open_only:
        scope = replace(scope, classes=scope.classes & frozenset(_OPEN))
    if not console and (why := why_approval(ledger, user, scope, query)):
        raise ApprovalNeeded(why)
    count = write_export(ledger, user, path, query, scope=scope)
    filters = unquote_plus(query.url().removeprefix("?"))
    said = f"“{ledger.label}”{count}行（{path.suffix.lstrip('.')}）" + (f"，条件：{filters}" if filters else "")
    took_out(said, by=user, ledger=ledger.code)
    return count


def why_approval(ledger: Ledger, user: User, scope: Scope, query: ListQuery) -> str:
    """Why another person has to approve this export; "" when nobody has to."""
    labels = sensitive_labels(ledger, scope)
    if not labels:
        return ""
    said = "、".join(labels[:6]) + ("等" if len(labels) > 6 else "")
    if strict := _strict_labels(ledger, user, scope, query):
        return f"这次导出含敏感内容（{'、'.join(strict[:6])}），要另一人审批。"
    most = int(runtime.param("privacy.export_rows", on=timezone.localdate()))
    if (count := counted(ledger, user, scope, query)) > most:
        return f"这次导出有{count:,}行，含个人信息（{said}）：超过{most}行的要另一人审批。"
    return ""


def sensitive_labels(ledger: Ledger, scope: Scope, classes: Sequence[str] = ("S2", "S3")) -> list[str]:
    """The labels of the columns of these classes that an export would hold, those of child tables too."""
    kinds = [kind for kind in shown_values(ledger, scope).values() if kind.spec.privacy in classes]
    for columns in shown_line_values(ledger, scope).values():
        kinds += [kind for kind in columns.values() if kind.spec.privacy in classes]
    return list(dict.fromkeys(kind.label for kind in kinds))


def _strict_labels(ledger: Ledger, user: User, scope: Scope, query: ListQuery) -> list[str]:
    """The columns of class S3; one in which no row says anything is none."""
    labels = sensitive_labels(ledger, scope, ("S3",))
    stored = {kind.label: code for code, kind in ledger.stored.items()}
    rows = filtered(ledger, scope, query, user=user) if labels else None
    return [
        label
        for label in labels
        if label not in stored or (rows is not None and rows.exclude(**{stored[label]: None}).exists())
    ]


def counted(ledger: Ledger, user: User, scope: Scope, query: ListQuery) -> int:
    return filtered(ledger, scope, query, user=user).count()


def write_export(ledger: Ledger, user: User, path: Path, query: ListQuery, *, scope: Scope, full: bool = False) -> int:
    """Write the file; `full`: personal numbers of the rows whole, as approved. Nothing is noted: the caller does."""
    if not scope.read:
        raise NotAllowed("你没有这本台账的权限。")
    rows = filtered(ledger, scope, query, user=user)
    out = _columns(ledger, scope, full)
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


def _columns(ledger: Ledger, scope: Scope, full: bool) -> list[Out]:
    found = [Out(SheetColumn("编号", width=18), ("no",), str)]
    if ledger.spec.place != "town":
        found.append(Out(SheetColumn(ledger.spec.place_label), ("division__name",), str))
    shown = shown_values(ledger, scope)
    for kind in shown.values():
        found.append(_whole(kind) if full and kind.is_sealed else _apart(kind) if _BIRTH in shown else out_of(kind))
    if ledger.states:
        found.append(Out(SheetColumn("状态"), ("state",), ledger.state_label))
    found.append(Out(SheetColumn("审核"), ("review",), _review))
    found.append(Out(SheetColumn("备注", width=30), ("note",), str))
    return found


def out_of(kind: FieldType) -> Out:
    """How a field is exported: its column, the paths it is read from, and what is written."""
    label = f"{kind.label}（{unit}）" if (unit := unit_of(kind)) else kind.label
    column = SheetColumn(label, kind.sheet_kind, getattr(kind, "places", 0))
    if kind.is_sealed:
        return Out(column, (kind.code,), lambda token: kind.show(kind.unseal(token)) if token else None)  # type: ignore[attr-defined]
    if kind.is_link and kind.spec.many:
        names = {pk.hex: name for pk, name in Division.objects.values_list("pk", "name")}
        return Out(column, (kind.code,), lambda ids: "、".join(names.get(one, "") for one in ids or []))
    if kind.is_link or kind.widget == "file":
        return Out(column, kind.list_paths()[:1], kind.cell if kind.is_link else kind.show)
    if isinstance(kind, Computed):
        return Out(column, kind.list_paths(), lambda *values: kind.sheet_value(kind.of_columns(*values)))
    return Out(column, (kind.code,), kind.sheet_value)


def _whole(kind: FieldType) -> Out:
    return replace(out_of(kind), value=lambda token: kind.unseal(token) if token else None)  # type: ignore[attr-defined]


def _apart(kind: FieldType) -> Out:
    """An ID number beside a column of birthdays: what an L1 number hides is the birthday, so that more of it is hidden."""
    if not isinstance(kind, IdNumber):
        return out_of(kind)
    return replace(
        out_of(kind), value=lambda token: kind.mask(kind.unseal(token) or "", Level.PRINTS) if token else None
    )


def values_of(rows: QuerySet[Any], out: list[Out]) -> Iterator[Sequence[Any]]:
    """What the cells hold, row by row; read and worked out by column, many rows at a time."""
    paths = [path for one in out for path in one.paths]
    reads = [reader(field_at(rows.model, path)) if isinstance(path, str) else None for path in paths]
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
