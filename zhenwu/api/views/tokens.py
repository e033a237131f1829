"""My tokens; for administrators everybody's, to look at and to revoke."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.accounts.views.access import day_of, field, user_of
from zhenwu.api.errors import TokenRefused
from zhenwu.api.tokens import create_token, may_revoke_all, revoke, tokens_seen_by
from zhenwu.ledgers.queries import ledgers_for
from zhenwu.lib.paging import Pager
from zhenwu.packs import runtime

_USUAL = timedelta(days=90)
_SIZE = 50


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    user = _worker(request)
    today = timezone.localdate()
    found = tokens_seen_by(user)
    pager = Pager.of(request.GET, found.count(), size=_SIZE)
    rows = [
        {"token": one, "mine": one.user_id == user.pk, "works": one.works(today), "ledgers": ledger_labels(one.ledgers)}
        for one in found[pager.start : pager.stop]
    ]
    context = {"title": "接口令牌", "tab": "tokens", "rows": rows, "pager": pager, "all": may_revoke_all(user)}
    response = render(request, "api/tokens.html", context | {"may_make": rights_of(user).works})
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = _worker(request)
    if not rights_of(user).works:
        raise Http404
    today, said = timezone.localdate(), request.POST
    problems: list[str] = []
    if request.method == "POST":
        expires = day_of(said.get("expires_on"))
        try:
            token, text = create_token(
                user, said.get("label", ""), expires_on=expires or date.min, on=today, may_write=said.get("write") == "1",
                may_reveal=said.get("reveal") == "1", ledgers=said.getlist("ledgers"),
            )  # fmt: skip
        except TokenRefused as refused:
            problems = refused.problems
        else:
            context = {"title": "记下令牌", "text": text, "token": token}
            return _closed(render(request, "api/token_made.html", context))
    fields = [
        field("label", "用途", said.get("label", ""), required=True, help="给哪个系统用，如“县平台同步”"),
        field("expires_on", "有效期至", said.get("expires_on") or (today + _USUAL).isoformat(), widget="date", required=True,
              help="最长一年，到期后另建"),
        field("write", "能做什么", said.get("write", "0"), widget="select", required=True,
              choices=[("0", "只读取"), ("1", "读取和写入")]),
        field("reveal", "身份证号等号码", said.get("reveal", "0"), widget="select", required=True,
              choices=[("0", "只显示一部分"), ("1", "写明用途后可看全部（留有记录）")]),
        field("ledgers", "台账", said.getlist("ledgers"), widget="multiselect", wide=True, choices=ledger_choices(user),
              help="一个也不选，就是你能看的全部台账"),
    ]  # fmt: skip
    return _closed(form_page(request, "新建接口令牌", fields, problems, "新建", "api:tokens"))


@require_POST
def end(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    user = _worker(request)
    found = get_object_or_404(tokens_seen_by(user), pk=token)
    revoke(found, by=user)
    messages.success(request, f"已停用“{found.label}”。用它的程序从现在起不能再访问。")
    return redirect("api:tokens")


def form_page(
    request: HttpRequest, title: str, fields: list[dict[str, Any]], problems: list[str], button: str, back: str
) -> HttpResponse:
    context = {"title": title, "fields": fields, "problems": problems, "button": button, "back": back}
    return render(request, "api/form.html", context, status=422 if problems else 200)


def ledger_choices(user: User) -> list[tuple[str, str]]:
    return [(ledger.code, ledger.label) for ledger, _ in ledgers_for(user)]


def ledger_labels(codes: list[str]) -> str:
    known = runtime.ledgers()
    return "、".join(known[code].label if code in known else code for code in codes)


def _worker(request: HttpRequest) -> User:
    user = user_of(request)
    if not rights_of(user).works and not may_revoke_all(user):
        raise Http404
    return user


def _closed(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
