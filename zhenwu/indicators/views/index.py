"""The page of all figures, and the same as a sheet with the definitions."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhenwu.accounts.models import User
from zhenwu.changes.audit import took_out
from zhenwu.indicators.asking import day_in
from zhenwu.indicators.listing import Wanted, by_line, lines_known, listed
from zhenwu.indicators.looking import one_look
from zhenwu.indicators.sheets import index_book
from zhenwu.indicators.views.access import sheet_answer, user_of
from zhenwu.ledgers.days import working_day


@require_safe
@one_look()
def index(request: HttpRequest) -> HttpResponse:
    problems: list[str] = []
    user, choices, wanted = _asked(request, problems)
    return render(request, "indicators/index.html", {
        "title": "数字", "as_of": wanted.as_of, "q": wanted.q, "line": wanted.line, "problems": problems,
        "choices": choices, "lines": by_line(listed(user, wanted)),
        "export_query": urlencode({"line": wanted.line, "q": wanted.q, "as_of": wanted.as_of.isoformat()}),
    })  # fmt: skip


@require_safe
@one_look()
def export(request: HttpRequest) -> HttpResponse:
    """The figures of the page; with `all=1` those of every line."""
    user, _, wanted = _asked(request, [])
    if request.GET.get("all") == "1":
        wanted = Wanted(wanted.as_of)
    groups = listed(user, wanted)
    took_out(f"数字一览（截至{wanted.as_of}）{sum(len(one.figures) for one in groups)}个", by=user)
    return sheet_answer(index_book(groups, wanted.as_of), f"数字一览-{wanted.as_of}.xlsx", "figures.xlsx")


def _asked(request: HttpRequest, problems: list[str]) -> tuple[User, list[tuple[str, str]], Wanted]:
    """Who asks, the lines that they know, and what they want: one line at a time, or what a word finds in all of them, for a
    page computes every figure it shows."""
    user = user_of(request)
    choices = lines_known(user)
    if not choices:
        raise Http404
    as_of = day_in(request.GET.get("as_of", ""), problems) or working_day()
    q, line = request.GET.get("q", "").strip()[:60], request.GET.get("line", "")
    if q:
        return user, choices, Wanted(as_of, "", q)
    return user, choices, Wanted(as_of, line if line in dict(choices) else choices[0][0])
