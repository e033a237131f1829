"""What every page knows: the township and the navigation this user may use."""

import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe

from zhenwu.accounts.models import ADMINS, Role
from zhenwu.accounts.scope import rights_of
from zhenwu.ledgers.queries import readable_codes
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

_TOKEN = secrets.token_hex(16)  # nobody can type it, and no escaping changes it


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True)
class NavGroup:
    label: str
    items: tuple[NavItem, ...]
    collapsed: bool = False


def site(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] = {"site": {"township": settings.TOWNSHIP, "map": settings.MAP}}
    user = str(request.user) if getattr(request, "user", None) and request.user.is_authenticated else ""
    known["topbar"] = lambda: _with_token(_topbar(settings.TOWNSHIP, user, request.GET.get("q", "")), request)
    if user:
        known["sidebar"] = lambda: _sidebar(_nav(request))
    return known


@lru_cache(maxsize=500)
def _topbar(township: str, user: str, q: str) -> str:
    """The bar's HTML: the same for all pages of a user. `_TOKEN` stands where the form's own token goes."""
    said = {"site": {"township": township}, "user": user, "q": q, "csrf_token": _TOKEN}
    return render_to_string("_topbar.html", said)


def _with_token(html: str, request: HttpRequest) -> SafeString:
    if _TOKEN in html:
        html = html.replace(_TOKEN, get_token(request))
    return mark_safe(html)  # noqa: S308  rendered by a template; the token is letters and digits


@lru_cache(maxsize=500)
def _sidebar(nav: tuple[NavGroup, ...]) -> str:
    """The menu's HTML: few menus differ, and this is a tenth of the time of a list page."""
    return render_to_string("_sidebar.html", {"nav": nav})


def _nav(request: HttpRequest) -> tuple[NavGroup, ...]:
    rights = rights_of(request.user)  # type: ignore[arg-type]
    wanted = [("工作台", "desk", "home", True), ("计划与任务", "plans:index", "list-check", rights.works)]
    wanted += [
        ("问题清零", "checks:index", "alert-triangle", rights.works),
        ("账实核查", "fieldwork:index", "map-pin", rights.works),
        ("数字", "indicators:index", "chart-bar", rights.whole_town),
        ("总结报告", "reports:index", "file-text", rights.whole_town),
        ("全部台账", "ledgers:index", "database", rights.works),
        ("导出申请", "ledgers:exports", "file-export", rights.works),
        ("区划", "places:tree", "sitemap", rights.works),
        ("工作日历", "ledgers:calendar", "calendar", bool(rights.roles)),
        ("自建台账", "ledgers:designs", "table", rights.is_admin),
    ]
    wanted += [
        ("账号和任职", "accounts:users", "users", bool(rights.roles & ADMINS)),
        ("站所和条线", "accounts:units", "building-community", bool(rights.roles & ADMINS)),
        ("授权", "accounts:grants", "key", bool(rights.roles & {Role.SECURITY, Role.AUDITOR})),
        ("审计日志", "accounts:log", "shield-check", Role.AUDITOR in rights.roles),
    ]
    first = [
        NavItem(label, url, icon, request.path == url or (url != "/" and request.path.startswith(url)))
        for label, name, icon, allowed in wanted
        if allowed and (url := _url(name))
    ]
    longest = max((len(item.url) for item in first if item.active), default=0)  # the calendar lies below the ledgers
    first = [replace(item, active=item.active and len(item.url) == longest) for item in first]
    ledgers = _ledger_groups(request)
    if not all(group.collapsed for group in ledgers):  # one place at a time: the ledger, not the list of all
        first = [replace(item, active=False) for item in first]
    return (NavGroup("工作", tuple(first)), *ledgers)


def _ledger_groups(request: HttpRequest) -> list[NavGroup]:
    readable = readable_codes(request.user)  # type: ignore[arg-type]
    groups: dict[str, list[NavItem]] = {}
    for code, ledger in runtime.ledgers().items():
        if code in readable and (url := _url("ledgers:list", code)):
            item = NavItem(ledger.label.removesuffix("台账"), url, "table", request.path.startswith(url))
            groups.setdefault(ledger.spec.line, []).append(item)
    return [
        NavGroup(label, tuple(groups[line]), collapsed=not any(item.active for item in groups[line]))
        for line, label in LINE_LABELS.items()
        if line in groups
    ]


@lru_cache(maxsize=1000)
def _url(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
