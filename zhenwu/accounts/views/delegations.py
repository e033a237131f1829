"""Standing in for someone who is away: for oneself, or by the security administrator for anyone."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.delegation import (
    DelegationRefused,
    delegate,
    delegations_of,
    deputies_for,
    end_delegation,
    is_security,
    last_day,
    may_manage,
)
from zhenwu.accounts.models import Delegation, User
from zhenwu.accounts.views.access import day_of, field, user_of


@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    user, today = user_of(request), timezone.localdate()
    rows = [
        {"one": one, "last": last_day(one), "may_end": may_manage(user, one.user) and one.valid_to > today,
         "state": "已结束" if one.valid_to <= today else "未开始" if one.valid_from > today else "生效中"}
        for one in delegations_of(user) if one.valid_to > one.valid_from
    ]  # fmt: skip
    return render(request, "accounts/delegations.html", {"title": "请人代办", "rows": rows, "all": is_security(user)})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    by, today = user_of(request), timezone.localdate()
    for_others = is_security(by)
    said = {name: request.POST.get(name, "").strip() for name in ("user", "deputy", "first", "last", "reason")}
    problems: dict[str, str] = {}
    user = (_chosen(said["user"]) if for_others else by) if request.method == "POST" else by
    if request.method == "POST":
        deputy, first, last = _chosen(said["deputy"]), day_of(said["first"]), day_of(said["last"])
        wanted = (("user", user, "请选择谁请假。"), ("deputy", deputy, "请选择由谁代办。"),
                  ("first", first, "请写明从哪天起。"), ("last", last, "请写明到哪天为止。"))  # fmt: skip
        problems = {name: told for name, value, told in wanted if value is None}
        if user and deputy and first and last:
            try:
                made = delegate(user, deputy, first=first, last=last, reason=said["reason"], by=by, today=today)
            except DelegationRefused as refused:
                problems = refused.problems
            else:
                messages.success(
                    request, f"已设置：{made.deputy}从{first:%Y-%m-%d}到{last:%Y-%m-%d}代{made.user}办理。"
                )
                return redirect("accounts:delegations")
    people = [(str(one.pk), str(one)) for one in deputies_for(by, on=today).order_by("display_name")]
    fields: list[dict[str, Any]] = [
        field("deputy", "代办人", said["deputy"], problems, widget="select", choices=people, required=True),
        field("first", "从哪天起", said["first"] or today.isoformat(), problems, widget="date", required=True),
        field("last", "到哪天为止（含当天）", said["last"], problems, widget="date", required=True),
        field("reason", "原因", said["reason"], problems, required=True, help="如“出差”“休假”"),
    ]
    if for_others:
        fields.insert(
            0, field("user", "请假人", said["user"], problems, widget="select", choices=people, required=True)
        )
    context = {"title": "设置代办", "fields": fields, "problems": problems, "for_others": for_others}
    return render(request, "accounts/delegation_new.html", context, status=422 if problems else 200)


@require_POST
def end(request: HttpRequest, delegation: uuid.UUID) -> HttpResponse:
    by = user_of(request)
    one = get_object_or_404(Delegation.objects.select_related("user", "deputy"), pk=delegation)
    if not may_manage(by, one.user):
        raise Http404
    try:
        end_delegation(one, by=by, today=timezone.localdate())
    except DelegationRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{one.deputy}从今天起不再代{one.user}办理。")
    return redirect("accounts:delegations")


def _chosen(said: str) -> User | None:
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return None
    return User.objects.filter(pk=int(said), is_active=True).first()
