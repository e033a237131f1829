"""Taking back the last act on a row: by who did it or by a reviewer, for some days, while nothing builds on it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import History, Review
from zhenwu.ledgers.queries import references_to
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

PARAMETER = "ledger.undo_days"
_DAYS = 3
_REVIEW_ACTS = {"submit": "报送", "approve": "审核通过", "return": "退回"}


@dataclass(frozen=True)
class LastAct:
    """The last version of a row, when it is an act of review or of the lifecycle."""

    label: str
    is_approval: bool
    made: History
    before: History

    @property
    def persons(self) -> set[int | None]:
        return {self.made.change.author_id, self.made.change.stands_for_id}


def last_act(ledger: Ledger, row: Any) -> LastAct | None:
    """None when the last version is an edit, an undo, an import or the row's first."""
    labels = {one.code: one.label for one in ledger.lifecycle.transition} if ledger.lifecycle else {}
    kept = History.objects.filter(ledger=ledger.code, row=row.pk, version__in=(row.version, row.version - 1))
    versions = list(kept.select_related("change__author", "change__stands_for").order_by("-version"))
    if len(versions) < 2 or versions[0].act not in labels | _REVIEW_ACTS:
        return None
    made, before = versions
    moved = f'"state":"{row.state}"' not in before.values  # a step may be called as an act of review is
    label = labels.get(made.act) if moved or made.act not in _REVIEW_ACTS else _REVIEW_ACTS[made.act]
    return LastAct(label or _REVIEW_ACTS[made.act], made.act == "approve" and not moved, made, before)


def undo_days(ledger: Ledger, *, on: date) -> int:
    """For how many days an act may be taken back; 0: only on its own day."""
    if ledger.lifecycle and ledger.lifecycle.undo_days is not None:
        return ledger.lifecycle.undo_days
    said = runtime.param(PARAMETER, on=on)
    return int(said) if said is not None else _DAYS


def why_not(ledger: Ledger, scope: Scope, row: Any, act: LastAct, persons: set[int], *, today: date) -> str:
    """Why the act stands; "" when it may be taken back by these persons (who acts, and who is stood in for)."""
    mine = bool(act.persons & persons)
    if act.is_approval and not mine:
        return f"{row.no}由{act.made.change.who}审核通过，只能由本人撤回；要改请退回。"
    if not mine and not scope.review:
        return f"{row.no}的“{act.label}”不是你办理的，不能撤回。"
    days = undo_days(ledger, on=today)
    done = timezone.localdate(act.made.change.at)
    if (today - done).days > days:
        limit = f"{days}天内" if days else "当天"
        return f"{row.no}的“{act.label}”是{done:%Y-%m-%d}办理的，只能在{limit}撤回。"
    if len(act.made.change.ledgers) > 1:
        return f"{row.no}的“{act.label}”同时改了几本台账：请在变更页面整体撤销。"
    if later := _built_on(row, act):
        return f"{row.no}在“{act.label}”之后，“{later}”里已有记录引用它，不能撤回。"
    return ""


def may_be_offered(ledger: Ledger, scope: Scope, row: Any, persons: set[int], *, today: date) -> LastAct | None:
    """The act, when a page may offer to take it back."""
    if row.is_void or row.review == Review.LOCKED:
        return None
    act = last_act(ledger, row)
    return act if act and not why_not(ledger, scope, row, act, persons, today=today) else None


def _built_on(row: Any, act: LastAct) -> str:
    """The ledger with a row, of any place, that was entered after the act and refers to this one; "" when none does."""
    for other, kind in references_to(act.made.ledger):
        since = {f"{kind.code}": row.pk, "created_at__gt": act.made.change.at, "voided_by_change": None}
        if other.rows("commit").filter(**since).exists():
            return other.label
    return ""
