"""Entering an event, one task a page: what happened, to whom, the facts, the new table of relations; then its own page."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.ledgers import offers, rowpage
from zhenwu.ledgers.actions import undo
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.lines import attach, lines_of
from zhenwu.ledgers.transitions import transition
from zhenwu.ledgers.views.access import crumbs, ledger_for, row_for, user_of
from zhenwu.packs import runtime
from zhenwu.residents.actions import EVENT, bring_into_force, finish_todo, keep_relations, report_event
from zhenwu.residents.guide import GUIDES
from zhenwu.residents.proposals import heads_lost, members_of, table_under
from zhenwu.residents.views.entry import EntryForm


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What happened?"""
    user = user_of(request)
    ledger, scope = ledger_for(user, EVENT)
    if not scope.enter:
        raise Http404
    said = request.GET.urlencode()
    context = crumbs(ledger) | {
        "title": "登记变动",
        "guides": list(GUIDES.values()),
        "query": f"?{said}" if said else "",
    }
    return render(request, "residents/start.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, kind: str) -> HttpResponse:
    """Whose event, then its facts. Kept as a draft while a new head must still be found, else reported."""
    user = user_of(request)
    ledger, scope = ledger_for(user, EVENT)
    guide = GUIDES.get(kind)
    if guide is None or not scope.enter:
        raise Http404
    form = EntryForm(guide, ledger, scope, user, request.POST if request.method == "POST" else request.GET)
    context = crumbs(ledger) | {"title": guide.label, "guide": guide, "form": form}
    if not form.is_begun:
        return render(request, "residents/whose.html", context)
    if request.method != "POST" or form.wants_more(request.POST, request.FILES):
        return render(request, "residents/entry.html", context)
    problems: list[str] = []
    if form.read(request.POST, request.FILES):
        try:
            event = report_event(form.values, division=form.division, by=user, submit=False)
        except CommitRefused as refused:
            problems = form.take(refused.problems)
        except LedgerError as refused:
            problems = [str(refused)]
        else:
            return _next(request, event)
    return render(request, "residents/entry.html", context | {"problems": problems, "failed": True}, status=422)


def _next(request: HttpRequest, event: Any) -> HttpResponse:
    """To the table of relations while one is missing; else the event is reported."""
    user = user_of(request)
    for home in _heads_lost(event):
        if home.pk not in {one.household_id for one in lines_of(runtime.ledger(EVENT), event, "relations")}:
            return redirect("residents:relations", event.pk, home.pk)
    if event.review in ("draft", "returned"):
        try:
            transition(runtime.ledger(EVENT), event, "submit", by=user)
        except LedgerError as refused:
            messages.error(request, f"已存为草稿，还不能报送：{refused}")
            return redirect("residents:event", event.pk)
        messages.success(request, f"已报送：{event.no}。")
    return redirect("residents:event", event.pk)


def _heads_lost(event: Any) -> list[Any]:
    attach(runtime.ledger(EVENT), [event])
    event.lines_persons = lines_of(runtime.ledger(EVENT), event, "persons")
    return heads_lost(event)


@require_http_methods(["GET", "HEAD", "POST"])
def relations(request: HttpRequest, row: uuid.UUID, household: uuid.UUID) -> HttpResponse:
    """Who is the new head, and what everybody is to them; each row is confirmed by hand."""
    user = user_of(request)
    ledger, scope, event = row_for(user, EVENT, row, "from_hh")
    home = next((one for one in _heads_lost(event) if one.pk == household), None)
    if home is None or event.state not in ("reported", "confirmed") or not (scope.enter or scope.review):
        raise Http404
    leaving = {one.person_id for one in event.lines_persons} if event.kind != "head_change" else set()
    members = [one for one in members_of(home, event.happen) if one.person_id not in leaving]
    said = request.POST if request.method == "POST" else request.GET
    head = next((one.person_id for one in members if str(one.person_id) == said.get("head", "")), None)
    table = table_under(home, head, leaving, event.happen) if head else []
    options = [(one.value, one.shown) for one in ledger.children["relations"].types["rel"].spec.options]
    rows: list[dict[str, Any]] = [
        {"one": one, "rel": said.get(f"rel_{one.person.pk}", one.rel), "sure": said.get(f"sure_{one.person.pk}") == "1"}
        for one in table
    ]
    context = crumbs(ledger) | {
        "title": "确定新户主" if head is None else "核对与新户主的关系", "event": event, "home": home, "members": members, "head": head,
        "rows": rows, "options": options,
    }  # fmt: skip
    if request.method != "POST" or head is None:
        return render(request, "residents/relations.html", context)
    wrong = [one["one"].person.name for one in rows if not one["rel"] or not one["sure"]]
    if wrong:
        context["problem"] = f"还没有核对完：{'、'.join(wrong)}。每一行都要选好关系并打勾。"
        return render(request, "residents/relations.html", context, status=422)
    try:
        keep_relations(event, home, [(one["one"], one["rel"], True) for one in rows], by=user)
    except LedgerError as refused:
        context["problem"] = str(refused)
        return render(request, "residents/relations.html", context, status=422)
    _, _, event = row_for(user, EVENT, row, "from_hh")
    return _next(request, event)


@require_safe
def event_page(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, EVENT)
    ledger, scope, event = row_for(user, EVENT, row, *rowpage.links_of(ledger, scope), "change")
    today = timezone.localdate()
    attach(ledger, [event], named=True)
    homes = (
        _heads_lost(event) if event.state in ("reported", "confirmed") and event.happen and not event.is_void else []
    )
    attach(ledger, [event], named=True)
    done = {one.household_id or event.from_hh_id for one in lines_of(ledger, event, "relations")}
    own_entry = event.created_by_id == user.pk
    ready = scope.review and scope.roles & {"office"} and event.state in ("reported", "confirmed")
    context = crumbs(ledger) | {
        "title": f"{ledger.types['kind'].show(event.kind)}　{event.happen or ''}",
        "row": event,
        "state": ledger.state_label(event.state),
        "sections": rowpage.sections(ledger, scope, user, event),
        "way": offers.way_of(ledger, event),
        "needs_heads": [(home, home.pk in done) for home in homes],
        "may_relate": (scope.review or own_entry) and event.review in ("draft", "returned", "submitted", "approved"),
        "may_effect": bool(ready) and event.review in ("submitted", "approved") and not own_entry and not event.is_void,
        "own_entry": own_entry and bool(ready),
        "acts": [one for one in offers.acts(ledger, scope, user, event, today=today) if "/step/effect/" not in one.url],
        "todos": lines_of(ledger, event, "todos") if scope.shows("S2") else [],
        "may_do": scope.review,
        "undoes": event.change_id
        if event.state == "effected" and len(event.change.ledgers) > 1 and scope.review
        else None,
    }
    response = render(request, "residents/event.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def effect(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    """Confirm and give effect: all of it or nothing."""
    user = user_of(request)
    _, _, event = row_for(user, EVENT, row)
    try:
        bring_into_force(event, by=user, reason=request.POST.get("reason", "").strip())
    except LedgerError as refused:
        messages.error(request, f"没有生效，什么都没有改：{refused}")
    else:
        messages.success(request, f"{event.no}已生效，户和成员的登记已经更新。")
    return redirect("residents:event", row)


@require_POST
def take_back_effect(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
    """Undo the effect as a whole."""
    user = user_of(request)
    _, _, event = row_for(user, EVENT, row, "change")
    reason = request.POST.get("reason", "").strip()
    if event.state != "effected" or len(event.change.ledgers) < 2:
        messages.error(request, f"{event.no}生效之后又有了改动，不能整体撤销：请登记一件“更正”。")
    elif not reason:
        messages.error(request, "撤销要写明原因。没有改动任何内容。")
    else:
        try:
            undo(event.change, by=user, reason=reason)
        except LedgerError as refused:
            messages.error(request, f"没有撤销：{refused}")
        else:
            messages.success(request, f"{event.no}的生效已撤销，户和成员回到生效之前。")
    return redirect("residents:event", row)


@require_POST
def todo(request: HttpRequest, row: uuid.UUID, line: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    ledger, _, event = row_for(user, EVENT, row)
    if line not in {one.pk for one in lines_of(ledger, event, "todos")}:
        raise Http404
    done, result = request.POST.get("done") == "1", request.POST.get("result", "").strip()
    try:
        finish_todo(event, line, done=done, result=result, by=user)
    except LedgerError as refused:
        messages.error(request, f"没有保存：{refused}")
    return redirect(f"{reverse('residents:event', args=[row])}#todos")
