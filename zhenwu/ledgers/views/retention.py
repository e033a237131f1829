"""Pages of retention: what is due, orders of destruction, and what is kept back."""

import tempfile
import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.models import User
from zhenwu.accounts.watching import address_of
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.models import ErasureOrder, Hold
from zhenwu.ledgers.queries import name_of
from zhenwu.ledgers.retention import holds, orders
from zhenwu.ledgers.retention.due import counted_from, due_by_year, free_rows
from zhenwu.ledgers.retention.register import facts, write_register
from zhenwu.ledgers.tasks import erase_order
from zhenwu.ledgers.views.access import user_of
from zhenwu.ledgers.views.exports import sent
from zhenwu.lib.paging import Pager
from zhenwu.lib.sheets import XLSX
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_PAGE = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What is due in the ledgers this user manages, and the orders and holds of these."""
    user, today = user_of(request), timezone.localdate()
    mine = _ledgers(user)
    tables = [
        {
            "ledger": ledger,
            "from": counted_from(ledger),
            "years": (years := due_by_year(ledger, today)),
            "free": any(one.free for one in years),
        }
        for ledger in mine.values()
    ]
    held = Hold.objects.filter(ledger__in=mine, lifted_at=None).select_related("by")
    context = {
        "title": "保管期满",
        "due": [one for one in tables if one["years"]],
        "not_due": [one for one in tables if not one["years"]],
        "orders": [(one, mine[one.ledger]) for one in _orders().filter(ledger__in=mine)[:_PAGE]],
        "holds": [(one, holds.what(one, mine[one.ledger])) for one in held],
        "today": today,
    }
    return _answer(request, "ledgers/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Choose years, look at the rows, say why."""
    user, today = user_of(request), timezone.localdate()
    ledger = _ledger(user, code)
    said = request.POST if request.method == "POST" else request.GET
    years = sorted({int(one) for one in said.getlist("year") if one.isascii() and one.isdigit() and len(one) == 4})
    problem = ""
    if request.method == "POST":
        try:
            order = orders.propose(
                ledger, years, said.get("reason", ""), by=user, on=today, address=address_of(request)
            )
        except LedgerError as refused:
            problem = str(refused)
        else:
            messages.success(request, f"已提出清册{order.no}，共{order.count}条，待另一人审批。")
            return redirect("ledgers:erasure", order.pk)
    found = free_rows(ledger, today).filter(ended_in__in=years).order_by("ended_in", "no").select_related("division")
    rows = [(row, name_of(ledger, row)) for row in found[:_PAGE]]
    context = {
        "title": "提出销毁", "ledger": ledger, "from": counted_from(ledger), "chosen": years, "rows": rows,
        "count": found.count(), "years": [one for one in due_by_year(ledger, today) if one.free], "problem": problem,
        "reason": said.get("reason", ""),
    }  # fmt: skip
    return _answer(request, "ledgers/retention_propose.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def order_page(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    user = user_of(request)
    found, ledger = _order(user, order)
    problem = ""
    if request.method == "POST":
        try:
            done = _act(found, ledger, request, user)
        except LedgerError as refused:
            problem = str(refused)
        else:
            messages.success(request, done)
            return redirect("ledgers:erasure", order)
    items = found.items.order_by("year", "no")
    pager = Pager.of(request.GET.dict(), found.count, size=_PAGE)
    context = {
        "title": f"销毁清册 {found.no}", "order": found, "ledger": ledger, "facts": facts(found, ledger), "problem": problem,
        "items": items[pager.start : pager.stop], "pager": pager, "note": request.POST.get("note", ""),
        "may_decide": found.state == "proposed" and found.proposed_by_id != user.pk and orders.may_decide(user, ledger),
        "may_withdraw": found.state == "proposed" and found.proposed_by_id == user.pk,
        "may_close": found.state == "erased" and found.keys_destroyed_at is not None,
    }  # fmt: skip
    return _answer(request, "ledgers/erasure.html", context, status=422 if problem else 200)


def _act(order: ErasureOrder, ledger: Ledger, request: HttpRequest, user: User) -> str:
    note, address = request.POST.get("note", ""), address_of(request)
    match request.POST.get("act"):
        case "agree":
            orders.decide(order, ledger, agree=True, note=note, by=user, address=address)
            erase_order.enqueue(str(order.pk))
            return "已同意，正在销毁。"
        case "refuse":
            orders.decide(order, ledger, agree=False, note=note, by=user, address=address)
            return "已退回，没有销毁任何记录。"
        case "withdraw":
            orders.withdraw(order, ledger, by=user, address=address)
            return "已撤回，没有销毁任何记录。"
        case "backups":
            orders.note_backups(order, ledger, note, by=user, address=address)
            return "已登记，这份清册办结。"
    raise Http404


@require_safe
def register(request: HttpRequest, order: uuid.UUID) -> HttpResponseBase:
    """The order as a book to be signed."""
    found, ledger = _order(user_of(request), order)
    file = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it
    write_register(found, ledger, file)
    file.seek(0)
    return sent(file, f"销毁清册_{found.no}.xlsx", XLSX)


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    ledger = _ledger(user, code)
    said = {name: request.POST.get(name, "").strip() for name in ("no", "year", "until", "reason")}
    problem = ""
    if request.method == "POST":
        try:
            year, until = _year(said["year"]), _day(said["until"])
            holds.place_hold(
                ledger, said["reason"], by=user, no=said["no"], year=year, until=until, address=address_of(request)
            )
        except LedgerError as refused:
            problem = str(refused)
        else:
            messages.success(request, "已暂缓销毁。")
            return redirect("ledgers:retention")
    fields = [
        _field("reason", "原因", said, required=True, help="如“县纪委调阅”“诉讼未结”"),
        _field("no", "只暂缓一条：编号", said, help="不填，就是一个年度或全部"),
        _field("year", "只暂缓一个年度", said, help="如 2009；不填，就是全部"),
        _field("until", "暂缓到", said, widget="date", help="不填，就一直暂缓到有人解除"),
    ]
    context = {"title": "暂缓销毁", "ledger": ledger, "fields": fields, "problem": problem}
    return _answer(request, "ledgers/hold.html", context, status=422 if problem else 200)


@require_POST
def lift(request: HttpRequest, hold: int) -> HttpResponse:
    user = user_of(request)
    found = Hold.objects.filter(pk=hold).first()
    if found is None:
        raise Http404
    ledger = _ledger(user, found.ledger)
    try:
        holds.lift_hold(found, ledger, request.POST.get("why", ""), by=user, address=address_of(request))
    except LedgerError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已解除暂缓。")
    return redirect("ledgers:retention")


def _ledgers(user: User) -> dict[str, Ledger]:
    found = {code: ledger for code, ledger in runtime.ledgers().items() if orders.may_see(user, ledger)}
    if not found:
        raise Http404
    return found


def _ledger(user: User, code: str) -> Ledger:
    ledger = runtime.ledgers().get(code)
    if ledger is None or not orders.may_see(user, ledger):
        raise Http404
    return ledger


def _orders() -> Any:
    return ErasureOrder.objects.select_related("proposed_by", "decided_by", "backups_by")


def _order(user: User, pk: uuid.UUID) -> tuple[ErasureOrder, Ledger]:
    found = _orders().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found, _ledger(user, found.ledger)


def _field(name: str, label: str, said: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": said[name], "widget": "text"} | more


def _year(said: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) == 4):
        raise LedgerError(f"年度填的是“{said}”：请填四位年份，如 2009。")
    return int(said)


def _day(said: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise LedgerError(f"日期填的是“{said}”：请写成 2030-12-31 这样。") from None


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
