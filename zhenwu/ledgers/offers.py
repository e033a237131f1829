"""What may be done to one row now, and its way through the lifecycle: which states it passed, who brought it there."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.operations import Draft
from zhenwu.ledgers.prepare import Preparer
from zhenwu.ledgers.stays import stays
from zhenwu.ledgers.takeback import may_be_offered
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Transition

_FORM = Source(SourceKind.FORM)
_ON_THE_WAY = 6  # states of the bar before and at the one the row is in; the earlier ones are folded


@dataclass(frozen=True)
class Act:
    """Something this person may do to the row now. `asks`: it needs a form of its own first. One of them is primary."""

    url: str
    label: str
    asks: bool
    confirm: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Stop:
    """One state on the bar. `who` and `when` of those that were reached."""

    label: str
    place: Literal["passed", "now", "ahead"]
    who: str = ""
    when: datetime | None = None


def acts(ledger: Ledger, scope: Scope, user: User, row: Any, *, today: date) -> list[Act]:
    """Review acts and lifecycle steps, in the order of the work; taking back, then voiding last."""
    if row.is_void or row.review == Review.LOCKED:
        return []
    place = [ledger.code, row.pk]

    def review(act: str, label: str, confirm: str = "", *, asks: bool = False, tone: str = "") -> Act:
        return Act(reverse("ledgers:review", args=[*place, act]), label, asks, confirm, tone)

    found = []
    if scope.enter and row.review in (Review.DRAFT, Review.RETURNED):
        found.append(review("submit", "报送", tone="primary"))
    if scope.approve and row.review == Review.SUBMITTED and row.created_by_id != user.pk:
        found.append(review("approve", "审核通过", tone="primary"))
    if scope.review and row.review in (Review.SUBMITTED, Review.APPROVED):
        found.append(review("return", "退回", asks=True))
    primary = bool(found) and found[0].tone == "primary"
    for step in steps(ledger, scope, user, row, today=today):
        tone = "" if primary or step.reason else "primary"  # the work goes on; sending back asks for a reason
        primary = primary or tone == "primary"
        url = reverse("ledgers:step", args=[*place, step.code])
        found.append(Act(url, step.label, bool(missing(ledger, step, row) or step.reason), step.confirm, tone))
    persons = {user.pk, *(one.pk for one in rights_of(user).stood_in_for)}
    if act := may_be_offered(ledger, scope, row, persons, today=today):
        question = f"撤回{row.no}的“{act.label}”？记录回到办理之前的样子，历史里留有记载。"
        found.append(review("takeback", f"撤回{act.label}", question))
    if scope.manage or (scope.enter and row.review == Review.DRAFT):
        found.append(review("void", "作废", asks=True, tone="danger"))
    return [one for one in found if one.tone == "primary"] + [one for one in found if one.tone != "primary"]


def steps(ledger: Ledger, scope: Scope, user: User, row: Any, *, today: date) -> list[Transition]:
    preparer = Preparer(ledger, scope, Draft(ledger.code, user, (), _FORM), today=today)
    return [
        step for step in preparer.transitions(row)
        if not ("created_by" in step.differs_from and row.created_by_id == user.pk)
    ]  # fmt: skip


def missing(ledger: Ledger, step: Transition, row: Any) -> list[str]:
    """The fields that the step needs and that are still empty."""
    given = {*step.today, *step.me}
    return [code for code in step.needs if code not in given and _value(ledger, row, code) is None]


def way_of(ledger: Ledger, row: Any) -> list[Stop]:
    """The states the row came through, the one it is in, and the ones that lie ahead on the usual way. [] when the ledger has
    no lifecycle."""
    if not ledger.lifecycle or row.state not in ledger.states:
        return []
    passed = [
        Stop(ledger.state_label(one.state), "passed", one.change.who, one.change.at) for one in stays(ledger, row.pk)
    ]
    if not passed:  # brought here by something that keeps no history
        passed = [Stop(ledger.state_label(row.state), "passed")]
    passed[-1] = replace(passed[-1], place="now")
    folded = len(passed) - _ON_THE_WAY
    if folded > 0:
        passed = [Stop(f"前{folded}步", "passed"), *passed[folded:]]
    return [*passed, *(Stop(ledger.state_label(code), "ahead") for code in _ahead(ledger, row.state))]


def _ahead(ledger: Ledger, state: str) -> list[str]:
    """What is left of the usual way that the pack names; a state beside it goes on where the list of states goes on."""
    assert ledger.lifecycle is not None
    usual, order = ledger.lifecycle.usual, list(ledger.states)
    if ledger.states[state].final:
        return []
    if state in usual:
        return list(usual[usual.index(state) + 1 :])
    return [code for code in usual if order.index(code) > order.index(state)]


def _value(ledger: Ledger, row: Any, code: str) -> Any:
    if code in ledger.children:
        return lines_of(ledger, row, code) or None
    return getattr(row, f"{code}_id", None) if hasattr(row, f"{code}_id") else getattr(row, code)
