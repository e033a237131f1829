"""Stage a file, apply what was staged as one change, or give the sheet back with every bad cell explained."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.actions import Source, lock_chain
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.changes.queries import ledger_seq
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError, NotAllowed
from zhenwu.ledgers.importing.mapping import IGNORED, Mapped, known_headers, map_columns, targets_of
from zhenwu.ledgers.importing.stage import Progress, Staged, StagedRow, stage_rows
from zhenwu.ledgers.operations import KEEP, Add, Draft, Edit, Operation
from zhenwu.lib.collector import collector_paused
from zhenwu.lib.sheets import BookWriter, CellMark, SheetColumn, SheetError, Table, find_table, read_book
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger


class WrongSheet(LedgerError):
    """The sheet is not one of this ledger. The message says what was found and what was expected."""


@dataclass(frozen=True)
class Reading:
    """A file as read: its table, which column fills what, and why it cannot be staged yet ("" when it can)."""

    table: Table
    mapping: list[Mapped]
    sheets: list[str]
    problem: str


def read_file(
    code: str, source: bytes | Path, *, name: str, sheet: str = "", chosen: dict[int, str] | None = None,
    scope: Scope | None = None,
) -> Reading:  # fmt: skip
    """Find the table and map its headers. Raises SheetError or WrongSheet when there is no table to map."""
    ledger = runtime.ledger(code)
    data = source if isinstance(source, bytes) else source.read_bytes()
    table, sheets = _table(ledger, data, name, sheet)
    mapping = map_columns(ledger, table.columns, chosen)
    if scope is not None:  # what a person may not see they do not fill either: blind, they would overwrite it
        open_ones = targets_of(ledger, scope)
        mapping = [one if one.target in open_ones else Mapped(one.column, "", "none") for one in mapping]
    mapped = {one.target for one in mapping if one.target}
    problem = ""
    if not mapped:
        problem = _not_ours(ledger, table)
    elif missing := _missing(ledger, mapped, scope):
        problem = (
            f"“{table.sheet}”缺少{ledger.label}必填的列：{'、'.join(missing)}。表里的列是：{_headers(table)}。"
            "请补上这些列，或在页面上把它们与表里的列对应起来。"
        )
    return Reading(table, mapping, sheets, problem)


@collector_paused()
def stage_file(
    code: str,
    source: bytes | Path,
    *,
    name: str,
    by: Any,
    sheet: str = "",
    chosen: dict[int, str] | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Staged:
    """Read, map, normalise and compare; writes nothing. Raises SheetError or WrongSheet for a file that is no roster."""
    ledger = runtime.ledger(code)
    scope = rights_of(by).scope(ledger.spec.line, ledger.spec.privacy)
    if not scope.enter:
        raise NotAllowed("你没有在这本台账登记的权限。")
    data = source if isinstance(source, bytes) else source.read_bytes()
    reading = read_file(code, data, name=name, sheet=sheet, chosen=chosen, scope=scope)
    if reading.problem:
        raise WrongSheet(reading.problem)
    table, mapping = reading.table, reading.mapping
    review = Review.APPROVED if scope.approve else Review.DRAFT
    seq = ledger_seq(code)
    rows = stage_rows(
        ledger, mapping, table, scope=scope, review=review, today=today or timezone.localdate(), by=by, progress=progress
    )  # fmt: skip
    return Staged(ledger, mapping, rows, table, hashlib.sha256(data).hexdigest(), name, seq)


@collector_paused()
def apply_staged(staged: Staged, *, by: Any, skip_problems: bool = False, today: date | None = None) -> Change | None:
    """Commit the staged rows as one change; None when everything is the same already.

    Raises CommitRefused while rows have problems and `skip_problems` is not set: a person decides to leave rows out.
    Raises Conflict when the ledger changed since the sheet was compared with it: a new row may be there by now.
    """
    if staged.problems and not skip_problems:
        raise CommitRefused(staged.problems)
    scope = rights_of(by).scope(staged.ledger.spec.line, staged.ledger.spec.privacy)
    review = Review.APPROVED if scope.approve else Review.DRAFT
    operations = [
        operation
        for row in staged.rows
        if row.status in ("add", "change")
        for operation in _operations(row, review, staged)
    ]
    if not operations:
        return None
    source = Source(SourceKind.IMPORT, staged.source_name, staged.source_hash)
    with transaction.atomic():
        if lock_chain(staged.ledger.code).seq != staged.seq:
            raise Conflict([], f"{staged.ledger.label}在核对之后又有了改动，没有导入。请重新核对这份表再导入。")
        return commit(Draft(staged.ledger.code, by, operations, source, f"导入{staged.source_name}", today))


def give_back(staged: Staged, target: str | Path | IO[bytes]) -> None:
    """The rows that have problems as they were read, each bad cell coloured and explained; and what was left out and why.
    Mended, the file can be imported as it is."""
    columns = [SheetColumn(column.label or f"第{column.index + 1}列") for column in staged.table.columns]
    columns = [SheetColumn("原行号", "integer"), *columns, SheetColumn("问题说明", width=60)]
    at_column = {one.target: index for index, one in enumerate(staged.mapping, 1) if one.target}
    cells = {row.number: row.cells for row in staged.table.rows}
    indexes = [column.index for column in staged.table.columns]
    bad = [row for row in staged.rows if row.problems]
    with BookWriter(target) as book:
        if bad:
            _problem_sheet(book, "需要修改", bad, columns, cells, indexes, at_column)
        else:
            book.add_sheet("没有问题", [SheetColumn("说明", width=40)], [["所有行都可以导入。"]])
        if staged.table.dropped:
            book.add_sheet(
                "未作为数据的行",
                [SheetColumn("原行号", "integer"), SheetColumn("原因", width=60)],
                staged.table.dropped,
            )


def _problem_sheet(
    book: BookWriter, title: str, rows: Sequence[StagedRow], columns: Sequence[SheetColumn],
    cells: dict[int, Any], indexes: Sequence[int], at_column: dict[str, int],
) -> None:  # fmt: skip
    marks = [
        CellMark(place, at_column.get(problem.field, len(columns) - 1), "red", problem.message)
        for place, row in enumerate(rows)
        for problem in row.problems
    ]
    body = [
        [
            row.number,
            *(_as_text(cells[row.number][index]) for index in indexes),
            "\n".join(one.message for one in row.problems),
        ]
        for row in rows
    ]
    book.add_sheet(title, columns, body, marks=marks)


def _operations(row: StagedRow, review: Review, staged: Staged) -> list[Operation]:
    if row.status == "add":
        source = f"{staged.source_name} 第{row.number}行"
        return [Add(row.values, row.division, review, row.state, row.note, source, row.number)]
    assert row.row is not None
    return [
        Edit(
            row.row,
            row.version,
            row.values,
            row.division or KEEP,
            row.note if row.note is not None else KEEP,
            row.number,
        )
    ]


def _table(ledger: Ledger, data: bytes, name: str, sheet: str) -> tuple[Table, list[str]]:
    """The table on the named sheet, else on the first visible sheet that holds one of this ledger; and all visible sheets."""
    book = read_book(data, filename=name)
    sheets = [one.name for one in book.visible or book.sheets]
    if sheet:
        named = [one for one in book.sheets if one.name == sheet]
        if not named:
            raise WrongSheet(f"“{name}”里没有工作表“{sheet}”。现有：{'、'.join(one.name for one in book.sheets)}。")
        return find_table(named[0], known_headers(ledger)), sheets
    first_problem: SheetError | None = None
    for one in book.visible or book.sheets:
        try:
            return find_table(one, known_headers(ledger)), sheets
        except SheetError as problem:
            first_problem = first_problem or problem
    raise first_problem or WrongSheet(f"“{name}”里没有可读的工作表。")


def _missing(ledger: Ledger, mapped: set[str], scope: Scope | None) -> list[str]:
    """Labels of always-required fields that no column fills (a sheet that updates by number needs none)."""
    if "no" in mapped:
        return []
    missing = [
        kind.label
        for code, kind in ledger.stored.items()
        if kind.spec.required is True and kind.writable and code not in mapped and f"{code}:idno" not in mapped
        and (scope is None or scope.shows(kind.spec.privacy))
        and not _answered(ledger, code, mapped) and kind.spec.default is None
    ]  # fmt: skip
    if ledger.spec.place != "town" and ledger.spec.place_required and "division" not in mapped:
        missing.insert(0, ledger.spec.place_label)
    return missing


def _answered(ledger: Ledger, code: str, mapped: set[str]) -> bool:
    """An ID number answers birth day and sex."""
    return code in ("birth", "sex") and any(kind.name == "idno" and one in mapped for one, kind in ledger.types.items())


def _not_ours(ledger: Ledger, table: Table) -> str:
    wanted = "、".join(label for target, label in list(targets_of(ledger).items())[:12] if ":" not in target)
    return (
        f"“{table.sheet}”第{table.header_rows[-1]}行的表头与{ledger.label}对不上。表里的列是：{_headers(table)}。"
        f"这本台账认得的列有：{wanted}等。请确认传对了文件，或先下载空白表填写。"
    )


def _headers(table: Table) -> str:
    return "、".join(column.label for column in table.columns[:15] if column.label not in IGNORED) or "（空）"


def _as_text(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 13800001234.0 would come back as another text
    return value.isoformat() if hasattr(value, "isoformat") else value
