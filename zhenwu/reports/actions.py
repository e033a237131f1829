"""Writing reports: draft, sign off, and put on paper."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhenwu.accounts.models import Role
from zhenwu.accounts.scope import rights_of
from zhenwu.changes.actions import Source, Version, append, canonical_json, open_change
from zhenwu.changes.models import SourceKind
from zhenwu.checks.access import HIDDEN_MESSAGE, may_read
from zhenwu.checks.models import Finding
from zhenwu.checks.running import run
from zhenwu.lib.docx_write import official_bytes
from zhenwu.mart.places import Boundary
from zhenwu.packs import runtime
from zhenwu.plans.queries import lines_of_plan, published_plan
from zhenwu.reports.citing import Question, open_red
from zhenwu.reports.draft import compose, issuer_of, town_name
from zhenwu.reports.errors import FreezeRefused, NoData, ReportError, WrongDay
from zhenwu.reports.models import FigureRows, Report, State
from zhenwu.reports.official import blocks_of, meta_of
from zhenwu.reports.queries import waiting_for_review

_CHAIN = "report"
_NAMED = 20


def draft_report(
    year: int, as_of: date | None = None, by: Any = None, *, boundary: Boundary = "now", lines: Sequence[str] = ()
) -> Report:
    """Write the year's report from the indicators as of a day (default: 31 December, or today in a year still running).

    `lines`: the order of the sections (default: the order of the year's published plan). Raises WrongDay, and NoData when
    nothing that was counted happened in the year.
    """
    as_of = _day(year, as_of)
    plan = published_plan(year)
    drafted = compose(Question(year, as_of, boundary), lines=lines or (lines_of_plan(plan) if plan else ()))
    if not drafted.of_year:
        raise NoData(_nothing(year, as_of))
    town = town_name(as_of)
    with transaction.atomic():
        report = Report.objects.create(
            year=year, title=f"{town}{year}年工作总结", issuer=issuer_of(town), as_of=as_of, boundary=boundary, plan=plan,
            body=drafted.tree.to_json(), pack_hash=runtime.pack_hash(), created_by=by, created_at=timezone.now(),
        )  # fmt: skip
        FigureRows.objects.bulk_create(
            FigureRows(report=report, code=code, rows=rows) for code, rows in drafted.rows.items()
        )
        _record(report, 1, "draft", by)
    return report


def freeze(report: Report, *, by: Any) -> Report:
    """Sign off: from here on the report does not change, later data shows as differences.

    Raises FreezeRefused while any red finding is open, whenever it was found (the checks are run again first), or when `by`
    may not sign.
    """
    if not rights_of(by).roles & {Role.LEADER, Role.HEAD}:
        raise FreezeRefused("定稿由分管领导或党政主要领导签发，你没有这项权限。")
    _check_again(report.as_of)
    if waiting := open_red():
        said = [f"{one.label}：{one.message if may_read(by, one) else HIDDEN_MESSAGE}" for one in waiting]
        shown = said[:_NAMED] + ([f"……共{len(said)}条。"] if len(said) > _NAMED else [])
        raise FreezeRefused(f"还有{len(said)}处差错没有整改，不能定稿。请先到“问题清零”整改。", shown)
    with transaction.atomic():
        now = timezone.now()
        done = Report.objects.filter(pk=report.pk, state=State.DRAFT).update(
            state=State.FROZEN, frozen_by=by, frozen_at=now
        )
        if not done:
            raise FreezeRefused("这份总结已经定稿，不用再定。")
        report.refresh_from_db()
        _record(report, 2, "freeze", by)
    return report


def write_docx(report: Report, path: Path | str) -> None:
    """The report as an official document, replacing what is at `path`."""
    Path(path).write_bytes(docx_bytes(report))


def docx_bytes(report: Report) -> bytes:
    return official_bytes(blocks_of(report), meta=meta_of(report))


def make_report(year: int, path: Path | str, by: Any = None, as_of: date | None = None) -> Report:
    """Draft and write in one go; when the file cannot be written there is no draft either."""
    if not Path(path).resolve().parent.is_dir():
        raise ReportError(f"文件夹 {Path(path).resolve().parent} 不存在，请先建立或换一个位置。")
    with transaction.atomic():
        report = draft_report(year, as_of, by)
        write_docx(report, path)
    return report


def body_digest(report: Report) -> str:
    """What the history says of the body, so that a body altered behind the platform is found."""
    return hashlib.sha256(canonical_json(report.body).encode()).hexdigest()


def _record(report: Report, version: int, act: str, by: Any) -> None:
    change = open_change(
        author=by, reason=f"{report.title}：{report.get_state_display()}", source=Source(SourceKind.SYSTEM),
        pack_hash=report.pack_hash,
    )  # fmt: skip
    values = {
        "year": report.year, "title": report.title, "as_of": report.as_of.isoformat(), "boundary": report.boundary,
        "state": str(report.state), "body": body_digest(report),
    }  # fmt: skip
    append(change, _CHAIN, [Version(report.pk, version, act, values)])


def _day(year: int, as_of: date | None) -> date:
    today = timezone.localdate()
    if not 1949 <= year <= 9998:
        raise WrongDay(f"年度“{year}”写得不对：请写四位数的年份，如 {today.year}。")
    if year > today.year:
        raise NoData(f"{year}年还没有开始，没有可写进总结的数据。请选{today.year}年或更早的年度。")
    if as_of is None:
        return min(date(year, 12, 31), today)
    if as_of < date(year, 1, 1):
        raise WrongDay(f"截至日期{as_of}早于{year}年：请选{year}年1月1日以后的日期。")
    if as_of > today:
        raise WrongDay(f"截至日期{as_of}还没有到：请选今天或更早的日期。")
    return as_of


def _nothing(year: int, as_of: date) -> str:
    waiting = waiting_for_review(year)
    also = f"另有{waiting}条{year}年的记录还没有审核通过，不计入。" if waiting else ""
    return (
        f"{year}年没有可写进总结的数据：截至{as_of}，台账里没有一条计入指标的{year}年记录。{also}"
        f"请先录入或导入{year}年的台账并审核通过，再生成总结。"
    )


def _check_again(as_of: date) -> None:
    """Bring findings up to date: all checks as of the report's day, or of the later day that is being worked on already
    (an earlier one would turn its findings back)."""
    latest = Finding.objects.aggregate(day=Max("seen_on"))["day"]
    done = run(as_of=max(as_of, latest) if latest else as_of)
    if errors := [f"{code}：{message}" for code, message in done.errors]:
        raise FreezeRefused(
            f"有{len(errors)}项核对没有执行成功，不能定稿。请管理员改正核对规则后再试。", errors[:_NAMED]
        )
