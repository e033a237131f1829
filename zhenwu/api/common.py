"""The operations that are the same for every ledger: what becomes of a row, its history, files, and personal numbers."""

import uuid
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from ninja import File, Router
from ninja.files import UploadedFile

from zhenwu.accounts.watching import address_of
from zhenwu.api.access import caller_of
from zhenwu.api.bodies import ActBody, RestoreBody, RevealBody
from zhenwu.api.errors import Problem, Refusal
from zhenwu.api.problems import CONTENT_TYPE, TITLES
from zhenwu.api.rows import IDEMPOTENCY, IF_MATCH
from zhenwu.api.writing import Writer, once, result_of, version_said, written
from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers import story, transitions
from zhenwu.ledgers.files import FileRefused, store
from zhenwu.ledgers.queries import shown_fields
from zhenwu.ledgers.revealing import note_reveal
from zhenwu.ledgers.transitions import operation_of
from zhenwu.ledgers.views.files import file_answer
from zhenwu.packs.spec import LINE_LABELS

router = Router(tags=["通用"])
_RECENT = 200
_ROW = "/ledgers/{code:ledger}/rows/{uuid:row}"
Act = Literal["submit", "approve", "return", "void"]


def documented(schema: str, *parameters: dict[str, Any], status: int = 200) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"responses": {str(status): {"description": "成功", "content": content}}, "parameters": list(parameters)}


def refusal(status: int) -> dict[str, Any]:
    """A refusal that an operation of this method does not have by itself (document.py adds the usual ones)."""
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[status], "content": content}


@router.get("/me", operation_id="me", summary="我是谁，这个令牌能做什么", openapi_extra=documented("Me"))
def me(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    token = caller.token
    return JsonResponse({
        "user": caller.user.username, "name": str(caller.user), "token": token.label, "may_write": token.may_write,
        "may_reveal": token.may_reveal, "expires_on": token.expires_on.isoformat(),
    })  # fmt: skip


@router.get("/ledgers", operation_id="ledgers", summary="我能看的台账", openapi_extra=documented("Ledgers"))
def ledgers(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    return JsonResponse({
        "ledgers": [
            {
                "code": ledger.code, "label": ledger.label, "line": ledger.spec.line,
                "line_label": LINE_LABELS[ledger.spec.line], "one_row": ledger.spec.one_row,
                "may_enter": scope.enter and caller.token.may_write, "may_review": scope.review and caller.token.may_write,
                "fields": [_field_json(kind) for kind in shown_fields(ledger, scope).values()],
                "states": [{"code": one.code, "label": one.label} for one in ledger.states.values()],
            }
            for ledger, scope in caller.ledgers()
        ]
    })  # fmt: skip


def _field_json(kind: Any) -> dict[str, Any]:
    return {
        "code": kind.code, "label": kind.label, "type": kind.spec.type, "masked": kind.is_sealed,
        "unit": str(getattr(kind, "unit", "") or kind.spec.unit),
        "options": [{"value": one.value, "label": one.shown} for one in kind.spec.options],
    }  # fmt: skip


@router.post(
    _ROW + "/versions/restore", operation_id="restore", summary="恢复到以前的一版",
    openapi_extra=documented("Written", IDEMPOTENCY, IF_MATCH),
)  # fmt: skip
def restore(request: HttpRequest, ledger: str, row: uuid.UUID, data: RestoreBody) -> HttpResponse:
    caller = caller_of(request)
    known, scope, found = caller.row(ledger, row)
    caller.need_write()
    version = version_said(request, data.version)

    def do() -> dict[str, Any]:
        writer = Writer(caller, known, scope)
        source = Source(SourceKind.API, f"{caller.token.label}：恢复第{data.to}版")
        change = written(
            writer,
            lambda: transitions.restore(
                known, found, data.to, by=caller.user, reason=data.reason, version=version, source=source
            ),
        )
        return result_of(known, scope, [row], change)

    return once(request, caller, do)


@router.get(
    _ROW + "/versions", operation_id="versions", summary="历次修改：谁、何时、为什么、改了什么",
    openapi_extra=documented("Versions"),
)  # fmt: skip
def versions(request: HttpRequest, ledger: str, row: uuid.UUID) -> HttpResponse:
    """The last 200 versions, newest first; personal numbers are not opened."""
    known, scope, _ = caller_of(request).row(ledger, row)
    kept = History.objects.filter(ledger=ledger, row=row).select_related("change__author").order_by("-version")
    found = list(kept[: _RECENT + 1])
    return JsonResponse({
        "versions": [
            {
                "version": one.version, "act": one.act, "change": one.change.pk, "at": one.change.at.isoformat(),
                "by": str(one.change.author) if one.change.author else "", "reason": one.change.reason,
                "source": one.change.get_source_kind_display(),
                "differences": [{"label": diff.label, "was": diff.was, "now": diff.now} for diff in one.differences],
            }
            for one in story.entries(known, scope, found[:_RECENT], found[_RECENT:])
        ]
    })  # fmt: skip


@router.post(
    _ROW + "/reveal", operation_id="reveal", summary="写明用途，查看一个号码的全部内容（留有记录）",
    openapi_extra=documented("Revealed"),
)  # fmt: skip
def reveal(request: HttpRequest, ledger: str, row: uuid.UUID, data: RevealBody) -> HttpResponse:
    caller = caller_of(request)
    known, scope, found = caller.row(ledger, row)
    caller.need_reveal()
    kind = shown_fields(known, scope).get(data.field)
    if kind is None or not kind.is_sealed or not getattr(found, data.field):
        raise Http404
    note_reveal(known, found, kind, data.purpose, note=data.note, by=caller.user, address=address_of(request))
    return JsonResponse({"value": kind.from_row(found)}, headers={"Cache-Control": "no-store"})


@router.get(
    _ROW + "/files/{digest:sha256}", operation_id="file", summary="下载一个文件",
    openapi_extra={"responses": {"200": {"description": "文件", "content": {"*/*": {}}}}},
)  # fmt: skip
def file(request: HttpRequest, ledger: str, row: uuid.UUID, sha256: str) -> HttpResponseBase:
    known, scope, found = caller_of(request).row(ledger, row)
    return file_answer(known, scope, found, sha256, inline=False)


@router.post(
    "/files", operation_id="upload", summary="上传一个文件，之后在记录里写上它的 sha256",
    openapi_extra=documented("StoredFile", status=201),
)  # fmt: skip
def upload(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    caller = caller_of(request)
    caller.need_write()
    try:
        return JsonResponse(store(file, by=caller.user), status=201)
    except FileRefused as refused:
        words = f"文件{refused}"
        raise Refusal(422, words, [Problem(words, "file", "文件")]) from None


@router.post(
    _ROW + "/{act}", operation_id="act", summary="报送、审核通过、退回、作废",
    openapi_extra=documented("Written", IDEMPOTENCY, IF_MATCH),
)  # fmt: skip
def act(request: HttpRequest, ledger: str, row: uuid.UUID, act: Act, data: ActBody) -> HttpResponse:
    caller = caller_of(request)
    known, scope, _ = caller.row(ledger, row)
    caller.need_write()
    version = version_said(request, data.version)

    def do() -> dict[str, Any]:
        writer = Writer(caller, known, scope)
        writer.act(row, operation_of(act, row, version))
        return writer.commit(data.reason)

    return once(request, caller, do)
