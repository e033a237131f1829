"""Acts on the chosen rows of a list: one change with one reason, every row that stands in the way named, all or nothing."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.forms import RowForm
from zhenwu.ledgers.queries import name_of, rows_in
from zhenwu.ledgers.rowpage import links_of
from zhenwu.ledgers.transitions import (
    STEP,
    BulkRefused,
    Done,
    act_label,
    bulk_problems,
    bulk_transition,
    is_act,
)
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Transition

_MANY = 500
_ACTS = ("submit", "approve", "return")
Chosen = list[tuple[uuid.UUID, int]]


@require_POST
def bulk(request: HttpRequest, code: str) -> HttpResponse:
    """From the list: done at once when nothing more is asked and nothing stands in the way, else a page that asks."""
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    act = request.POST.get("act", "")
    if not is_act(ledger, act) or act == "void" or not (scope.enter or scope.review):
        raise Http404
    chosen = _chosen(request)
    if not chosen:
        messages.warning(request, "没有选中记录。")
        return redirect(_back(request, code))
    step = _step(ledger, act)
    form = RowForm(ledger, scope, user, today=timezone.localdate(), only=_needs(step))
    page: dict[str, Any] = {
        "act": act, "label": act_label(ledger, act), "asks_reason": act == "return" or bool(step and step.reason),
        "says": step.confirm if step else "", "back": _back(request, code), "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    asks = page["asks_reason"] or bool(form.kinds)
    if "go" not in request.POST and asks:
        known = {} if form.kinds else bulk_problems(ledger, chosen, act, by=user, reason="（稍后填写）")
        return _page(request, ledger, scope, form, chosen, page, known)
    if form.kinds and not form.read(request.POST, request.FILES):
        return _page(request, ledger, scope, form, chosen, page, {}, status=422)
    if page["asks_reason"] and not page["reason"].strip():
        page["problem"] = f"{page['label']}要写明原因。"
        return _page(request, ledger, scope, form, chosen, page, {}, status=422)
    try:
        done = bulk_transition(
            ledger, chosen, act, by=user, reason=page["reason"].strip(), leave_out="leave_out" in request.POST,
            values={one: said for one, said in form.values.items() if said is not None},
        )  # fmt: skip
    except BulkRefused as refused:
        return _page(request, ledger, scope, form, chosen, page, refused.problems, status=422)
    except LedgerError as problem:
        messages.error(request, f"没有{page['label']}，一条也没有改：{problem}")
        return redirect(_back(request, code))
    return _tell(request, done, page["label"], _back(request, code))


def _tell(request: HttpRequest, done: Done, label: str, back: str) -> HttpResponseRedirect:
    left = f"；有问题的{len(done.left_out)}条没有办理" if done.left_out else ""
    if done.change is None:
        messages.warning(request, f"没有可以{label}的记录{left}。")
    else:
        messages.success(request, f"已{label}{len(done.rows)}条{left}。")
    return redirect(back)


def _page(
    request: HttpRequest, ledger: Ledger, scope: Scope, form: RowForm, chosen: Chosen, page: dict[str, Any],
    problems: dict[uuid.UUID, list[str]], status: int = 200,
) -> HttpResponse:  # fmt: skip
    seen = rows_in(ledger, scope, voided=True).select_related(*links_of(ledger, scope))
    rows = seen.in_bulk([row for row, _ in chosen])
    lines = [
        {"value": f"{pk}:{version}", "row": rows.get(pk), "name": name_of(ledger, rows[pk]) if pk in rows else "",
         "problems": problems.get(pk, [])}
        for pk, version in chosen
    ]  # fmt: skip
    lines.sort(key=lambda line: not line["problems"])
    context = crumbs(ledger) | page | {
        "title": f"批量{page['label']}", "lines": lines, "bad": sum(bool(line["problems"]) for line in lines),
        "parts": form.parts(),
    }  # fmt: skip
    context["good"] = len(lines) - context["bad"]
    return render(request, "ledgers/bulk.html", context, status=status)


def bulk_acts(ledger: Ledger, scope: Scope) -> list[tuple[str, str, str]]:
    """(act, label, question) that may be done to chosen rows; no question where the act's own page asks."""
    acts = []
    if scope.enter:
        acts.append(("submit", "报送", "报送选中的记录？报送后由站所审核，期间不能再改。"))
    if scope.approve:
        acts.append(("approve", "审核通过", "把选中的已报送记录审核通过？"))
    if scope.review:
        acts.append(("return", "退回", ""))
    return acts


def bulk_steps(ledger: Ledger, scope: Scope) -> list[tuple[str, str, str]]:
    """The lifecycle steps that this person's roles may take on chosen rows."""
    steps = ledger.lifecycle.transition if ledger.lifecycle else ()
    return [
        (
            f"{STEP}{one.code}",
            one.label,
            "" if one.reason or _needs(one) else one.confirm or f"对选中的记录办理“{one.label}”？",
        )
        for one in steps
        if scope.roles & set(one.who) and (scope.enter or scope.review) and not one.effect
    ]


def _needs(step: Transition | None) -> tuple[str, ...]:
    return tuple(code for code in step.needs if code not in {*step.today, *step.me}) if step else ()


def _step(ledger: Ledger, act: str) -> Transition | None:
    steps = ledger.lifecycle.transition if ledger.lifecycle else ()
    return next((one for one in steps if act == f"{STEP}{one.code}"), None)


def _chosen(request: HttpRequest) -> Chosen:
    found: Chosen = []
    for said in request.POST.getlist("rows")[:_MANY]:
        row, _, version = said.partition(":")
        try:
            found.append((uuid.UUID(row), int(version)))
        except ValueError:
            raise Http404 from None
    return list(dict.fromkeys(found))


def _back(request: HttpRequest, code: str) -> str:
    """The list with its own filters; only the query of our own address is used."""
    said = request.GET.urlencode()
    return reverse("ledgers:list", args=[code]) + (f"?{said}" if said else "")
