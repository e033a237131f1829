"""A person's copy of what is held about them (personal information protection law, article 45): the own values, the rows of
every ledger that point to the person, and who opened personal numbers. Rights of who asks for it hold throughout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.changes.audit import record
from zhenwu.changes.models import History, Review, Watched
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.models import Purpose, Reveal
from zhenwu.ledgers.queries import (
    ledger_of_model,
    lines_text,
    references_to,
    rows_in,
    scope_in,
    shown_line_values,
    shown_lines,
    shown_values,
    target_ledger,
)
from zhenwu.ledgers.revealing import note_reveal
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType
from zhenwu.packs.types.links import PersonLink

PERSON = "people.Person"
_HOUSEHOLD, _MEMBER = "people.Household", "people.HouseholdMember"
_SENSITIVE = "S2"
_LEAST = 2  # characters of a purpose
ASK_PURPOSE = "请写明用途，至少两个字，如“本人申请查阅”。"

_FIELDS = [SheetColumn("项目", width=24), SheetColumn("内容", width=60)]
_ROWS = [
    SheetColumn("台账", width=20), SheetColumn("编号", width=18), SheetColumn("与本人的关系", width=16),
    SheetColumn("村（社区）"), SheetColumn("状态"), SheetColumn("审核"), SheetColumn("登记时间", width=18),
    SheetColumn("来源", width=30), SheetColumn("登记的内容", width=80),
]  # fmt: skip
_LOOKED = [
    SheetColumn("时间", width=18), SheetColumn("谁", width=14), SheetColumn("台账", width=20),
    SheetColumn("编号", width=18), SheetColumn("看的是什么", width=20), SheetColumn("用途", width=50),
]  # fmt: skip


def may_copy(ledger: Ledger, scope: Scope, row: Any) -> bool:
    """Whether this row is a person whose sensitive values the scope shows."""
    return ledger.spec.model == PERSON and scope.sees(row) and scope.shows(_SENSITIVE)


def write_copy(
    ledger: Ledger, person: Any, target: Path | IO[bytes], *, by: User, purpose: str, address: str = ""
) -> int:
    """Write the copy as .xlsx; returns how many rows of ledgers stand in it. Every personal number that it shows is noted as
    opened, before the file can leave. Raises NotAllowed, and LedgerError without a purpose."""
    scope = scope_in(by, ledger)
    if not may_copy(ledger, scope, person):
        raise NotAllowed("你不能导出这个人的信息。")
    purpose = purpose.strip()[:200]
    if len(purpose) < _LEAST:
        raise LedgerError(ASK_PURPOSE)
    with transaction.atomic():
        found = list(_rows_about(ledger, person, by))
        looked = list(_looked_at(ledger, person, [(one.ledger, one.row) for one in found if one.own]))
        own = list(_said(ledger, scope, person, by, purpose, address))
        rows = [_row(one, by, purpose, address) for one in found]
        record(
            Watched.EXPORT, f"导出{ledger.label}{person.no}的本人信息副本，相关记录{len(rows)}条，用途：{purpose}",
            by=by, ledger=ledger.code, row=person.pk, address=address,
        )  # fmt: skip
        made = timezone.localtime()
        own = [
            ("编号", person.no), (ledger.spec.place_label, str(person.division or "")), *own,
            ("备注", person.note or ""), ("登记时间", _moment(person.created_at)), ("来源", _source(ledger, person)),
            ("本副本", f"{made:%Y-%m-%d %H:%M} 由{by}导出，用途：{purpose}。只含导出人职责范围内的记录。"),
        ]  # fmt: skip
        with BookWriter(target) as book:
            book.add_sheet("本人信息", _FIELDS, own)
            book.add_sheet("相关记录", _ROWS, rows)
            book.add_sheet("查看记录", _LOOKED, looked)
    return len(rows)


@dataclass(frozen=True)
class _About:
    """A row that has to do with the person: how, and what of it. `own`: it is about nobody else, so that its numbers may be
    opened; `lines`: only these lines of a child table are."""

    ledger: Ledger
    scope: Scope
    how: str
    row: Any
    own: bool = False
    besides: FieldType | None = None
    lines: tuple[str, list[Any]] | None = None  # (field, lines)


def _rows_about(ledger: Ledger, person: Any, by: User) -> Iterator[_About]:
    """Every row in the user's scope that points to the person, itself or in a line, or to a household of theirs."""
    seen: set[tuple[str, Any]] = set()
    for other, kind in references_to(ledger.code):
        scope = scope_in(by, other)
        for row in _pointing(other, scope, kind, [person.pk]):
            seen.add((other.code, row.pk))
            yield _About(other, scope, kind.label, row, own=True, besides=kind)
    for other in runtime.ledgers().values():
        scope = scope_in(by, other)
        for row, field, kind, lines in _lines_about(other, scope, ledger.code, person) if scope.read else ():
            seen.add((other.code, row.pk))
            yield _About(other, scope, f"{other.types[field].label}：{kind.label}", row, lines=(field, lines))
    homes = _homes_of(person, by)
    households = ledger_of_model(_HOUSEHOLD)
    for row in _household_rows(households, homes, by):
        if (households, row.pk) not in seen:
            yield _About(runtime.ledger(households), scope_in(by, runtime.ledger(households)), "所在户", row)
    for other, kind in references_to(households) if homes else ():
        scope = scope_in(by, other)
        for row in _pointing(other, scope, kind, homes):
            if (other.code, row.pk) not in seen and not _names_somebody(other, row):
                seen.add((other.code, row.pk))
                yield _About(other, scope, f"所在户：{kind.label}", row, besides=kind)


def _pointing(other: Ledger, scope: Scope, kind: FieldType, targets: Sequence[Any]) -> Iterator[Any]:
    if scope.read and scope.shows(kind.spec.privacy):
        rows = rows_in(other, scope).filter(**{f"{kind.code}__in": targets}).select_related("division", "change")
        yield from rows.order_by("no")


def _lines_about(
    other: Ledger, scope: Scope, code: str, person: Any
) -> Iterator[tuple[Any, str, FieldType, list[Any]]]:
    """(row, field, column, lines) of the lines that point to the person."""
    for field, columns in shown_lines(other, scope).items():
        for kind in columns.values():
            if target_ledger(kind) != code:
                continue
            lines = other.children[field].model._default_manager.filter(**{kind.code: person.pk})
            rows = rows_in(other, scope).filter(pk__in=lines.values("parent_id")).select_related("division", "change")
            for row in rows.order_by("no"):
                mine = [line for line in lines_of(other, row, field) if getattr(line, f"{kind.code}_id") == person.pk]
                yield row, field, kind, mine


def _homes_of(person: Any, by: User) -> list[Any]:
    """The households that the person belongs to or once did, as far as the user sees that."""
    found: set[Any] = set()
    for code, column in ((ledger_of_model(_MEMBER), "person"), (ledger_of_model(_HOUSEHOLD), "head")):
        if not code:
            continue
        other = runtime.ledger(code)
        scope = scope_in(by, other)
        rows = rows_in(other, scope).filter(**{column: person.pk}) if scope.read else ()
        found |= {row.household_id if column == "person" else row.pk for row in rows}
    return sorted(found - {None})


def _household_rows(code: str, homes: Sequence[Any], by: User) -> Iterator[Any]:
    if code and homes:
        ledger = runtime.ledger(code)
        scope = scope_in(by, ledger)
        if scope.read:
            yield from rows_in(ledger, scope).filter(pk__in=homes).select_related("division", "change").order_by("no")


def _names_somebody(other: Ledger, row: Any) -> bool:
    """Whether the row is about one person of the household: it is then theirs alone."""
    persons = [kind for kind in other.stored.values() if isinstance(kind, PersonLink)]
    return any(getattr(row, f"{kind.code}_id") for kind in persons)


def _row(one: _About, by: User, purpose: str, address: str) -> list[Any]:
    other, row = one.ledger, one.row
    if one.lines is not None:
        field, lines = one.lines
        said = f"{other.types[field].label} " + lines_text(shown_line_values(other, one.scope)[field].values(), lines)
    else:
        found = _said(other, one.scope, row, by, purpose, address, besides=one.besides, opens=one.own)
        said = "；".join(f"{label} {text}" for label, text in found if text)
    return [
        other.label, row.no, one.how, str(row.division or ""), other.state_label(row.state) if row.state else "",
        str(Review(row.review).label), _moment(row.created_at), _source(other, row), said,
    ]  # fmt: skip


def _said(
    ledger: Ledger,
    scope: Scope,
    row: Any,
    by: User,
    purpose: str,
    address: str,
    *,
    besides: FieldType | None = None,
    opens: bool = True,
) -> Iterator[tuple[str, str]]:
    """(label, text) of what stands in the row and is shown to the user. A sealed value is opened, and that is noted: of the
    own row and of rows about the person alone (`opens`); numbers in rows of the household and in lines of child tables may be
    other people's and stay masked."""
    for kind in shown_values(ledger, scope).values():
        if kind is besides:
            continue
        if opens and kind.is_sealed and (value := kind.from_row(row)):
            note_reveal(ledger, row, kind, Purpose.OWN, note=purpose, by=by, address=address)
            yield kind.label, str(value)
        elif text := kind.show_row(row):
            yield kind.label, text
        elif besides is None:
            yield kind.label, ""
    for code, columns in shown_line_values(ledger, scope).items():
        if text := lines_text(columns.values(), lines_of(ledger, row, code)):
            yield ledger.types[code].label, text
    if row.files and scope.shows(ledger.attachments.spec.privacy):
        yield ledger.attachments.label, f"{len(row.files)}个：{ledger.attachments.show(row.files)}"


def _looked_at(ledger: Ledger, person: Any, about: list[tuple[Ledger, Any]]) -> Iterator[list[Any]]:
    """Who opened personal numbers of the person's own row and of the rows about them, newest first."""
    numbers = {(ledger.code, person.pk): person.no} | {(other.code, row.pk): row.no for other, row in about}
    for one in Reveal.objects.filter(row__in={row for _, row in numbers}).select_related("by").order_by("-at"):
        if (no := numbers.get((one.ledger, one.row))) is None:
            continue
        known = runtime.ledger(one.ledger)
        kind = known.types.get(one.field)
        yield [_moment(one.at), str(one.by), known.label, no, kind.label if kind else one.field, one.why]


def _source(ledger: Ledger, row: Any) -> str:
    """How the row first came: a page, an imported sheet with its name, a program."""
    first = History.objects.filter(ledger=ledger.code, row=row.pk, version=1).select_related("change").first()
    if first is None:
        return row.source or ""
    change = first.change
    return " ".join(part for part in (change.get_source_kind_display(), change.source_name) if part)


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
