"""Stage a file, and apply what was staged as one change."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.actions import Source, lock_chain
from zhenwu.changes.bulk import lean
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.changes.queries import ledger_seq
from zhenwu.divisions.names import Gazetteer
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError, NotAllowed
from zhenwu.ledgers.importing import memory
from zhenwu.ledgers.importing.companions import Besides, companion_of, extra_columns
from zhenwu.ledgers.importing.linefinding import LineSource, is_named_after_lines, line_sheets, split_lines
from zhenwu.ledgers.importing.linereading import add_orphans
from zhenwu.ledgers.importing.mapping import IGNORED, Mapped, known_headers, map_columns, targets_of
from zhenwu.ledgers.importing.stage import Progress, Staged, StagedRows, stage_rows
from zhenwu.ledgers.operations import KEEP, Draft, Edit, NewRows, Operation
from zhenwu.lib.collector import collector_paused
from zhenwu.lib.columns import at_places
from zhenwu.lib.ids import uuid7_hexes
from zhenwu.lib.sheets import (
    Sheet,
    SheetError,
    Table,
    find_table,
    join_tables,
    read_book,
    said_with_sheets,
    same_header,
    where,
    with_sheet_names,
)  # fmt: skip
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_ONLY_BESIDES = frozenset({"与户主关系"})


class WrongSheet(LedgerError):
    """The sheet is not one of this ledger. The message says what was found and what was expected."""


@dataclass(frozen=True)
class Reading:
    """A file as read: its table, which column fills what, and why it cannot be staged yet ("" when it can). `sheets` are
    the visible ones of the book, `alike` those with the same header as the table, `lines` where the lines of child tables
    stand."""

    table: Table
    mapping: list[Mapped]
    sheets: list[str]
    alike: list[str]
    problem: str
    lines: list[LineSource]


def read_file(
    code: str, source: bytes | Path, *, name: str, sheet: str = "", sheets: Sequence[str] = (),
    chosen: dict[int, str] | None = None, scope: Scope | None = None, by: Any = None,
) -> Reading:  # fmt: skip
    """Find the table and map its headers. Raises SheetError or WrongSheet when there is no table to map.

    `sheets` are read as one table (`sheet` is one of them); none given: the first that fits. `by`: whose earlier choices
    for such headers are used.
    """
    ledger = runtime.ledger(code)
    data = source if isinstance(source, bytes) else source.read_bytes()
    found = _tables(ledger, data, name, [*sheets, *([sheet] if sheet else [])])
    table = join_tables(found.read)
    remembered = memory.recall(code, table.columns, by) if by is not None else None
    mapping = map_columns(ledger, table.columns, chosen, remembered)
    if _place_is_sheet_name(ledger, table, mapping):
        table = with_sheet_names(table)
        mapping.append(Mapped(table.columns[-1], "division", "alias"))
    if scope is not None:  # what a person may not see they do not fill either: blind, they would overwrite it
        open_ones = targets_of(ledger, scope)
        mapping = [one if one.target in open_ones else Mapped(one.column, "", "none") for one in mapping]
    table, lines = split_lines(ledger, table, mapping)
    table, beside = line_sheets(ledger, table, found.rest, scope)
    lines = [one for one in lines if one.code not in {other.code for other in beside}] + beside
    mapped = {one.target for one in mapping if one.target}
    problem = ""
    if not mapped:
        problem = _not_ours(ledger, table)
    elif missing := _missing(ledger, mapped, scope):
        problem = (
            f"“{table.sheet}”缺少{ledger.label}必填的列：{'、'.join(missing)}。表里的列是：{_headers(table)}。"
            "请补上这些列，或在页面上把它们与表里的列对应起来。"
        )
    return Reading(table, mapping, found.visible, found.alike, problem, lines)


@collector_paused()
@lean()
def stage_file(
    code: str,
    source: bytes | Path,
    *,
    name: str,
    by: Any,
    sheet: str = "",
    sheets: Sequence[str] = (),
    chosen: dict[int, str] | None = None,
    since: date | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> Staged:
    """Read, map, normalise and compare; writes nothing. Raises SheetError or WrongSheet for a file that is no roster.

    `since`: from when families of a register begin that say no day. `progress` is called with (rows done, rows in all).
    """
    ledger = runtime.ledger(code)
    scope = rights_of(by).scope(ledger.spec.line, ledger.spec.privacy)
    if not scope.enter:
        raise NotAllowed("你没有在这本台账登记的权限。")
    data = source if isinstance(source, bytes) else source.read_bytes()
    reading = read_file(code, data, name=name, sheet=sheet, sheets=sheets, chosen=chosen, scope=scope, by=by)
    if reading.problem:
        raise WrongSheet(reading.problem)
    table, mapping = reading.table, reading.mapping
    review = Review.APPROVED if scope.approve else Review.DRAFT
    seq = ledger_seq(code)
    rows = stage_rows(
        ledger, mapping, table, scope=scope, review=review, today=today or timezone.localdate(), by=by,
        progress=progress, lines=reading.lines,
    )  # fmt: skip
    besides = _besides(code, rows, mapping, table, scope, today or timezone.localdate(), since)
    if rows.orphans:
        table = add_orphans(rows, table)
    if table.parts or table.others:
        for at, wrong in rows.problems.items():
            rows.problems[at] = [replace(one, message=said_with_sheets(table, one.message)) for one in wrong]
    return Staged(
        ledger, mapping, rows, table, hashlib.sha256(data).hexdigest(), name, seq, reading.sheets, reading.alike,
        reading.lines, besides,
    )  # fmt: skip


def _besides(
    code: str, rows: StagedRows, mapping: Sequence[Mapped], table: Table, scope: Scope, today: date, since: date | None
) -> Besides | None:
    """What the sheet says beyond its own ledger."""
    extra = {one.target for one in extra_columns(code)}
    columns = {one.target: one.column.index for one in mapping if one.target in extra}
    companion = companion_of(code)
    if companion is None or not columns:
        return None
    cells = {target: [row.cells[index] for row in table.rows] for target, index in columns.items()}
    return companion.stage(rows, cells, scope=scope, today=today, day=table.sheet_day, since=since)


@collector_paused()
@lean()
def apply_staged(
    staged: Staged, *, by: Any, skip_problems: bool = False, today: date | None = None, progress: Progress | None = None,
    goes_back: bool = False,
) -> Change | None:  # fmt: skip
    """Commit the staged rows as one change; None when everything is the same already. `goes_back`: see `commit`.

    Raises CommitRefused while rows have problems and `skip_problems` is not set: a person decides to leave rows out, and
    the change's reason says how many.
    Raises Conflict when the ledger changed since the sheet was compared with it: a new row may be there by now.
    """
    if staged.problems and not skip_problems:
        raise CommitRefused(staged.problems)
    scope = rights_of(by).scope(staged.ledger.spec.line, staged.ledger.spec.privacy)
    review = Review.APPROVED if scope.approve else Review.DRAFT
    ids = _ids(staged) if staged.besides else {}
    operations = _operations(staged, review, ids)
    source = Source(SourceKind.IMPORT, staged.source_name, staged.source_hash)
    with transaction.atomic(savepoint=not goes_back):
        seqs = {staged.ledger.code: staged.seq} | (staged.besides.seqs if staged.besides else {})
        for code in sorted(seqs):  # in the order of every other commit
            if lock_chain(code).seq != seqs[code]:
                label = runtime.ledger(code).label
                raise Conflict([], f"{label}在核对之后又有了改动，没有导入。请重新核对这份表再导入。")
        reason = f"导入{staged.source_name}"
        if left_out := staged.counts["problem"]:
            reason = f"{reason[:440]}；有问题的{left_out}行按{by}的选择没有导入"
        others = _others(staged, ids, by=by, source=source, reason=reason, review=review, today=today)
        if not operations and not others:
            return None
        draft = Draft(staged.ledger.code, by, operations, source, reason, today, others=others, progress=progress)
        return commit(draft, goes_back=True)


def _ids(staged: Staged) -> dict[int, uuid.UUID]:
    """The id of each row that is there or will be, by its place."""
    rows = staged.rows
    fresh = iter(uuid7_hexes(rows.statuses.count("add")))
    found: dict[int, uuid.UUID] = {}
    for at, status in enumerate(rows.statuses):
        if status == "add":
            found[at] = uuid.UUID(next(fresh))
        elif status != "problem" and (known := rows.stored[at]):
            found[at] = uuid.UUID(known)
    return found


def _others(staged: Staged, ids: dict[int, uuid.UUID], *, today: date | None, **said: Any) -> list[Draft]:
    """What the same change writes into other ledgers."""
    companion, besides = companion_of(staged.ledger.code), staged.besides
    if companion is None or besides is None or besides.plan is None:
        return []
    return companion.drafts(
        besides, staged.rows, ids, today=today or timezone.localdate(), name=staged.source_name, **said
    )


def _operations(staged: Staged, review: Review, ids: dict[int, uuid.UUID]) -> list[Operation]:
    rows = staged.rows
    found: list[Operation] = []
    if new := [at for at, status in enumerate(rows.statuses) if status == "add"]:
        found.append(NewRows(
            {code: at_places(column, new) for code, column in rows.values.items()}, at_places(rows.divisions, new),
            [review] * len(new), at_places(rows.states, new), at_places(rows.notes, new),
            at_places(_sources(staged), new), at_places(rows.numbers, new), [ids[at] for at in new] if ids else (),
        ))  # fmt: skip
    for row in (rows[at] for at, status in enumerate(rows.statuses) if status == "change"):
        assert row.row is not None
        if staged.besides and not row.values and row.changes.keys() <= _ONLY_BESIDES:
            continue  # what changes is in another ledger
        note = KEEP if row.note is None else row.note
        found.append(Edit(row.row, row.version, row.values, row.division or KEEP, note, row.number))
    return found


def _sources(staged: Staged) -> list[str]:
    """Where each row comes from, and what reading remarked of it."""
    name, table = staged.source_name, staged.table
    if table.parts:
        found = [f"{name} {where(table, number)}" for number in staged.rows.numbers]
    else:
        found = [f"{name} 第{number}行" for number in staged.rows.numbers]
    for at, remarks in staged.rows.remarks.items():
        found[at] += f"（{''.join(remarks)}）"
    return found


@dataclass(frozen=True)
class _Found:
    """The tables to read, the names of the visible sheets, of those whose header is like the first table's, and the visible
    sheets of which neither is true."""

    read: list[Table]
    visible: list[str]
    alike: list[str]
    rest: list[Sheet]


def _tables(ledger: Ledger, data: bytes, name: str, wanted: Sequence[str]) -> _Found:
    """The tables on the wanted sheets, else on the first visible sheet that holds one of this ledger."""
    book = read_book(data, filename=name)
    shown = sorted(book.visible or book.sheets, key=lambda one: is_named_after_lines(ledger, one.name))
    known = known_headers(ledger)
    if missing := [one for one in wanted if one not in {sheet.name for sheet in book.sheets}]:
        raise WrongSheet(f"“{name}”里没有工作表“{missing[0]}”。现有：{'、'.join(one.name for one in book.sheets)}。")
    if wanted:
        read = [find_table(one, known) for one in book.sheets if one.name in wanted]
        rest = [one for one in shown if one.name not in wanted]
    else:
        first_problem: SheetError | None = None
        for at, one in enumerate(shown):
            try:
                read, rest = [find_table(one, known)], [*shown[:at], *shown[at + 1 :]]
                break
            except SheetError as problem:
                first_problem = first_problem or problem
        else:
            raise first_problem or WrongSheet(f"“{name}”里没有可读的工作表。")
    like = {table.sheet for table in read} | {one.name for one in rest if _is_like(one, known, read[0])}
    names = [one.name for one in book.visible or book.sheets]
    return _Found(read, names, [one for one in names if one in like], [one for one in rest if one.name not in like])


def _is_like(sheet: Sheet, known: Sequence[str], table: Table) -> bool:
    try:
        return same_header(find_table(sheet, known), table)
    except SheetError:
        return False


def _place_is_sheet_name(ledger: Ledger, table: Table, mapping: Sequence[Mapped]) -> bool:
    """Whether no column says the place, and each sheet is named after one: a book with a sheet for each village."""
    if ledger.spec.place == "town" or any(one.target in ("division", "no") for one in mapping):
        return False
    places = Gazetteer()
    return all(len(places.find(name, timezone.localdate())[0]) == 1 for name in table.parts or (table.sheet,))


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
