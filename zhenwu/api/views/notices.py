"""Notices to other systems: subscribing, what was sent, sending again."""

import uuid

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.accounts.views.access import field, user_of
from zhenwu.api.errors import TokenRefused
from zhenwu.api.models import Delivery, Subscription
from zhenwu.api.tokens import may_revoke_all
from zhenwu.api.views.tokens import form_page, ledger_choices, ledger_labels
from zhenwu.api.webhooks.actions import ACTS, subscribe
from zhenwu.api.webhooks.sending import again
from zhenwu.ledgers.queries import scope_in
from zhenwu.lib.paging import Pager
from zhenwu.packs import runtime

_SIZE = 50


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    user = _worker(request)
    waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING))
    dead = Count("deliveries", filter=Q(deliveries__state=Delivery.State.DEAD))
    rows = [(one, _ledgers(one)) for one in _seen(user).annotate(waiting=waiting, dead=dead)]
    context = {"title": "变更通知", "tab": "notices", "rows": rows, "may_make": rights_of(user).works}
    return render(request, "api/notices.html", context | {"all": may_revoke_all(user)})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = _worker(request)
    if not rights_of(user).works:
        raise Http404
    said, problems = request.POST, list[str]()
    if request.method == "POST":
        acts = [one for one in said.getlist("acts") if one in ACTS]
        try:
            made, secret = subscribe(
                user, said.get("label", ""), said.get("url", ""), ledgers=said.getlist("ledgers"), acts=acts
            )
        except TokenRefused as refused:
            problems = refused.problems
        else:
            context = {"title": "记下签名密钥", "text": secret, "subscription": made}
            response = render(request, "api/notice_made.html", context)
            response["Cache-Control"] = "no-store"
            return response
    fields = [
        field("label", "用途", said.get("label", ""), required=True, help="通知哪个系统，如“县平台”"),
        field("url", "接收地址", said.get("url", ""), required=True, wide=True, help="以 https:// 开头"),
        field("ledgers", "台账", said.getlist("ledgers"), widget="multiselect", wide=True, choices=ledger_choices(user),
              help="一个也不选，就是你能看的全部台账"),
        field("acts", "事项", said.getlist("acts"), widget="multiselect", wide=True, choices=list(ACTS.items()),
              help="一个也不选，就是全部事项"),
    ]  # fmt: skip
    return form_page(request, "新建变更通知", fields, problems, "新建", "api:notices")


@require_safe
def notice(request: HttpRequest, notice: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_seen(_worker(request)), pk=notice)
    sent = found.deliveries.select_related("change").order_by("-at")
    pager = Pager.of(request.GET, sent.count(), size=_SIZE)
    rows = [(one, ledger_labels([one.ledger])) for one in sent[pager.start : pager.stop]]
    acts = "、".join(ACTS.get(one, one) for one in found.acts)
    context = {
        "title": found.label,
        "one": found,
        "rows": rows,
        "pager": pager,
        "ledgers": _ledgers(found),
        "acts": acts,
    }
    return render(request, "api/notice.html", context)


@require_POST
def switch(request: HttpRequest, notice: uuid.UUID) -> HttpResponse:
    """Pause it or take it up again. What changed meanwhile is found in the feed of changes."""
    found = get_object_or_404(_seen(_worker(request)), pk=notice)
    found.active = not found.active
    found.save(update_fields=["active"])
    messages.success(request, f"“{found.label}”已{'启用' if found.active else '停用'}。")
    return redirect("api:notice", notice)


@require_POST
def resend(request: HttpRequest, notice: uuid.UUID, delivery: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_seen(_worker(request)), pk=notice)
    again(get_object_or_404(found.deliveries, pk=delivery))
    messages.success(request, "已重新排入发送，一分钟内发出。")
    return redirect("api:notice", notice)


def _seen(user: User) -> QuerySet[Subscription]:
    mine = Q() if may_revoke_all(user) else Q(user=user)
    return Subscription.objects.filter(mine).select_related("user")


def _ledgers(one: Subscription) -> str:
    return ledger_labels(one.ledgers)


def _worker(request: HttpRequest) -> User:
    user = user_of(request)
    sees = any(scope_in(user, ledger).read for ledger in runtime.ledgers().values())
    if not sees and not may_revoke_all(user):
        raise Http404
    return user
