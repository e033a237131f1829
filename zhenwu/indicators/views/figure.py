"""The page of one figure: what it is, how it went, where it lies, and the rows behind it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.changes.audit import took_out
from zhenwu.divisions.models import Division
from zhenwu.indicators.asking import Asked, villages_now_and_before
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.links import figure_part, figure_url, statement_url
from zhenwu.indicators.looking import one_look, places_on
from zhenwu.indicators.picking import period_choices
from zhenwu.indicators.queries import by_place, fraction, parts, value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import rows_behind, sees_small, small_cell, texts
from zhenwu.indicators.sheets import trace_book
from zhenwu.indicators.showing import asked_by, last_year_for, shown_text
from zhenwu.indicators.tables import Bar, bars, lines_of, sorted_figures, with_former
from zhenwu.indicators.trends import KINDS, kinds_for, trend
from zhenwu.indicators.views.access import sheet_answer, spec_for, user_of
from zhenwu.lib.amounts import show_decimal
from zhenwu.lib.paging import Pager
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS, Indicator

_SIZE = 50
_SORTS = {"place": "", "up": "up", "down": "down"}


@require_safe
@one_look()
def figure(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    spec = spec_for(user, code)
    asked = asked_by(user, code, request.GET)
    question = asked.question()
    found = value(code, **question)
    shown = shown_text(user, code, asked, found)
    is_hidden = shown != found.text
    has_den = spec.has_den or spec.agg == "avg"
    kinds = kinds_for(code, asked)
    kind = next((one for one in kinds if one == request.GET.get("trend")), kinds[0] if kinds else None)
    ledger = runtime.ledger(registry().ledger(spec.code))
    sort = request.GET.get("sort", "")
    return render(request, "indicators/figure.html", {
        "title": found.label, "spec": spec, "code": code, "asked": asked, "figure": figure_part(found, text=shown),
        "row_count": None if is_hidden else found.row_count, "undecided": found.undecided, "undated": found.undated,
        "estimated": found.estimated, "is_hidden": is_hidden, "least": small_cell(),
        "parts_of": None if not has_den or is_hidden else _fraction(spec, code, question),
        "last_year": None if is_hidden else _last_year(user, code, asked, found),
        "periods": period_choices(spec, asked), "choices": villages_now_and_before(),
        "points": trend(user, code, asked, kind) if kind else [], "trend_kind": kind,
        "trend_unit": "" if found.text.endswith(spec.show_unit or spec.unit) else spec.unit,
        "trends": [(one, KINDS[one], figure_url(code, **asked.params(trend=one.value))) for one in kinds],
        "by": _by_part(user, spec, code, asked),
        "villages": [] if asked.is_settled and "." in code else _by_village(user, code, asked, sort), "sort": sort,
        "sort_urls": {one: figure_url(code, **asked.params(sort=said)) + "#villages" for one, said in _SORTS.items()},
        "ledger": ledger, "line": LINE_LABELS[ledger.spec.line],
        "now_url": figure_url(code, **asked.params(boundary=None)), "was_url": figure_url(code, **asked.params(boundary="was")),
        "town_url": figure_url(code, **asked.params(place=None)),
        "whole_url": figure_url(spec.code, **asked.params()) if code != spec.code else "",
        "statement_url": statement_url(code, **asked.params()),
        "export_query": request.GET.urlencode(), **_rows(user, code, asked, request, is_hidden),
    })  # fmt: skip


@require_safe
def trace_xlsx(request: HttpRequest, code: str) -> HttpResponse:
    """The rows as a sheet; a suppressed figure says only that it is."""
    user = user_of(request)
    spec = spec_for(user, code)
    asked = asked_by(user, code, request.GET)
    trace = rows_behind(user, code, signed=True, limit=10**9, **asked.question())
    shown = shown_text(user, code, asked, trace.figure)
    is_few = not sees_small(user, code) and trace.hidden < small_cell()
    book = trace_book(user, trace, spec, value_text=shown, is_few=is_few)
    took_out(f"“{trace.figure.label}”（{asked.said}，截至{asked.as_of}）的依据{len(trace.rows)}行", by=user)
    return sheet_answer(book, f"{trace.figure.label}-{asked.as_of}.xlsx", "figure.xlsx")


def _last_year(user: User, code: str, asked: Asked, found: Figure) -> dict[str, Any] | None:
    said = last_year_for(user, code, asked, found)
    if said is None:
        return None
    before = said.before
    changed = {"as_of": before.as_of, "period": before.period.code if before.period else None} if before else {}
    return {
        "text": before.text if before else "—", "growth": said.growth, "is_known": before is not None,
        "unit": (before.show_unit or before.unit) if before else "",
        "url": figure_url(code, **asked.params(**changed, year=None)) if before else "",
    }  # fmt: skip


def _by_part(user: User, spec: Indicator, code: str, asked: Asked) -> list[Bar]:
    """The figures of each value of `by`, where the page shows the whole."""
    if not spec.by or code != spec.code or (asked.is_settled and asked.place):
        return []
    found = parts(code, **asked.question())
    said = texts(found, all_shown=sees_small(user, code))
    labels = {key: registry().part_label(code, key) for key in found}
    return bars(found, said, labels, {key: figure_url(f"{code}.{key}", **asked.params()) for key in found})


def _by_village(user: User, code: str, asked: Asked, sort: str) -> list[Bar]:
    """Each village of today, by its code or as the reader sorts, and below it those that became it."""
    all_shown = sees_small(user, code)
    span: dict[str, Any] = {"as_of": asked.as_of, "year": asked.year, "period": asked.period}
    found = by_place(code, boundary=asked.boundary, **span)
    said = texts(found, all_shown=all_shown)
    found = sorted_figures(found, said, sort)
    names = dict(Division.objects.filter(pk__in=list(found)).values_list("pk", "name"))
    shown = bars(
        found, said, {key: names.get(uuid.UUID(key), key) for key in found},
        {key: figure_url(code, **asked.params(place=key)) for key in found},
    )  # fmt: skip
    if asked.boundary == "was" or not all_shown:  # of a protected figure the parts would give the small ones away
        return shown
    was = by_place(code, boundary="was", **span)
    return with_former(
        shown, list(found), was, places_on(asked.as_of),
        lambda key: figure_url(code, **asked.params(place=key, boundary="was")),
    )  # fmt: skip


def _rows(user: User, code: str, asked: Asked, request: HttpRequest, is_hidden: bool) -> dict[str, Any]:
    """One page of the rows, and those that lineage cannot place."""
    question = asked.question()
    start = Pager.of(request.GET, 10**9, size=_SIZE).start
    found = rows_behind(user, code, start=start, limit=_SIZE, **question)
    pager = Pager.of(request.GET, found.seen, size=_SIZE)
    if pager.start != start:  # beyond the end
        found = rows_behind(user, code, start=pager.start, limit=_SIZE, **question)
    open_rows = (
        rows_behind(user, code, undecided=True, limit=_SIZE, **question).rows if asked.place and not is_hidden else []
    )
    return {
        "lines": lines_of(user, found.rows, asked.as_of), "pager": pager, "hidden": found.hidden,
        "has_day": any(row.day for row in found.rows), "open_lines": lines_of(user, open_rows, asked.as_of),
        "is_few": not sees_small(user, code) and found.hidden < small_cell(),
    }  # fmt: skip


def _fraction(spec: Indicator, code: str, question: dict[str, Any]) -> dict[str, str]:
    num, den = fraction(code, **question)
    labels = {"ratio": ("分子", "分母"), "weighted": ("加权合计", "权数")}.get(spec.agg, ("合计", "个数"))
    return {
        "num_label": labels[0], "num": "未报" if num is None else show_decimal(num),
        "den_label": labels[1], "den": "未报" if den is None else show_decimal(den),
    }  # fmt: skip
