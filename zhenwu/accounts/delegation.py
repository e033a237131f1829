"""Standing in for someone who is away: setting it up, ending it early. Each act is kept in history."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from zhenwu.accounts.keeping import hold, keep
from zhenwu.accounts.models import ADMINS, Appointment, Delegation, Role, User
from zhenwu.accounts.scope import Rights, in_force

LONGEST = 366  # days


class DelegationRefused(Exception):
    """`problems`: everything wrong with what was asked for, by field ("" for the whole)."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("；".join(problems.values()))


@transaction.atomic
def delegate(user: User, deputy: User, *, first: date, last: date, reason: str, by: User, today: date) -> Delegation:
    """Let `deputy` do the acts of `user` from `first` to `last`, both days included.

    Raises DelegationRefused with all problems. Only the user and administrators may set it up.
    """
    hold()
    problems = dict(_problems(user, deputy, first, last, reason, by, today))
    if problems:
        raise DelegationRefused(problems)
    made = Delegation.objects.create(
        user=user, deputy=deputy, valid_from=first, valid_to=_after(last), reason=reason.strip(), by=by
    )
    said = f"{made.deputy}代{made.user}办理，{first:%Y-%m-%d}至{last:%Y-%m-%d}"
    keep(made, "add", said, by=by, reason=reason.strip(), about=user)
    return made


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: User, today: date) -> None:
    """From today on it no longer holds; one that has not begun never will."""
    hold()
    kept = Delegation.objects.get(pk=delegation.pk)
    if not may_manage(by, kept.user):
        raise DelegationRefused({"": "只有本人或安全管理员可以结束代办。"})
    if kept.valid_to <= today:
        raise DelegationRefused({"": "这项代办已经结束。"})
    kept.valid_to = max(kept.valid_from, today)
    kept.save(update_fields=["valid_to"])
    keep(kept, "end", f"{kept.deputy}不再代{kept.user}办理", by=by, about=kept.user)
    delegation.valid_to = kept.valid_to


def may_manage(by: User, user: User) -> bool:
    """Whether `by` may say who stands in for `user`: the user, or the security administrator, who gives all rights."""
    return by.pk == user.pk or is_security(by)


def is_security(by: User) -> bool:
    return Role.SECURITY in Rights(by).standing_in_for(None).roles


def deputies_for(user: User, *, on: date) -> QuerySet[User]:
    """Who may stand in: whoever has a post of work that day."""
    held = Appointment.objects.filter(in_force(on)).exclude(role__in=ADMINS)
    return User.objects.filter(is_active=True, approved=True, pk__in=held.values("user")).exclude(pk=user.pk)


def delegations_of(user: User) -> QuerySet[Delegation]:
    """Those that a user gave or was given, newest first; the security administrator sees all."""
    found = Delegation.objects.all() if is_security(user) else Delegation.objects.filter(Q(user=user) | Q(deputy=user))
    return found.select_related("user", "deputy", "by")


def standing_in(user: User, *, on: date) -> list[dict[str, Any]]:
    """[{user, last, reason}] of those whom this user stands in for that day."""
    held = Delegation.objects.filter(in_force(on), deputy=user).select_related("user")
    return [{"user": one.user, "last": last_day(one), "reason": one.reason} for one in held]


def last_day(delegation: Delegation) -> date:
    return date.fromordinal(delegation.valid_to.toordinal() - 1)


def _problems(user: User, deputy: User, first: date, last: date, reason: str, by: User, today: date) -> Any:
    if not may_manage(by, user):
        yield "", "只能为自己设置代办；替别人设置请找安全管理员。"
    if user.pk == deputy.pk:
        yield "deputy", "代办人不能是请假人自己。"
    elif not deputy.is_active or not deputy.appointments.exclude(role__in=ADMINS).exists():
        yield "deputy", f"{deputy}现在没有岗位，不能代办。"
    if last < first:
        yield "last", "结束日期早于开始日期。"
    elif last < today:
        yield "last", "结束日期已经过去，不能补设代办。"
    elif (last - first).days >= LONGEST:
        yield "last", "一次代办最长一年；时间更长请调整岗位。"
    if first < today:
        yield "first", "开始日期已经过去：代办从今天或以后开始。"
    if not reason.strip():
        yield "reason", "请写明原因，如“出差”“休假”。"
    if _overlaps(user, first, last):
        yield "first", f"{user}在这段时间已经有代办人，请先结束原来的。"


def _overlaps(user: User, first: date, last: date) -> bool:
    kept = Delegation.objects.filter(user=user, valid_from__lte=last, valid_to__gt=first)
    return kept.exclude(valid_from=F("valid_to")).exists()  # ended before it began


def _after(last: date) -> date:
    return date.fromordinal(last.toordinal() + 1)
