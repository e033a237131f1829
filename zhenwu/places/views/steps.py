"""The acts on one event: votes, approval, effect, hand-over, filing, undoing, dropping."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from zhenwu.accounts.models import User
from zhenwu.accounts.views.access import day_of
from zhenwu.divisions import steps
from zhenwu.divisions.effect import put_into_effect, undo
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.models import Division, Event, VoteForm
from zhenwu.places.access import drafter, may_decide, may_draft, reader

Act = Callable[[Event, User, HttpRequest], str]


@require_POST
def vote(request: HttpRequest, event: Any, place: Any) -> HttpResponse:
    user = drafter(request)
    stored, unit = get_object_or_404(Event, pk=event), get_object_or_404(Division, pk=place)
    said = request.POST
    problems, numbers = [], {}
    for name, label in (("entitled", "应到"), ("present", "实到"), ("yes", "同意")):
        text = said.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 8:
            numbers[name] = int(text)
        else:
            problems.append(f"{unit.name}的{label}填的是“{text[:20]}”：请填整数。")
    held_on = day_of(said.get("held_on"))
    if held_on is None:
        problems.append(f"{unit.name}的会议日期没有填。")
    if said.get("form") not in VoteForm.values:
        problems.append(f"{unit.name}的会议形式没有选。")
    if not problems and held_on:
        try:
            steps.record_vote(stored, unit, form=said["form"], held_on=held_on, by=user, **numbers)
        except DivisionRefused as refused:
            problems = list(refused.problems)
    _tell(request, problems, f"已登记{unit.name}的民主程序。")
    return redirect("places:event", stored.pk)


@require_POST
def step(request: HttpRequest, event: Any, act: str) -> HttpResponse:
    user = reader(request)
    if act not in _ACTS or not _ACTS[act][0](user):
        raise Http404
    stored = get_object_or_404(Event, pk=event)
    problems: list[str] = []
    done = ""
    try:
        done = _ACTS[act][1](stored, user, request)
    except DivisionRefused as refused:
        problems = list(refused.problems)
    _tell(request, problems, done)
    return redirect("places:event", stored.pk)


def _pass(event: Event, user: User, request: HttpRequest) -> str:
    steps.pass_vote(event, by=user)
    return "已确认表决通过，可以报批。"


def _approve(event: Event, user: User, request: HttpRequest) -> str:
    approved_on = day_of(request.POST.get("approved_on"))
    if approved_on is None:
        raise DivisionRefused("请填写批准日期。")
    steps.approve(
        event, organ=request.POST.get("organ", "")[:100], document=request.POST.get("document", "")[:100],
        approved_on=approved_on, by=user, effective=day_of(request.POST.get("effective")),
    )  # fmt: skip
    return "已登记批复。到生效日期会自动生效，也可以在那天以后点“生效”。"


def _effect(event: Event, user: User, request: HttpRequest) -> str:
    left = request.POST.get("leave_posts") == "1"
    put_into_effect(event, by=user, today=timezone.localdate(), leave_open=left)
    return "已生效。各台账的记录都没有改动，按沿革计入新的单位；需要时可以撤销。"


def _hand_over(event: Event, user: User, request: HttpRequest) -> str:
    on = day_of(request.POST.get("on"))
    if on is None:
        raise DivisionRefused("请填写交接完成的日期。")
    steps.hand_over(event, on=on, by=user, seal_on=day_of(request.POST.get("seal_on")))
    return "已登记交接完成。"


def _archive(event: Event, user: User, request: HttpRequest) -> str:
    steps.archive(event, on=day_of(request.POST.get("on")) or timezone.localdate(), by=user)
    return "已归档。"


def _undo(event: Event, user: User, request: HttpRequest) -> str:
    undo(event, by=user, reason=request.POST.get("reason", "").strip()[:200])
    return "已撤销，区划恢复到调整以前；方案和批复还在。"


def _drop(event: Event, user: User, request: HttpRequest) -> str:
    steps.drop(event, reason=request.POST.get("reason", "")[:200], by=user)
    return "已终止。"


_ACTS: dict[str, tuple[Callable[[User], bool], Act]] = {
    "pass": (may_draft, _pass),
    "approve": (may_decide, _approve),
    "effect": (may_decide, _effect),
    "hand_over": (may_draft, _hand_over),
    "archive": (may_decide, _archive),
    "undo": (may_decide, _undo),
    "drop": (may_draft, _drop),
}


def _tell(request: HttpRequest, problems: list[str], done: str) -> None:
    for problem in problems:
        messages.error(request, problem)
    if not problems:
        messages.success(request, done)
