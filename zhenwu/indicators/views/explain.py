"""How a figure is worked out: its statement, what that reads, some of the rows, and how the definition changed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.indicators.asking import Asked
from zhenwu.indicators.history import Version, value_then, versions
from zhenwu.indicators.links import figure_url
from zhenwu.indicators.looking import one_look
from zhenwu.indicators.queries import value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import rows_behind, sees_small, text_for
from zhenwu.indicators.showing import asked_by
from zhenwu.indicators.tables import lines_of
from zhenwu.indicators.views.access import spec_for, user_of
from zhenwu.mart.explaining import explain
from zhenwu.mart.store import running_schema
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

_SAMPLE = 10


@require_safe
@one_look()
def statement(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    spec = spec_for(user, code)
    asked = asked_by(user, code, request.GET)
    ledger = runtime.ledger(registry().ledger(spec.code))
    sample = rows_behind(user, code, limit=_SAMPLE, **asked.question())
    return render(request, "indicators/statement.html", {
        "title": f"{spec.label}：怎么算的", "spec": spec, "code": code, "asked": asked,
        "explained": explain(running_schema(), ledger.pack, [("逐行的数", spec.sql)], asked.as_of),
        "lines": lines_of(user, sample.rows, asked.as_of), "has_day": any(row.day for row in sample.rows),
        "versions": [(one, _value_then(user, one, asked)) for one in versions(spec.code)],
        "now": text_for(user, value(spec.code, as_of=asked.as_of, year=asked.year)),
        "ledger": ledger, "line": LINE_LABELS[ledger.spec.line], "figure_url": figure_url(code, **asked.params()),
    })  # fmt: skip


def _value_then(user: User, version: Version, asked: Asked) -> dict[str, Any]:
    """What a former definition would say. Not of a protected figure to who may not know its small cells: two definitions
    differ by few persons."""
    if not sees_small(user, version.said["code"]):
        return {}
    said = value_then(version, {"as_of": asked.as_of, "year": asked.year})
    return {"is_same": said is None, "is_gone": said == "", "text": said}
