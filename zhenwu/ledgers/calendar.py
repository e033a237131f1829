"""The township's working-day calendar: what the package ships, and over it what people here entered. Each change is kept
in the chain `calendar`, whose end tells every process and the mart when to read it anew."""

import uuid
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import transaction

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.actions import Source, Version, append, lock_chain, open_change
from zhenwu.changes.models import ChainHead, History, SourceKind
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.models import CalendarYear, SpecialDay
from zhenwu.lib.holiday_notice import Notice, read_notice
from zhenwu.lib.workdays import Calendar, CalendarDay, default_calendar

CHAIN = "calendar"
FIRST_YEAR, LAST_YEAR = 2000, 2060
_DAYS = uuid.UUID("5f1d3a52-6d1e-5b52-9f6c-3f6f5b7d0c11")  # namespace of the days' ids in history


def stored_calendar() -> Calendar:
    """The calendar as of the last commit; one small query."""
    head = ChainHead.objects.filter(ledger=CHAIN).values_list("seq", "hash").first()
    return _built(*head) if head else default_calendar()


@lru_cache(maxsize=4)
def _built(seq: int, digest: str) -> Calendar:
    shipped = default_calendar()
    own = [CalendarDay(one.day, one.is_workday, one.note) for one in SpecialDay.objects.all()]
    years = shipped.years | set(CalendarYear.objects.values_list("year", flat=True))
    return Calendar([*shipped.special(), *own], years=years)


def may_edit_calendar(user: User) -> bool:
    return bool(rights_of(user).standing_in_for(None).roles & {Role.ADMIN, Role.OFFICE})


@transaction.atomic
def set_day(day: date, *, is_workday: bool, reason: str, source: str, by: User) -> None:
    """Switch one day to work or rest. Raises LedgerError without a reason, NotAllowed."""
    _need(by)
    if not reason.strip():
        raise LedgerError("请写明原因，如“国庆节调休上班”。没有改动。")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise LedgerError(f"只能修改{FIRST_YEAR}至{LAST_YEAR}年的日期。")
    _write([CalendarDay(day, is_workday, reason.strip()[:100])], source, by, reason)


@transaction.atomic
def set_back(day: date, *, by: User) -> None:
    """Take back what was entered here for a day: the shipped calendar holds again."""
    _need(by)
    if SpecialDay.objects.filter(pk=day).exists():
        change = _change(by, f"{day:%Y-%m-%d}恢复为原来的安排", "")
        versions = [_version(day, "remove", None, _versions([day]))]
        SpecialDay.objects.filter(pk=day).delete()
        append(change, CHAIN, versions)


@transaction.atomic
def import_notice(year: int, text: str, *, source: str, by: User) -> Notice:
    """Enter a year's notice from its pasted lines. With problems nothing is written: the notice tells them."""
    _need(by)
    notice = read_notice(text, year)
    if not source.strip():
        notice.problems.append("请写明依据：通知的名称和文号。")
    if not notice.problems:
        CalendarYear.objects.update_or_create(pk=year, defaults={"source": source.strip()[:200], "by": by})
        _write(notice.days, source, by, f"录入{year}年放假安排", year)
    return notice


def _write(days: Sequence[CalendarDay], source: str, by: User, reason: str, year: int | None = None) -> None:
    lock_chain(CHAIN)
    known = _versions([one.day for one in days])
    for one in days:
        said = {"is_workday": one.is_workday, "note": one.note or "", "source": source.strip()[:200], "by": by}
        SpecialDay.objects.update_or_create(pk=one.day, defaults=said)
    versions = [_version(one.day, "set", one, known, source) for one in days]
    if year is not None:
        row = uuid.uuid5(_DAYS, str(year))
        number = History.objects.filter(ledger=CHAIN, row=row).count() + 1
        versions.append(Version(row, number, "year", {"year": year, "source": source.strip()}))
    append(_change(by, reason, source), CHAIN, versions)


def _change(by: User, reason: str, source: str) -> Any:
    return open_change(author=by, reason=reason, source=Source(SourceKind.FORM, source.strip()))


def _versions(days: Sequence[date]) -> dict[date, int]:
    """How many versions history holds of each day."""
    ids = {uuid.uuid5(_DAYS, day.isoformat()): day for day in days}
    found = dict.fromkeys(days, 0)
    for row in History.objects.filter(ledger=CHAIN, row__in=list(ids)).values_list("row", flat=True):
        found[ids[row]] += 1
    return found


def _version(day: date, act: str, said: CalendarDay | None, known: dict[date, int], source: str = "") -> Version:
    values: dict[str, Any] = {"day": day.isoformat()}
    if said is not None:
        values |= {"is_workday": said.is_workday, "note": said.note, "source": source.strip()}
    return Version(uuid.uuid5(_DAYS, day.isoformat()), known[day] + 1, act, values)


def _need(by: User) -> None:
    if not may_edit_calendar(by):
        raise NotAllowed("工作日历由站所经办或系统管理员维护。")
