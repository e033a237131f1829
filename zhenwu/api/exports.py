"""Exports that another person approves: asked for, decided, fetched and noted as destroyed by programs, under the rights of the
token's user. What opens personal values needs a token that may open them."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from ninja import Router

from zhenwu.accounts.watching import address_of
from zhenwu.api.access import Caller, caller_of
from zhenwu.api.bodies import AskExportBody, DecideBody
from zhenwu.api.common import documented, refusal
from zhenwu.api.errors import Problem, Refusal
from zhenwu.api.rows import IDEMPOTENCY
from zhenwu.api.writing import once
from zhenwu.ledgers import releases, releasing
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.models import ExportRequest
from zhenwu.ledgers.tasks import make_export
from zhenwu.ledgers.views.releases import file_answer
from zhenwu.packs.runtime import Ledger

router = Router(tags=["导出申请"])
_MOST = 200
_ONE = "/exports/{uuid:export}"


@router.get(
    "/exports", operation_id="exports", summary="我的导出申请，和等我审批的", openapi_extra=documented("Exports")
)
def exports(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    known = {ledger.code: ledger for ledger, _ in caller.ledgers()}
    mine = releases.requests_in(known).filter(by=caller.user)[:_MOST]
    waiting = releases.waiting_for(caller.user, known)[:_MOST]
    return JsonResponse({
        "mine": [_json(one, caller) for one in mine],
        "waiting": [_json(one, caller) for one, _ in waiting],
    })  # fmt: skip


@router.post(
    "/exports",
    operation_id="ask_export",
    summary="申请导出",
    openapi_extra=documented("Export", IDEMPOTENCY, status=201),
)
def ask_export(request: HttpRequest, data: AskExportBody) -> HttpResponse:
    caller = caller_of(request)
    ledger, _ = caller.ledger(data.ledger)
    caller.need_write()
    if data.full:
        caller.need_reveal()

    def do() -> ExportRequest:
        return releasing.ask(
            ledger, data.query, data.kind, by=caller.user, purpose=data.purpose, basis=data.basis, receiver=data.receiver,
            full=data.full, address=address_of(request),
        )  # fmt: skip

    return once(request, caller, lambda: _json(_done(do), caller), status=201)


@router.get(_ONE, operation_id="export", summary="一份导出申请", openapi_extra=documented("Export"))
def export(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    caller = caller_of(request)
    return JsonResponse(_json(_request(caller, export)[0], caller))


@router.post(
    _ONE + "/decide",
    operation_id="decide_export",
    summary="同意或不同意一份导出",
    openapi_extra=documented("Export", IDEMPOTENCY),
)
def decide_export(request: HttpRequest, export: uuid.UUID, data: DecideBody) -> HttpResponse:
    caller = caller_of(request)
    one, ledger = _request(caller, export)
    caller.need_write()
    if data.agree:
        caller.need_reveal()

    def do() -> ExportRequest:
        made = releasing.decide(
            one,
            ledger,
            agree=data.agree,
            note=data.note,
            by=caller.user,
            on=timezone.localdate(),
            address=address_of(request),
        )
        if data.agree:
            make_export.enqueue(str(made.pk))
        return made

    return once(request, caller, lambda: _json(_done(do), caller))


@router.post(
    _ONE + "/withdraw",
    operation_id="withdraw_export",
    summary="撤回申请",
    openapi_extra=documented("Export", IDEMPOTENCY),
)
def withdraw_export(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    caller = caller_of(request)
    one, _ = _request(caller, export)
    caller.need_write()
    return once(request, caller, lambda: _json(_done(lambda: releasing.withdraw(one, by=caller.user)), caller))


@router.post(
    _ONE + "/destroyed", operation_id="note_export_destroyed", summary="登记下载的文件和副本都已销毁",
    openapi_extra=documented("Export", IDEMPOTENCY),
)  # fmt: skip
def note_export_destroyed(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    caller = caller_of(request)
    one, ledger = _request(caller, export)
    caller.need_write()
    today, address = timezone.localdate(), address_of(request)

    def do() -> ExportRequest:
        return releasing.note_destroyed(one, ledger, by=caller.user, on=today, address=address)

    return once(request, caller, lambda: _json(_done(do), caller))


@router.get(
    _ONE + "/file", operation_id="export_file", summary="下载批准的导出（计入次数，留有记录）",
    openapi_extra={"responses": {
        "200": {"description": "文件", "content": {"*/*": {}}}, "403": refusal(403), "422": refusal(422),
    }},
)  # fmt: skip
def export_file(request: HttpRequest, export: uuid.UUID) -> HttpResponseBase:
    caller = caller_of(request)
    one, ledger = _request(caller, export)
    if one.by_id != caller.user.pk:
        raise Http404
    caller.need_reveal()
    today, address = timezone.localdate(), address_of(request)
    content = _done(lambda: releasing.fetch(one, ledger, by=caller.user, on=today, address=address))
    return file_answer(one, ledger, content)


def _request(caller: Caller, pk: uuid.UUID) -> tuple[ExportRequest, Ledger]:
    """A request of one's own, or one that one may decide; in a ledger that the token may read."""
    one = ExportRequest.objects.select_related("by", "decided_by").filter(pk=pk).first()
    if one is None:
        raise Http404
    ledger, _ = caller.ledger(one.ledger)
    if one.by_id != caller.user.pk and not releasing.may_decide(one, ledger, caller.user):
        raise Http404
    return one, ledger


def _done(act: Callable[[], Any]) -> Any:
    """Do an act of the ledgers room; what it refuses is a Refusal."""
    try:
        return act()
    except NotAllowed as refused:
        raise Refusal(403, str(refused), [Problem(str(refused))]) from None
    except LedgerError as refused:
        raise Refusal(422, str(refused), [Problem(str(refused))]) from None


def _json(one: ExportRequest, caller: Caller) -> dict[str, Any]:
    return {
        "id": str(one.pk), "ledger": one.ledger, "kind": one.kind, "query": one.query, "full": one.full,
        "columns": one.columns, "count": one.count, "purpose": one.purpose, "basis": one.basis, "receiver": one.receiver,
        "state": one.state, "by": str(one.by), "mine": one.by_id == caller.user.pk, "at": one.at.isoformat(),
        "decided_by": str(one.decided_by) if one.decided_by else "", "decision": one.decision,
        "made": one.made_at is not None, "problem": one.problem, "fetched": one.fetched, "most": one.most,
        "expires_on": one.expires_on.isoformat() if one.expires_on else None,
        "destroyed_on": one.destroyed_on.isoformat() if one.destroyed_on else None,
    }  # fmt: skip
