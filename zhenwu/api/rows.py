"""The operations that differ from ledger to ledger: list, add, read, edit, step, batch."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from zhenwu.api import bodies
from zhenwu.api.access import caller_of
from zhenwu.api.listing import Asked, page_of, parameters_of
from zhenwu.api.reading import said_in
from zhenwu.api.showing import row_json
from zhenwu.api.writing import Writer, once, version_said
from zhenwu.changes.audit import took_out
from zhenwu.ledgers.operations import Step
from zhenwu.ledgers.queries import shows_closed
from zhenwu.ledgers.transitions import operation_of
from zhenwu.lib.ids import uuid7
from zhenwu.packs.runtime import Ledger

IDEMPOTENCY = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "自己起的唯一编号。同一编号的同一请求只做一次，再发得到同样的答复。",
}  # fmt: skip
IF_MATCH = {
    "in": "header", "name": "If-Match", "required": False,
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'}, "description": "读取时得到的版本，也可写在 version 里。",
}  # fmt: skip


def router_of(ledger: Ledger) -> Router:
    """Built once at start; the code of the ledger is all that the operations keep of it."""
    router = Router(tags=[ledger.label])
    said = bodies.bodies_of(ledger)
    code, label = ledger.code, ledger.label
    for add_to in (_list, _add, _read, _edit, _batch, *((_step,) if said.step else ())):
        method, path, view, summary, status, answer, parameters = add_to(ledger, said)
        view.__name__ = f"{code}_{add_to.__name__.strip('_')}"
        responses = {
            "description": "成功",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}},
        }
        router.api_operation(
            [method], path, operation_id=view.__name__, summary=f"{label}：{summary}",
            openapi_extra={"responses": {str(status): responses}, "parameters": list(parameters)},
        )(view)  # fmt: skip
    return router


_MANY, _MANY_CLOSED = (
    100,
    20,
)  # rows of one answer above which it stands in the audit log; where S2 and S3 fields are shown
_Made = tuple[str, str, Callable[..., HttpResponse], str, int, str, list[dict[str, Any]]]


def _list(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest) -> HttpResponse:
        caller = caller_of(request)
        ledger, scope = caller.ledger(code)
        page = page_of(Asked(ledger, scope, request.GET), caller.user, request.path)
        if (count := len(page["rows"])) > (_MANY_CLOSED if shows_closed(ledger, scope) else _MANY):
            took_out(f"“{ledger.label}”{count}行（接口，令牌“{caller.token.label}”）", by=caller.user, ledger=code)
        return JsonResponse(page)

    code = ledger.code
    return "GET", "/rows", view, "查询", 200, f"{said.name}Page", list(parameters_of(ledger))


def _add(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest, data: Any) -> HttpResponse:
        caller = caller_of(request)
        ledger, scope = caller.ledger(code)
        caller.need_write()

        def act() -> dict[str, Any]:
            writer = Writer(caller, ledger, scope)
            writer.add(0, uuid7(), data, said_in(data.values))
            return writer.commit(data.reason)

        return _located(once(request, caller, act, 201), request)

    code = ledger.code
    view.__annotations__["data"] = said.add
    return "POST", "/rows", view, "新增一条", 201, "Written", [IDEMPOTENCY]


def _read(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest, row: uuid.UUID) -> HttpResponse:
        ledger, scope, found = caller_of(request).row(code, row)
        shown = row_json(ledger, scope, found.pk)
        assert shown is not None
        return JsonResponse(shown, headers={"ETag": f'"{found.version}"'})

    code = ledger.code
    return "GET", "/rows/{uuid:row}", view, "读一条", 200, f"{said.name}Row", []


def _edit(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest, row: uuid.UUID, data: Any) -> HttpResponse:
        caller = caller_of(request)
        ledger, scope, found = caller.row(code, row)
        caller.need_write()
        version = version_said(request, data.version)

        def act() -> dict[str, Any]:
            writer = Writer(caller, ledger, scope)
            writer.edit(0, found, version, data, said_in(data.values))
            return writer.commit(data.reason)

        return once(request, caller, act)

    code = ledger.code
    view.__annotations__["data"] = said.edit
    return "PATCH", "/rows/{uuid:row}", view, "修改一条（只写要改的字段）", 200, "Written", [IDEMPOTENCY, IF_MATCH]


def _step(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest, row: uuid.UUID, transition: str, data: Any) -> HttpResponse:
        caller = caller_of(request)
        ledger, scope, found = caller.row(code, row)
        caller.need_write()
        version = version_said(request, data.version)

        def act() -> dict[str, Any]:
            writer = Writer(caller, ledger, scope)
            values = writer.values_for(0, found, said_in(data.values))
            writer.act(row, Step(row, version, transition, values))
            return writer.commit(data.reason)

        return once(request, caller, act)

    code = ledger.code
    view.__annotations__["data"] = said.step
    return "POST", "/rows/{uuid:row}/steps/{transition}", view, "办理一步", 200, "Written", [IDEMPOTENCY, IF_MATCH]


def _batch(ledger: Ledger, said: bodies.Bodies) -> _Made:
    def view(request: HttpRequest, data: Any) -> HttpResponse:
        caller = caller_of(request)
        ledger, scope = caller.ledger(code)
        caller.need_write()

        def act() -> dict[str, Any]:
            writer = Writer(caller, ledger, scope)
            writer.read([(at, one.row) for at, one in enumerate(data.operations) if one.op != "add"])
            for at, one in enumerate(data.operations):
                _gather(writer, at, one)
            return writer.commit(data.reason)

        return once(request, caller, act)

    code = ledger.code
    view.__annotations__["data"] = said.batch
    summary = "一次提交多项（要么全部写入，要么都不写）"
    return "POST", "/batch", view, summary, 200, "Written", [IDEMPOTENCY]


def _gather(writer: Writer, at: int, one: Any) -> None:
    if one.op == "add":
        writer.add(at, uuid7(), one, said_in(one.values))
    elif (row := writer.stored.get(one.row)) is None:
        return  # said by `read`
    elif one.op == "edit":
        writer.edit(at, row, one.version, one, said_in(one.values))
    elif one.op == "step":
        values = writer.values_for(at, row, said_in(one.values))
        writer.act(one.row, Step(one.row, one.version, one.transition, values, at))
    else:
        writer.act(one.row, operation_of(one.op, one.row, one.version, at=at))


def _located(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """With the address of the row that was made."""
    rows = json.loads(response.content)["rows"]
    if rows:
        response["Location"] = f"{request.path}/{rows[0]['id']}"
        response["ETag"] = f'"{rows[0]["version"]}"'
    return response
