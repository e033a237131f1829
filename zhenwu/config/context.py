"""What every page knows: the township and the navigation this user may use."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from zhenwu.accounts.scope import rights_of
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS


@dataclass
class NavItem:
    label: str
    url: str
    icon: str
    active: bool = False
    count: int | None = None


@dataclass
class NavGroup:
    label: str
    items: list[NavItem] = field(default_factory=list)
    collapsed: bool = False


def site(request: HttpRequest) -> dict[str, Any]:
    known: dict[str, Any] = {"site": {"township": settings.TOWNSHIP}}
    if getattr(request, "user", None) and request.user.is_authenticated:
        known["nav"] = _nav(request)
    return known


def _nav(request: HttpRequest) -> list[NavGroup]:
    rights = rights_of(request.user)  # type: ignore[arg-type]
    first = NavGroup("工作")
    wanted = [("工作台", "desk", "home", True), ("计划与任务", "plans:index", "list-check", rights.roles)]
    wanted += [
        ("问题清零", "checks:index", "alert-triangle", rights.roles - {"admin"}),
        ("数字", "indicators:index", "chart-bar", rights.whole_town),
        ("总结报告", "reports:index", "file-text", rights.whole_town),
        ("全部台账", "ledgers:index", "database", rights.roles - {"admin"}),
    ]
    for label, name, icon, allowed in wanted:
        if allowed and (url := _url(name)):
            first.items.append(
                NavItem(label, url, icon, request.path == url or (url != "/" and request.path.startswith(url)))
            )
    ledgers = _ledger_groups(request)
    if any(
        item.active for group in ledgers for item in group.items
    ):  # one place at a time: the ledger, not the list of all
        for item in first.items:
            item.active = False
    return [first, *ledgers]


def _ledger_groups(request: HttpRequest) -> list[NavGroup]:
    rights = rights_of(request.user)  # type: ignore[arg-type]
    groups: dict[str, NavGroup] = {}
    for code, ledger in runtime.ledgers().items():
        if not rights.scope(ledger.spec.line, ledger.spec.privacy).read:
            continue
        url = _url("ledgers:list", code)
        group = groups.setdefault(ledger.spec.line, NavGroup(LINE_LABELS[ledger.spec.line]))
        if url:
            group.items.append(NavItem(ledger.label.removesuffix("台账"), url, "table", request.path.startswith(url)))
    ordered = [groups[line] for line in LINE_LABELS if line in groups]
    for group in ordered:
        group.collapsed = not any(item.active for item in group.items)
    return ordered


def _url(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
