"""Accounts: the list, one account with its posts and history, and what administrators do to it."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts import actions
from zhenwu.accounts.appointing import said_grant
from zhenwu.accounts.errors import AccountRefused
from zhenwu.accounts.models import Appointment, Grant, Role, Unit, User
from zhenwu.accounts.scope import Rights, in_force
from zhenwu.accounts.views.access import ANY, field, for_roles, holds, user_of
from zhenwu.changes.models import AuditEntry, Watched

_SIZE = 50
_ABOUT = (Watched.USER, Watched.APPOINTMENT, Watched.GRANT, Watched.LOGIN_FAILED, Watched.LOCKED, Watched.UNLOCKED)


def state_of(user: User) -> tuple[str, str]:
    """(words, tone) of an account."""
    if user.is_active:
        return "在用", "good"
    return ("停用", "plain") if user.last_login or user.appointments.exists() else ("待批准", "warn")


@require_safe
@for_roles(*ANY)
def users(request: HttpRequest) -> HttpResponse:
    q, unit, state = (request.GET.get(name, "").strip()[:60] for name in ("q", "unit", "state"))
    today = timezone.localdate()
    posts = Appointment.objects.filter(in_force(today)).select_related("unit", "division").order_by("pk")
    found = User.objects.exclude(username=actions.SYSTEM).prefetch_related(Prefetch("appointments", posts, "held"))
    if q:
        found = found.filter(Q(display_name__icontains=q) | Q(username__icontains=q))
    if unit.isdigit():
        found = found.filter(pk__in=posts.filter(unit=int(unit)).values("user"))
    if state:
        found = found.filter(is_active=state == "active")
    page = Paginator(found.order_by("-is_active", "display_name", "pk"), _SIZE).get_page(request.GET.get("page"))
    said = request.GET.copy()
    said.pop("page", None)
    more = f"&{said.urlencode()}" if said else ""
    return render(request, "accounts/users.html", {
        "title": "账号和任职", "page": page, "q": q, "unit": unit, "state": state, "units": Unit.objects.all(),
        "rows": [(one, state_of(one)) for one in page.object_list], "may_make": holds(request, Role.ADMIN),
        "pager": {
            "number": page.number, "pages": page.paginator.num_pages, "total_text": f"{page.paginator.count:,}",
            "size": _SIZE, "has_prev": page.has_previous(), "has_next": page.has_next(),
            "prev_url": f"?page={page.number - 1}{more}", "next_url": f"?page={page.number + 1}{more}",
        },
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.ADMIN)
def new(request: HttpRequest) -> HttpResponse:
    said, problems = request.POST, dict[str, str]()
    if request.method == "POST":
        try:
            user, code = actions.create_account(said.get("username", ""), said.get("name", ""), by=user_of(request))
        except AccountRefused as refused:
            problems = refused.problems
        else:
            return _show_code(request, user, code, made=True)
    fields = [
        field("name", "姓名", said.get("name", ""), problems, required=True),
        field("username", "登录名", said.get("username", ""), problems, required=True,
              help="英文字母或数字，如姓名拼音 heqijing；定了就不再改"),
    ]  # fmt: skip
    context = {"title": "新建账号", "fields": fields, "problems": problems}
    return render(request, "accounts/form.html", context | _form("新建", "accounts:users"),
                  status=422 if problems else 200)  # fmt: skip


def _form(button: str, back: str, *args: Any) -> dict[str, Any]:
    return {"button": button, "back": back, "back_args": args}


@require_safe
@for_roles(*ANY)
def user_page(request: HttpRequest, user: int) -> HttpResponse:
    one = _account(user)
    today = timezone.localdate()
    posts = list(one.appointments.select_related("unit", "division").order_by("-valid_from", "-pk"))
    units = [post.unit_id for post in posts if post.unit_id and post.holds_on(today)]
    grants = Grant.objects.filter(Q(user=one) | Q(unit__in=units)).select_related("user", "unit", "division")
    log = AuditEntry.objects.filter(about=one, kind__in=_ABOUT).select_related("by")[:50]
    mine = one.pk == user_of(request).pk
    return render(request, "accounts/user.html", {
        "title": str(one), "one": one, "state": state_of(one), "log": log, "mine": mine,
        "posts": [(post, *when(post.valid_from, post.valid_to, today)) for post in posts],
        "grants": [(said_grant(grant), *when(grant.valid_from, grant.valid_to, today), grant) for grant in grants],
        "makes": holds(request, Role.ADMIN) and not mine, "appoints": holds(request, Role.SECURITY) and not mine,
        "may_code": not mine and _may_code(request, one),
    })  # fmt: skip


def _may_code(request: HttpRequest, one: User) -> bool:
    """Who watches over an administrator hands out the password; the others' come from the system administrator."""
    roles = Rights(one).roles
    if Role.ADMIN in roles:
        return holds(request, Role.SECURITY)
    return holds(request, Role.ADMIN) and not roles & {Role.SECURITY, Role.AUDITOR}


def when(since: date, until: date | None, today: date) -> tuple[str, str]:
    """(words, tone): whether something dated holds today."""
    if until is not None and until <= today:
        return "已结束", "plain"
    return ("未开始", "info") if since > today else ("在任", "good")


@require_POST
@for_roles(Role.ADMIN, Role.SECURITY)
def code(request: HttpRequest, user: int) -> HttpResponse:
    one = _account(user)
    try:
        given = actions.give_code(one, by=user_of(request))
    except AccountRefused as refused:
        return _refused(request, one, refused)
    return _show_code(request, one, given)


def _show_code(request: HttpRequest, one: User, given: str, *, made: bool = False) -> HttpResponse:
    context = {"title": f"{one}的一次性密码", "one": one, "code": given, "made": made, "days": actions.CODE_DAYS}
    return render(request, "accounts/code.html", context)


@require_POST
@for_roles(Role.SECURITY)
def approve(request: HttpRequest, user: int) -> HttpResponse:
    return _do(request, user, "已启用", lambda one: actions.approve_account(one, by=user_of(request)))


@require_POST
@for_roles(Role.SECURITY)
def unlock(request: HttpRequest, user: int) -> HttpResponse:
    return _do(request, user, "已解除登录锁定", lambda one: actions.unlock(one, by=user_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.ADMIN)
def deactivate(request: HttpRequest, user: int) -> HttpResponse:
    one = _account(user)
    reason, problems = request.POST.get("reason", ""), dict[str, str]()
    if request.method == "POST":
        try:
            actions.deactivate(one, by=user_of(request), reason=reason)
        except AccountRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, f"已停用{one}的账号。任职记录保留，但不再起作用。")
            return redirect("accounts:user", one.pk)
    fields = [field("reason", "停用原因", reason, problems, required=True, help="如：调离、退休")]
    context = {"title": f"停用{one}的账号", "fields": fields, "problems": problems, "danger": True}
    return render(request, "accounts/form.html", context | _form("停用", "accounts:user", one.pk),
                  status=422 if problems else 200)  # fmt: skip


def _do(request: HttpRequest, user: int, done: str, act: Any) -> HttpResponse:
    one = _account(user)
    try:
        act(one)
    except AccountRefused as refused:
        return _refused(request, one, refused)
    messages.success(request, f"{one}：{done}。")
    return redirect("accounts:user", one.pk)


def _refused(request: HttpRequest, one: User, refused: AccountRefused) -> HttpResponse:
    messages.error(request, str(refused))
    return redirect("accounts:user", one.pk)


def _account(pk: int) -> User:
    return get_object_or_404(User.objects.exclude(username=actions.SYSTEM), pk=pk)


def place_of(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)
    except ValueError:
        return None
