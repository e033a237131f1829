"""Users and offices: making, approving, shutting off, one-time passwords. No default credentials exist.

The system administrator makes, the security administrator approves; the command line, whose user holds the machine, may
both. Nothing is deleted.
"""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from axes.utils import reset
from django.db import transaction
from django.utils import timezone

from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.keeping import hold, keep
from zhenwu.accounts.lines import LINE_LABELS
from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.accounts.scope import Rights
from zhenwu.changes.audit import record
from zhenwu.changes.models import Watched
from zhenwu.divisions.models import Division

SYSTEM = "system"
CODE_DAYS = 7  # a one-time password that nobody used is worth nothing after that
_EVERY_LINE = "系统"
_EASY = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken on paper


def new_password() -> str:
    """16 characters in four groups, about 79 bits: easy to read out and to type."""
    return "-".join("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4))


@transaction.atomic
def create_user(
    username: str, name: str, role: Role | str, *, unit: Unit | None = None, division: Division | None = None,
    since: date, password: str | None = None, must_change: bool = True,
) -> tuple[User, str]:  # fmt: skip
    """Set-up's own way: a user with one appointment, approved. Returns the password that was generated, to be handed over
    once. Who gets it from another person chooses an own one first; only an invented township keeps its written-down
    ones."""
    chosen = password or new_password()
    user = User(username=username, display_name=name, must_change_password=must_change)
    user.set_password(chosen)
    user.save()
    by = system_user()
    keep(user, "add", f"新建账号{username}（{name}）", by=by, about=user)
    post = Appointment.objects.create(user=user, role=role, unit=unit, division=division, valid_from=since)
    keep(post, "add", f"任命{name}为{post.named}", by=by, about=user)
    return user, chosen


@transaction.atomic
def create_account(username: str, name: str, *, by: User, today: date | None = None) -> tuple[User, str]:
    """An account without posts, and its one-time password. It cannot log in before the security administrator approves.

    Raises AccountRefused with all problems.
    """
    need(by, Role.ADMIN)
    username, name = username.strip(), name.strip()
    problems: dict[str, str] = {}
    if not username.isascii() or not username.replace("_", "").replace(".", "").isalnum() or len(username) < 2:
        problems["username"] = "登录名用两个以上的英文字母或数字，如 zhangsan。"
    elif User.objects.filter(username__iexact=username).exists():
        problems["username"] = f"登录名“{username}”已有人使用，请换一个。"
    if not name:
        problems["name"] = "请填写姓名。"
    if problems:
        raise AccountRefused(problems)
    held = is_system(by)
    user = User(username=username, display_name=name, is_active=held, approved=held)
    code = _give_code(user)
    user.save()
    keep(user, "add", f"新建账号{username}（{name}）", by=by, about=user)
    return user, code


@transaction.atomic
def approve_account(user: User, *, by: User) -> None:
    need(by, Role.SECURITY, about=user)
    if user.is_active and user.approved:
        raise AccountRefused({"": f"{user}的账号已经启用。"})
    user.is_active = user.approved = True
    user.save(update_fields=["is_active", "approved"])
    keep(user, "approve", f"批准启用账号{user.username}（{user}）", by=by, about=user)


@transaction.atomic
def deactivate(user: User, *, by: User, reason: str) -> None:
    """Shut an account off; its posts stay on record and give nothing. Coming back needs the security administrator."""
    need(by, Role.ADMIN, about=user)
    hold()
    if not reason.strip():
        raise AccountRefused({"reason": "请写明停用原因，如“调离”。"})
    if not user.is_active:
        raise AccountRefused({"": f"{user}的账号已经停用。"})
    for role in (Role.ADMIN, Role.SECURITY, Role.AUDITOR):
        if Rights(user).roles & {role} and not others_hold(role, but=user):
            raise AccountRefused({"": f"{user}是唯一的{role.label}，请先任命接任者。"})
    user.is_active = user.approved = False
    user.save(update_fields=["is_active", "approved"])
    keep(user, "deactivate", f"停用账号{user.username}（{user}）", by=by, reason=reason.strip(), about=user)


@transaction.atomic
def give_code(user: User, *, by: User) -> str:
    """A new one-time password, shown once; the old password ends. Whose account watches over the system administrator gets
    it from the command line only, else one administrator could become the other."""
    roles = Rights(user).roles
    need(by, Role.SECURITY if Role.ADMIN in roles else Role.ADMIN, about=user)
    if roles & {Role.SECURITY, Role.AUDITOR} and not is_system(by):
        told = "安全管理员和审计管理员的密码请在服务器上重设：zhenwu users reset 登录名。"
        raise AccountRefused({"": told})
    code = _give_code(user)
    user.save(update_fields=["password", "must_change_password", "code_until"])
    record(Watched.USER, f"为{user}（{user.username}）重设了一次性密码", by=by, about=user)
    reset(username=user.username)
    return code


@transaction.atomic
def unlock(user: User, *, by: User) -> None:
    """Let someone try again who typed a wrong password too often."""
    need(by, Role.SECURITY, about=user)
    reset(username=user.username)
    record(Watched.UNLOCKED, f"解除{user}（{user.username}）的登录锁定", by=by, about=user)


@transaction.atomic
def save_unit(unit: Unit | None, label: str, lines: Sequence[str], *, by: User) -> Unit:
    """Make an office or change it. Its lines of work decide which ledgers its people keep."""
    need(by, Role.ADMIN)
    label = label.strip()
    problems: dict[str, str] = {}
    if not label:
        problems["label"] = "请填写站所名称。"
    elif Unit.objects.filter(label=label).exclude(pk=unit.pk if unit else 0).exists():
        problems["label"] = f"已经有“{label}”。"
    if unknown := [one for one in lines if one not in LINE_LABELS]:
        problems["lines"] = f"没有这些条线：{'、'.join(unknown)}。"
    if problems:
        raise AccountRefused(problems)
    act, verb = ("edit", "修改") if unit else ("add", "新建")
    unit = unit or Unit()
    unit.label, unit.lines = label, list(lines)
    unit.save()
    said = "、".join(LINE_LABELS[one] for one in lines) or "无"
    keep(unit, act, f"{verb}站所{label}，条线：{said}", by=by)
    return unit


def create_unit(label: str, lines: Sequence[str]) -> Unit:
    """Set-up's own way to make an office, or to bring its lines up to date."""
    known = Unit.objects.filter(label=label).first()
    return known if known and known.lines == list(lines) else save_unit(known, label, lines, by=system_user())


@transaction.atomic
def system_user(lines: Sequence[str] = ()) -> User:
    """The user that the command line acts as. It cannot log in: it has no password."""
    user, created = User.objects.get_or_create(username=SYSTEM, defaults={"display_name": "系统"})
    if created:
        user.set_unusable_password()
        user.save()
        keep(user, "add", "建立命令行使用的账号", by=user, about=user)
    unit = Unit.objects.filter(label=_EVERY_LINE).first()
    if unit is None or (lines and unit.lines != list(lines)):
        unit = save_unit(unit, _EVERY_LINE, lines, by=user)
    if not user.appointments.exists():
        post = Appointment.objects.create(user=user, role=Role.OFFICE, unit=unit, valid_from=date(1900, 1, 1))
        keep(post, "add", "命令行可以办理全部条线", by=user, about=user)
    return user


def is_system(by: User) -> bool:
    return by.username == SYSTEM


def need(by: User, role: Role, *, about: User | None = None) -> None:
    """The right to administer: this role, and never over oneself. The command line has it."""
    if is_system(by):
        return
    if role not in Rights(by).standing_in_for(None).roles:
        raise AccountRefused({"": f"这件事要由{role.label}办理。"})
    if about is not None and about.pk == by.pk:
        raise AccountRefused({"": "不能办理自己的账号和权限，请由另一名管理员办理。"})


def others_hold(role: Role, *, but: User) -> bool:
    today = timezone.localdate()
    from_now = Appointment.objects.filter(role=role, user__is_active=True, valid_from__lte=today).exclude(user=but)
    return from_now.exclude(valid_to__lte=today).exists()


def _give_code(user: User) -> str:
    code = new_password()
    user.set_password(code)
    user.must_change_password = True
    user.code_until = timezone.now() + timedelta(days=CODE_DAYS)
    return code
