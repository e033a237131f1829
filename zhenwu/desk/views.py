"""The desk: what waits for me, by role. And the search over everything I may see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhenwu.accounts.delegation import standing_in
from zhenwu.accounts.models import ADMINS, Role, User
from zhenwu.accounts.scope import rights_of
from zhenwu.accounts.throttle import limited
from zhenwu.desk import exports, instance, work
from zhenwu.desk.key_figures import key_figures
from zhenwu.desk.searching import search as search_everything
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.designer.access import waiting_for
from zhenwu.ledgers.releases import readable

_LEADERS = frozenset({Role.LEADER, Role.HEAD, Role.DISCIPLINE, Role.AUDIT})
_LONGEST = 60
_WAITING = (
    "drafts", "reviews", "due", "escalated", "findings", "verify", "extend", "look", "exports_to_decide", "my_exports",
)  # fmt: skip


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    rights = rights_of(user)
    today = timezone.localdate()
    on = working_day(today)
    works = rights.works
    context: dict[str, Any] = {
        "title": "工作台",
        "on": on,
        "is_past": on != today,
        "works": works,
        "is_admin": rights.is_admin,
        "designs": waiting_for(user),
    }
    if works:
        plan, known = work.current_plan(on), readable(user)
        lines = work.tasks_of(user, plan, on) if plan else []
        context |= {
            "drafts": work.my_drafts(user), "reviews": work.for_review(user), "due": work.due_rows(user, on),
            "findings": work.my_findings(user), "verify": work.for_verification(user),
            "extend": work.for_extension(user), "look": work.to_look_back(user, on),
            "tasks": work.mine_of(user, lines), "plan": plan, "has_unit": bool(rights.units),
            "escalated": work.escalated_rows(user, on), "standing_in": standing_in(user, on=today),
            "enters": rights.roles - _LEADERS - ADMINS, "exports_to_decide": exports.to_decide(user, known),
            "my_exports": exports.decided(user, known, today),
        }  # fmt: skip
        context["is_done"] = not any(context[name].total for name in _WAITING)
        if rights.roles & _LEADERS:
            red = [line for line in lines if line.state.light == "red"]
            context |= {
                "leads": True, "red": work.Block(len(red), red[: work.TOP]), "red_units": work.red_by_unit(user),
                "counts": work.finding_counts(user), "figures": key_figures(user, plan, on),
            }  # fmt: skip
    if rights.is_admin:
        context["health"] = instance.health()
    if Role.SECURITY in rights.roles:
        context |= {"security": True, "waiting": instance.waiting_accounts(), "ending": instance.ending_posts(today),
                    "succession": instance.events_with_posts()}  # fmt: skip
    if Role.AUDITOR in rights.roles:
        context |= {"auditor": True, "watched": instance.watched()}
    context["administers"] = rights.roles & ADMINS
    return render(request, "desk/desk.html", context)


@require_safe
@limited("search", when=lambda request: bool(request.GET.get("q", "").strip()))
def search(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    q = request.GET.get("q", "").strip()[:_LONGEST]
    found = search_everything(user, q) if len(q) >= 2 or q.isdigit() else None
    response = render(
        request, "desk/search.html", {"title": "搜索", "q": q, "found": found, "is_short": bool(q) and found is None}
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    return request.user
