"""Planning a reorganisation: choose the kind, fill its form, look at the preview on the event's page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhenwu.accounts.views.access import day_of
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.models import Event, EventKind, EventState
from zhenwu.divisions.planning import draft, plan_of
from zhenwu.divisions.planning import edit as edit_plan
from zhenwu.places.access import drafter
from zhenwu.places.forms import HINTS, EventForm

_OPEN = (EventState.DRAFT, EventState.VOTED, EventState.APPROVED)


@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    drafter(request)
    return render(request, "places/kinds.html", {
        "title": "新的调整事项", "kinds": [(kind, EventKind(kind).label, hint) for kind, hint in HINTS.items()],
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    user = drafter(request)
    if kind not in HINTS:
        raise Http404
    on = day_of(request.POST.get("effective") or request.GET.get("effective")) or timezone.localdate()
    form = EventForm.read(EventKind(kind), request.POST if request.method == "POST" else request.GET, on)
    if request.method == "POST" and not form.needs_village and (plan := form.plan()):
        try:
            event = draft(plan, by=user)
        except DivisionRefused as refused:
            form.problems[""] = list(refused.problems)
        else:
            messages.success(request, "方案已保存，还没有生效。请核对下面的预览。")
            return redirect("places:event", event.pk)
    return _show(request, form, f"{EventKind(kind).label}：填写方案", status=422 if form.problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, event: Any) -> HttpResponse:
    user = drafter(request)
    stored = get_object_or_404(Event, pk=event)
    if stored.state not in _OPEN:
        raise Http404
    on = stored.effective or timezone.localdate()
    if request.method == "POST":
        form = EventForm.read(EventKind(stored.kind), request.POST, on)
        if plan := form.plan():
            try:
                edit_plan(stored, plan, by=user)
            except DivisionRefused as refused:
                form.problems[""] = list(refused.problems)
            else:
                messages.success(request, "方案已修改，表决和批复要重新确认。")
                return redirect("places:event", stored.pk)
    else:
        form = EventForm.of_plan(plan_of(stored), on)
    return _show(request, form, f"修改方案：{stored.title}", stored, status=422 if form.problems else 200)


def _show(
    request: HttpRequest, form: EventForm, title: str, event: Event | None = None, *, status: int = 200
) -> HttpResponse:
    is_split = form.kind == EventKind.SPLIT
    return render(request, "places/form.html", {
        "title": title, "form": form, "event": event, "fields": [] if is_split and not form.needs_village else form.fields(),
        "papers": [] if form.needs_village else form.paper_fields(), "parts": form.parts() if is_split and not form.needs_village else [],
        "group_rows": form.group_rows() if is_split else [], "hint": HINTS[form.kind], "village": form.village,
    }, status=status)  # fmt: skip
