"""The door of the API: every path below /api/ that is no page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from zhenwu.api.access import Bearer
from zhenwu.api.building import answer
from zhenwu.api.problems import is_json, problem, unknown_caller

_UPLOADS = "files"
_bearer = Bearer()


@login_not_required
@csrf_exempt  # a session's cookie opens nothing here; a token does, and no other site can make a browser send one
def operation(request: HttpRequest, path: str) -> HttpResponse:
    request.caller = _bearer(request)  # type: ignore[attr-defined]
    if request.caller is None:  # type: ignore[attr-defined]  # before the path: which ledgers there are is not for everybody
        return unknown_caller()
    has_body = request.headers.get("Content-Length", "0") not in ("", "0")
    if has_body and path != _UPLOADS and request.method != "GET" and not is_json(request):
        return problem(415, "请用 Content-Type: application/json 提交。")
    response = answer(request, path)
    if response is None:
        return problem(404, "没有这个地址。可用的地址见 /api/docs/。")
    if response.status_code == 405:
        return problem(405, f"这个地址不支持 {request.method}。", headers={"Allow": response["Allow"]})
    if "Cache-Control" not in response:
        response["Cache-Control"] = "private, no-store"
    return response
