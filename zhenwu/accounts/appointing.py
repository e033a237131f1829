"""Appointments and grants: who may do what where, from when to when. Given by the security administrator, never to oneself."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from zhenwu.accounts.actions import is_system, need, others_hold
from zhenwu.accounts.catalogue import labels
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.keeping import hold, keep
from zhenwu.accounts.matrix import CLASS_LABELS, VERB_LABELS
from zhenwu.accounts.models import ADMINS, VILLAGES, Appointment, Grant, Role, Unit, User
from zhenwu.divisions.models import Division, Level

_OF_OFFICES = frozenset({Role.OFFICE, Role.FINANCE})
_WHOLE_TOWN = frozenset({"check", "approve", "manage", "audit"})  # who reviews does so for the whole township


@dataclass(frozen=True)
class Post:
    """What somebody is to be appointed to."""

    role: str
    unit: Unit | None = None
    division: Division | None = None


@transaction.atomic
def appoint(
    user: User, post: Post, *, since: date, until: date | None = None, by: User, reason: str = ""
) -> Appointment:
    """Give a post from `since` (included) to `until` (excluded, None: open). Raises AccountRefused with all problems."""
    need(by, Role.SECURITY, about=user)
    hold()
    if problems := dict(problems_of(user, post, since, until)):
        raise AccountRefused(problems)
    made = Appointment.objects.create(
        user=user, role=post.role, unit=post.unit, division=post.division, valid_from=since, valid_to=until
    )
    keep(made, "add", _said(made), by=by, reason=reason.strip(), about=user)
    return made


@transaction.atomic
def end_appointment(post: Appointment, *, on: date, by: User, reason: str) -> None:
    """The post gives nothing from `on` on. It stays on record."""
    need(by, Role.SECURITY, about=post.user)
    hold()
    post = Appointment.objects.select_related("user", "unit", "division").get(pk=post.pk)
    problems: dict[str, str] = {}
    if post.valid_to is not None and post.valid_to <= on:
        problems[""] = f"这个任职到{post.valid_to:%Y-%m-%d}已经结束。"
    if on < post.valid_from:
        problems["on"] = f"结束日期早于任职开始的{post.valid_from:%Y-%m-%d}。"
    if not reason.strip():
        problems["reason"] = "请写明原因，如“调离”。"
    if post.role in ADMINS and not is_system(by) and not others_hold(Role(post.role), but=post.user):
        problems[""] = f"{post.user}是唯一的{post.get_role_display()}，请先任命接任者。"
    if problems:
        raise AccountRefused(problems)
    post.valid_to = on
    post.save(update_fields=["valid_to"])
    keep(post, "end", f"{post.user}的任职“{post.named}”自{on:%Y-%m-%d}起结束", by=by, reason=reason.strip(),
         about=post.user)  # fmt: skip


@transaction.atomic
def move(post: Appointment, to: Post, *, on: date, by: User, reason: str) -> Appointment:
    """End one post and begin another on the same day."""
    end_appointment(post, on=on, by=by, reason=reason)
    return appoint(post.user, to, since=on, by=by, reason=reason)


@transaction.atomic
def give_grant(
    ledger: str, *, user: User | None = None, unit: Unit | None = None, verbs: Sequence[str] = (), privacy: str = "S1",
    division: Division | None = None, since: date, until: date | None, by: User, reason: str,
) -> Grant:  # fmt: skip
    """A right in one ledger beyond what posts give. Raises AccountRefused with all problems."""
    need(by, Role.SECURITY, about=user)
    hold()
    problems: dict[str, str] = {}
    if ledger not in labels():
        problems["ledger"] = "请选择台账。"
    if (user is None) == (unit is None):
        problems["to"] = "请选择授权给哪个站所或哪个人（只选一个）。"
    if unit is not None and Appointment.objects.filter(user=by, unit=unit).exists() and not is_system(by):
        problems["to"] = "不能授权给自己所在的站所。"
    if unknown := [one for one in verbs if one not in VERB_LABELS]:
        problems["verbs"] = f"没有这样的权限：{'、'.join(unknown)}。"
    if privacy not in CLASS_LABELS:
        problems["privacy"] = "请选择能看到哪些内容。"
    if division is not None and _WHOLE_TOWN & set(verbs):
        problems["division"] = "审核、作废和查审计记录是全镇的权限，不能限于一个村。"
    if until is None:
        problems["until"] = "授权要写明到哪一天为止。"
    elif until <= since:
        problems["until"] = "截止日期要晚于开始日期。"
    if not reason.strip():
        problems["reason"] = "请写明授权的原因。"
    if problems:
        raise AccountRefused(problems)
    made = Grant.objects.create(
        user=user, unit=unit, ledger=ledger, verbs=[one for one in VERB_LABELS if one in verbs and one != "read"],
        privacy=privacy, division=division, valid_from=since, valid_to=until, reason=reason.strip(),
    )  # fmt: skip
    keep(made, "add", said_grant(made), by=by, reason=reason.strip(), about=user)
    return made


@transaction.atomic
def end_grant(grant: Grant, *, on: date, by: User, reason: str) -> None:
    need(by, Role.SECURITY, about=grant.user)
    hold()
    grant = Grant.objects.select_related("user", "unit", "division").get(pk=grant.pk)
    problems: dict[str, str] = {}
    if grant.valid_to is not None and grant.valid_to <= on:
        problems[""] = "这项授权已经结束。"
    if not reason.strip():
        problems["reason"] = "请写明原因。"
    if problems:
        raise AccountRefused(problems)
    grant.valid_to = max(on, grant.valid_from)
    grant.save(update_fields=["valid_to"])
    keep(grant, "end", f"收回授权：{said_grant(grant)}", by=by, reason=reason.strip(), about=grant.user)


def said_grant(one: Grant) -> str:
    verbs = "、".join(VERB_LABELS[verb] for verb in ("read", *one.verbs))
    where = f"，限{one.division.name}" if one.division else ""
    until = f"{one.valid_to:%Y-%m-%d}前" if one.valid_to else "长期"
    return f"授权{one.unit or one.user}在“{labels().get(one.ledger, one.ledger)}”{verbs}{where}，{one.valid_from:%Y-%m-%d}起，{until}"


def overlapping(user: User, since: date, until: date | None) -> QuerySet[Appointment]:
    held = Appointment.objects.filter(user=user).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=since))
    return held.filter(valid_from__lt=until) if until else held


def problems_of(
    user: User, post: Post, since: date, until: date | None, *, but: Collection[int | None] = ()
) -> Iterator[tuple[str, str]]:
    """(field, what is wrong with giving this post), beside the posts held already but these."""
    if post.role not in Role.values:
        yield "role", "请选择角色。"
        return
    role = Role(post.role)
    if until is not None and until <= since:
        yield "until", "截止日期要晚于开始日期。"
    if role in _OF_OFFICES and post.unit is None:
        yield "unit", f"{role.label}要写明在哪个站所。"
    if role in VILLAGES and (post.division is None or post.division.level not in (Level.VILLAGE, Level.GROUP)):
        yield "division", f"{role.label}要写明在哪个村（社区）。"
    if role in ADMINS and (post.unit or post.division):
        yield "unit", "管理员不属于站所和村，请留空。"
    for one in overlapping(user, since, until).exclude(pk__in=[pk for pk in but if pk]):
        if role in ADMINS and one.role in ADMINS and one.role != role:
            yield "role", f"{user}已经是{one.get_role_display()}：系统、安全、审计三个管理员要由不同的人担任。"
        elif (role in ADMINS) != (one.role in ADMINS):
            told = "管理员账号不兼业务岗位：管理和办事请用两个账号。"
            yield "role", f"{user}现任{one.named}。{told}"
        elif (one.role, one.unit_id, one.division_id) == (role, _pk(post.unit), _pk(post.division)):
            yield "since", f"{user}在这段时间已经是{one.named}。"
    if not user.is_active and user.approved:
        yield "", f"{user}的账号已停用，请先启用。"


def _pk(one: Unit | Division | None) -> object:
    return one.pk if one else None


def _said(one: Appointment) -> str:
    until = f"，到{one.valid_to:%Y-%m-%d}前" if one.valid_to else ""
    return f"任命{one.user}为{one.named}，自{one.valid_from:%Y-%m-%d}起{until}"
