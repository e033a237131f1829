"""Pages of figures: all of them, and one with everything behind it."""

import uuid
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.changes.audit import took_out
from zhenwu.divisions.models import Division
from zhenwu.indicators.asking import Asked, day_in, villages_now_and_before
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.links import figure_part, figure_url
from zhenwu.indicators.queries import by_month, by_place, fraction, indicator_codes, parts, spec_of, value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import (
    is_small,
    may_see,
    rows_behind,
    sees_small,
    small_cell,
    small_text,
    texts,
    visible_codes,
)
from zhenwu.indicators.sheets import trace_book
from zhenwu.indicators.tables import bars, lines_of, with_former
from zhenwu.ledgers.days import working_day
from zhenwu.lib.amounts import show_decimal
from zhenwu.lib.paging import Pager
from zhenwu.mart.store import mart
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS, Indicator

_OPEN_SHOWN = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    problems: list[str] = []
    as_of = day_in(request.GET.get("as_of", ""), problems) or working_day()
    q, line = request.GET.get("q", "").strip()[:60], request.GET.get("line", "")
    codes = visible_codes(user, indicator_codes())
    if not codes:
        raise Http404
    lines: dict[str, dict[str, Any]] = {}
    known = {runtime.ledger(registry().ledger(code)).spec.line for code in codes}
    choices = [(one, label) for one, label in LINE_LABELS.items() if one in known]
    if q:
        line = ""
    elif line not in known:
        line = choices[0][0]  # one line at a time: a page computes every figure it shows
    for code in codes:
        spec = spec_of(code)
        ledger = runtime.ledger(registry().ledger(code))
        if (line and ledger.spec.line != line) or (
            q and not any(q in one for one in (spec.label, spec.definition, ledger.label, code))
        ):
            continue
        group = lines.setdefault(ledger.spec.line, {"label": LINE_LABELS[ledger.spec.line], "ledgers": {}})
        figures = group["ledgers"].setdefault(ledger.code, {"label": ledger.label, "figures": []})["figures"]
        found = value(code, as_of=as_of)
        figures.append({"spec": spec, "figure": figure_part(found, text=_text(user, found))})
    return render(request, "indicators/index.html", {
        "title": "数字", "as_of": as_of, "q": q, "line": line, "problems": problems, "choices": choices,
        "lines": [lines[one] for one in LINE_LABELS if one in lines],
    })  # fmt: skip


@require_safe
def figure(request: HttpRequest, code: str) -> HttpResponse:
    user = _user(request)
    spec = _spec_for(user, code)
    asked = Asked.from_params(request.GET)
    question = asked.question()
    all_shown = sees_small(user, code)
    villages = by_place(code, as_of=asked.as_of, year=asked.year, boundary=asked.boundary)
    village_texts = texts(villages, all_shown=all_shown)
    months = by_month(code, **question)
    found = value(code, **question)
    shown = village_texts.get(found.place or "", _text(user, found))
    is_hidden = shown != found.text
    trace = rows_behind(user, code, month=asked.month, **question)
    pager = Pager.of(request.GET, len(trace.rows), size=50)
    names = dict(Division.objects.filter(pk__in=list(villages)).values_list("pk", "name"))
    village_bars = bars(
        villages, village_texts, {key: names.get(uuid.UUID(key), key) for key in villages},
        {key: figure_url(code, **asked.params(place=key)) for key in villages},
    )  # fmt: skip
    if asked.boundary == "now" and all_shown:  # of a protected figure the parts would give the small ones away
        was = by_place(code, as_of=asked.as_of, year=asked.year, boundary="was")
        village_bars = with_former(
            village_bars, list(villages), was, mart().places(asked.as_of),
            lambda key: figure_url(code, **asked.params(place=key, boundary="was")),
        )  # fmt: skip
    open_rows = rows_behind(user, code, undecided=True, **question).rows if found.undecided and not is_hidden else []
    has_den = spec.has_den or spec.agg == "avg"
    return render(request, "indicators/figure.html", {
        "title": found.label, "spec": spec, "code": code, "asked": asked, "figure": figure_part(found, text=shown),
        "row_count": None if is_hidden else found.row_count, "undecided": found.undecided,
        "parts_of": None if not has_den or is_hidden else _fraction(spec, code, question),
        "lines": lines_of(user, trace.rows[pager.start : pager.stop], asked.as_of), "pager": pager,
        "hidden": trace.hidden, "is_hidden": is_hidden, "has_day": any(row.day for row in trace.rows),
        "is_few": not all_shown and trace.hidden < small_cell(),
        "estimated": found.estimated, "open_lines": lines_of(user, open_rows[:_OPEN_SHOWN], asked.as_of),
        "villages": village_bars,
        "months": bars(
            months, texts(months, all_shown=all_shown), {key: f"{int(key[5:])}月" for key in months},
            {key: figure_url(code, **asked.params(month=key)) for key in months} if spec.kind == "flow" else {},
        ),
        "by": _parts(user, spec, code, asked),
        "choices": villages_now_and_before(), "ledger": runtime.ledger(registry().ledger(spec.code)),
        "line": LINE_LABELS[runtime.ledger(registry().ledger(spec.code)).spec.line],
        "now_url": figure_url(code, **asked.params(boundary=None)), "was_url": figure_url(code, **asked.params(boundary="was")),
        "no_month_url": figure_url(code, **asked.params(month=None)), "town_url": figure_url(code, **asked.params(place=None)),
        "whole_url": figure_url(spec.code, **asked.params()) if code != spec.code else "",
        "export_query": request.GET.urlencode(),
    })  # fmt: skip


@require_safe
def trace_xlsx(request: HttpRequest, code: str) -> HttpResponse:
    """The rows as a sheet; a suppressed figure says only that it is."""
    user = _user(request)
    spec = _spec_for(user, code)
    asked = Asked.from_params(request.GET)
    trace = rows_behind(user, code, month=asked.month, signed=True, **asked.question())
    villages = by_place(code, as_of=asked.as_of, year=asked.year, boundary=asked.boundary)
    village_texts = texts(villages, all_shown=sees_small(user, code))
    shown = village_texts.get(trace.figure.place or "", _text(user, trace.figure))
    is_few = not sees_small(user, code) and trace.hidden < small_cell()
    book = trace_book(user, trace, spec, value_text=shown, is_few=is_few)
    took_out(f"“{trace.figure.label}”（{asked.as_of}）的依据{len(trace.rows)}行", by=user)
    response = HttpResponse(book, content_type=_XLSX)
    name = quote(f"{trace.figure.label}-{asked.as_of}.xlsx")
    response["Content-Disposition"] = f"attachment; filename=\"figure.xlsx\"; filename*=UTF-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


def _text(user: User, found: Figure) -> str:
    return small_text() if is_small(found) and not sees_small(user, found.code) else found.text


def _parts(user: User, spec: Indicator, code: str, asked: Asked) -> list[Any]:
    """The figures of each value of `by`, where the page shows the whole."""
    if not spec.by or code != spec.code:
        return []
    found = parts(code, **asked.question())
    said = texts(found, all_shown=sees_small(user, code))
    return bars(
        found, said, {key: key for key in found}, {key: figure_url(f"{code}.{key}", **asked.params()) for key in found}
    )


def _fraction(spec: Indicator, code: str, question: dict[str, Any]) -> dict[str, str]:
    num, den = fraction(code, **question)
    labels = {"ratio": ("分子", "分母"), "weighted": ("加权合计", "权数")}.get(spec.agg, ("合计", "个数"))
    return {
        "num_label": labels[0], "num": "未报" if num is None else show_decimal(num),
        "den_label": labels[1], "den": "未报" if den is None else show_decimal(den),
    }  # fmt: skip


def _spec_for(user: User, code: str) -> Indicator:
    try:
        spec = spec_of(code)
    except UnknownIndicator:
        raise Http404 from None
    if not may_see(user, code) or ("." in code and not spec.by):
        raise Http404
    return spec


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    return request.user
