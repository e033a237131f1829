"""Refusals as answers: application/problem+json (RFC 9457), always with the list of all problems."""

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from zhenwu.api.errors import Problem, Refusal

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "请求的格式不对", 401: "没有有效的令牌", 403: "没有这个权限", 404: "没有这项内容", 405: "不支持这种方法",
    409: "内容已被他人改过", 413: "内容太大", 415: "内容的类型不对", 422: "内容不符合要求", 428: "没有说明版本",
    429: "请求太频繁", 503: "请稍后再试",
}  # fmt: skip
NO_CALLER = "请在 Authorization 里写 Bearer 和有效的令牌。令牌可能写错、过期或已停用。"


def problem(
    status: int, detail: str, problems: list[Problem] | None = None, *, current: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "problems": [one.as_json() for one in problems or []],
    }
    if current is not None:
        said["current"] = current
    text = json.dumps(said, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=CONTENT_TYPE, headers=headers)


def unknown_caller() -> HttpResponse:
    """The same for a token that is missing, wrong, expired or revoked."""
    return problem(401, NO_CALLER, headers={"WWW-Authenticate": "Bearer"})


def install(api: NinjaAPI) -> None:
    """Make every refusal of the API one of ours."""
    handlers: dict[type[Exception], Any] = {
        Refusal: lambda request, one: problem(
            one.status, one.detail, one.problems, current=one.current, headers=one.headers
        ),
        Http404: lambda request, one: problem(404, "没有这项内容，或不在你的权限范围内。"),
        AuthenticationError: lambda request, one: unknown_caller(),
        Throttled: lambda request, one: problem(429, "请求太频繁，请按 Retry-After 里的秒数等一等。"),
        RequestDataTooBig: lambda request, one: problem(413, "内容太大，请分几次提交。"),
        SuspiciousOperation: lambda request, one: problem(400, "请求的格式不对。"),
        HttpError: lambda request, one: problem(400, "请求的内容不是有效的 JSON。"),
        ValidationError: _invalid,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """400 where the request has another shape than the schema says, 422 where a value cannot be taken."""
    found, status = [], 422
    for one in error.errors:
        if one["type"] != "value_refused":
            status = 400
        found.append(_problem_of(one))
    return problem(status, "；".join(one.message.rstrip("。") for one in found[:3]) + "。", found)


def _problem_of(error: dict[str, Any]) -> Problem:
    place = [one for one in error["loc"] if one not in ("body", "data", "query", "filters", "path", "values", "header")]
    at = next((one for one in place if isinstance(one, int)), 0)
    names = [one for one in place if isinstance(one, str)]
    name = names[-1] if names else ""
    context = error.get("ctx") or {}
    if error["type"] in ("value_refused", "shape_refused"):
        return Problem(error["msg"], str(context.get("field", name)), str(context.get("label", "")), at)
    return Problem(_WORDS.get(error["type"], _other)(name, context), name, "", at)


def _other(name: str, context: dict[str, Any]) -> str:
    limits = {"ge": "不能小于", "le": "不能大于", "max_length": "最多", "min_length": "至少", "pattern": "应符合"}
    said = next((f"：{words}{context[key]}" for key, words in limits.items() if key in context), "")
    expected = f"：应是{context['expected']}" if "expected" in context else said
    return f"{name or '内容'}写得不对{expected}。"


_WORDS = {
    "missing": lambda name, context: f"缺少{name or '内容'}。",
    "extra_forbidden": lambda name, context: f"没有{name}这一项，请核对名称。",
    "json_invalid": lambda name, context: "请求的内容不是有效的 JSON。",
}


def is_json(request: HttpRequest) -> bool:
    said = (request.content_type or "").lower()
    return re.fullmatch(r"application/(json|[a-z0-9.+-]+\+json)", said) is not None
