"""Exports that wait for somebody: for another person's decision, or for their author to fetch them or to say that they are gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from zhenwu.accounts.models import User
from zhenwu.ledgers.models import ExportRequest
from zhenwu.ledgers.queries import ledgers_for
from zhenwu.ledgers.releasing import may_decide, overdue
from zhenwu.packs.runtime import Ledger

State = ExportRequest.State
_TOLD = timedelta(days=14)  # how long a refusal stays on the desk of who asked
Known = dict[str, Ledger]


@dataclass(frozen=True)
class News:
    """What became of my request, and what I am to do now."""

    one: ExportRequest
    ledger: Ledger
    text: str
    tone: str


def readable(user: User) -> Known:
    return {ledger.code: ledger for ledger, _ in ledgers_for(user)}


def requests_in(known: Known) -> QuerySet[ExportRequest]:
    return ExportRequest.objects.filter(ledger__in=known).select_related("by", "decided_by")


def waiting_for(user: User, known: Known) -> list[tuple[ExportRequest, Ledger]]:
    """Those that I may decide, the oldest first."""
    waiting = requests_in(known).filter(state=State.WAITING).exclude(by=user).order_by("at")
    return [(one, known[one.ledger]) for one in waiting if may_decide(one, known[one.ledger], user)]


def news_for(user: User, known: Known, on: date) -> Iterator[News]:
    """My requests that were decided and are not done with, the newest first."""
    fetchable = Q(state=State.APPROVED, expires_on__gte=on, fetched__lt=F("most"), destroyed_on=None)
    refused = Q(state=State.REFUSED, decided_at__date__gte=on - _TOLD)
    late = overdue(on).filter(by=user).values("pk")
    for one in requests_in(known).filter(by=user).filter(fetchable | refused | Q(pk__in=late)):
        text, tone = _said(one, on)
        yield News(one, known[one.ledger], text, tone)


def is_ready(one: ExportRequest, on: date) -> bool:
    """Whether its author can fetch it now."""
    open_ = one.state == State.APPROVED and one.made_at is not None and one.destroyed_on is None
    return open_ and one.fetched < one.most and one.expires_on is not None and one.expires_on >= on


def _said(one: ExportRequest, on: date) -> tuple[str, str]:
    if one.state == State.REFUSED:
        return "不同意", "bad"
    if one.expires_on and one.expires_on < on:
        return "已到期，请销毁并登记", "bad"
    if one.problem:
        return "已同意，没有生成", "bad"
    if not one.made_at:
        return "已同意，正在生成", "plain"
    return f"可下载，到{one.expires_on:%Y-%m-%d}", "good"
