"""Figures and findings, read only. Rights, small cells and hidden words are those of the pages."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from zhenwu.accounts.scope import rights_of
from zhenwu.api.access import caller_of
from zhenwu.api.common import documented
from zhenwu.api.errors import Problem, Refusal
from zhenwu.checks.access import findings_listed_for
from zhenwu.checks.listing import STATUS_CHOICES, FindingQuery, lines_of
from zhenwu.checks.models import Severity
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.links import figure_url
from zhenwu.indicators.queries import indicator_codes, spec_of, value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import may_see, visible_codes
from zhenwu.indicators.showing import asked_by, last_year_for, last_year_said, shown_text

router = Router(tags=["数字与问题"])
_SIZE = 100
_Parameters = dict[str, tuple[dict[str, Any], str]]
_FIGURE: _Parameters = {
    "year": ({"type": "integer", "minimum": 1990, "maximum": 2100}, "年度"),
    "as_of": ({"type": "string", "format": "date"}, "截至哪一天"),
    "place": ({"type": "string", "format": "uuid"}, "村（社区）的 id"),
    "boundary": ({"type": "string", "enum": ["now", "was"]}, "按现在的区划，还是当时的"),
    "period": (
        {"type": "string"},
        "统计期：2025、2025-H1、2025-Q3、2025-09、2025-09-30、2025-01..09（年初累计）；不写为年初到截至日",
    ),
    "compare": ({"type": "string", "enum": ["last-year"]}, "同上年同期比"),
}
_FINDING: _Parameters = {
    "severity": ({"type": "string", "enum": list(Severity.values)}, "级别"),
    "status": ({"type": "string", "enum": [one for one in STATUS_CHOICES if one]}, "状态；不写为未销号的"),
    "page": ({"type": "integer", "minimum": 1, "maximum": 10_000}, "第几页，每页100条"),
}


def _parameters(said: _Parameters) -> list[dict[str, Any]]:
    return [
        {"in": "query", "name": name, "required": False, "schema": schema, "description": text}
        for name, (schema, text) in said.items()
    ]


@router.get("/indicators", operation_id="indicators", summary="我能看的指标", openapi_extra=documented("Indicators"))
def indicators(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    codes = [one for one in visible_codes(caller.user, indicator_codes()) if caller.within(registry().ledger(one))]
    return JsonResponse({"indicators": [_indicator_json(code) for code in codes]})


def _indicator_json(code: str) -> dict[str, Any]:
    spec = spec_of(code)
    return {"code": code, "label": spec.label, "unit": spec.unit, "definition": spec.definition, "kind": spec.kind}


@router.get(
    "/indicators/{indicator}", operation_id="indicator", summary="一个指标的数值和它的来处",
    openapi_extra=documented("Figure", *_parameters(_FIGURE)),
)  # fmt: skip
def indicator(request: HttpRequest, indicator: str) -> HttpResponse:
    caller = caller_of(request)
    user = caller.user
    try:
        if not may_see(user, indicator) or not caller.within(registry().ledger(spec_of(indicator).code)):
            raise Http404
    except UnknownIndicator:
        raise Http404 from None
    _need_known(request, _FIGURE)
    asked = asked_by(user, indicator, request.GET)
    if asked.problems:
        raise Refusal(
            422, "；".join(one.rstrip("。") for one in asked.problems) + "。", [Problem(one) for one in asked.problems]
        )
    found = value(indicator, **asked.question(), signed=True)
    text = shown_text(user, indicator, asked, found)
    hidden = text != found.text
    compared = last_year_for(user, indicator, asked, found) if request.GET.get("compare") else None
    return JsonResponse(_indicator_json(indicator) | {
        "value": None if hidden or found.value is None else str(found.value), "text": text, "hidden": hidden,
        "year": found.year, "period": asked.period.code if asked.period else None, "as_of": found.as_of.isoformat(),
        "place": found.place, "rows": None if hidden else found.row_count, "undecided": None if hidden else found.undecided,
        "undated": None if hidden else found.undated, "estimated": None if hidden else found.estimated,
        "digest": "" if hidden else found.digest, "last_year": compared and last_year_said(compared),
        "trace": request.build_absolute_uri(figure_url(indicator, **asked.params())),
    })  # fmt: skip


@router.get(
    "/findings",
    operation_id="findings",
    summary="核对发现的问题",
    openapi_extra=documented("Findings", *_parameters(_FINDING)),
)
def findings(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    user = caller.user
    if not rights_of(user).works:
        raise Http404
    _need_known(request, _FINDING)
    page = request.GET.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) < 6 and 1 <= int(page) <= 10_000):
        raise Refusal(400, "page 应是正整数。", [Problem("page 应是正整数。", "page")])
    asked = FindingQuery.from_params(request.GET)
    listed = findings_listed_for(user)
    if caller.token.ledgers:
        listed = listed.filter(ledger__in=caller.token.ledgers)
    wanted = asked.ordered(asked.within(listed))
    start = (int(page) - 1) * _SIZE
    shown = lines_of(user, list(wanted[start : start + _SIZE]))
    return JsonResponse({
        "findings": [
            {
                "id": str(one.finding.pk), "check": one.finding.check_code, "label": one.finding.label,
                "severity": one.finding.severity, "status": one.finding.status, "message": one.message,
                "ledger": one.finding.ledger, "row": str(one.finding.row) if one.row and one.finding.row else None,
                "division": str(one.finding.division_id) if one.finding.division_id else None,
                "found_on": one.finding.found_on.isoformat(), "due_on": one.finding.due_on.isoformat(),
            }
            for one in shown
        ],
        "more": wanted[start + _SIZE : start + _SIZE + 1].exists(),
    })  # fmt: skip


def _need_known(request: HttpRequest, known: _Parameters) -> None:
    """A parameter of another name, said twice, or with none of its values is refused."""
    problems = [Problem(f"没有“{name[:60]}”这个参数。", name) for name in request.GET if name not in known]
    for name, texts_said in request.GET.lists():
        schema = known[name][0] if name in known else {}
        if len(texts_said) > 1 or ("enum" in schema and texts_said[0] not in schema["enum"]):
            problems.append(Problem(f"{name} 写得不对。", name))
    if problems:
        raise Refusal(400, "；".join(one.message.rstrip("。") for one in problems[:3]) + "。", problems)
