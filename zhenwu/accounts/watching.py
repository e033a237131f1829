"""Failed log-ins and locks, into the audit log. Django and axes tell of them by signal; log-ins that succeed are nobody's
business and are not kept."""

from datetime import timedelta
from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.changes.audit import record
from zhenwu.changes.models import AuditEntry, Watched


def listen() -> None:
    user_login_failed.connect(_failed, dispatch_uid="audit-login-failed")
    user_locked_out.connect(_locked, dispatch_uid="audit-locked")


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None and getattr(request, "axes_locked_out", False):
        return  # the lock itself is noted once
    user = _known(credentials.get("username"))
    # what was typed is not kept when nobody is called so: it may be a password in the wrong box
    said = f"{user}（{user.username}）密码不对" if user else "登录名不存在"
    record(Watched.LOGIN_FAILED, said, about=user, address=address_of(request))


def _locked(sender: Any, request: HttpRequest, username: str, **_: Any) -> None:
    user, address = _known(username), address_of(request)
    lately = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    if AuditEntry.objects.filter(kind=Watched.LOCKED, about=user, address=address, at__gt=lately).exists():
        return  # still the same lock: axes tells of every further try
    said = f"{user}（{user.username}）多次输错密码" if user else "同一地址多次用不存在的登录名登录"
    record(Watched.LOCKED, f"{said}，暂时锁定", about=user, address=address)


def address_of(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


def _known(username: Any) -> User | None:
    return (
        User.objects.filter(username=username).first() if isinstance(username, str) and "\x00" not in username else None
    )
