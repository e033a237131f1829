"""A figure over the months, quarters or years, beside the same periods last year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.aggregate import shown_number
from zhenwu.indicators.asking import Asked
from zhenwu.indicators.beginnings import kept_since
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.links import figure_url
from zhenwu.indicators.periods import Kind, Period, a_year_before, parts_of, year_of
from zhenwu.indicators.queries import Compared, against, by_period, spec_of, value
from zhenwu.indicators.questions import is_answered, same_last_year
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import is_small, sees_small, small_text
from zhenwu.packs.spec import Indicator

_YEARS = 5
KINDS = {Kind.MONTH: "按月", Kind.QUARTER: "按季", Kind.YEAR: "按年"}


@dataclass(frozen=True)
class Point:
    """One line of the table and one point of the chart. `plotted` are numbers in the unit that is shown; None where there is
    none, or where it is hidden."""

    label: str
    url: str
    text: str
    before_text: str
    growth: str
    plotted: Decimal | None
    before_plotted: Decimal | None


def kinds_for(code: str, asked: Asked) -> list[Kind]:
    """How its trend may be asked for. A protected figure has one by years alone, and of the township: those of its villages
    and parts would need what hides one cell to be hidden in every year."""
    spec = spec_of(code)
    if asked.is_settled:
        return [] if asked.place or "." in code else [Kind.YEAR]
    return [kind for kind in KINDS if is_answered(spec, kind)]


def trend(user: User, code: str, asked: Asked, kind: Kind) -> list[Point]:
    all_shown = sees_small(user, code)
    pairs = _years(code, asked) if kind == Kind.YEAR else _within(code, asked, kind)
    return [_point(one, period, asked, all_shown, spec_of(code)) for period, one in pairs]


def _within(code: str, asked: Asked, kind: Kind) -> Iterator[tuple[Period, Compared | Figure]]:
    """The parts of the year. A stock by months is twelve questions: last year's are asked by quarters only."""
    periods = list(parts_of(asked.year, kind))
    question: dict[str, Any] = {"as_of": asked.as_of, "place": asked.place, "boundary": asked.boundary}
    found = by_period(code, periods, **question)
    if spec_of(code).kind == "stock" and kind == Kind.MONTH:
        yield from found.items()
        return
    earlier = question | {"as_of": a_year_before(asked.as_of), "on": asked.as_of}
    before = by_period(code, [one.a_year_before() for one in periods], **earlier)
    for period, figure in found.items():
        last = before.get(period.a_year_before())
        yield period, against(figure, last) if last else figure


def _years(code: str, asked: Asked) -> Iterator[tuple[Period, Compared | Figure]]:
    """This year and those before since the ledger is kept, each as on the same day."""
    question: dict[str, Any] = asked.question() | {"period": None, "on": asked.as_of}
    since = kept_since(registry().ledger(code.partition(".")[0]))
    found: list[Figure] = []
    for _ in range(_YEARS + 1):
        if since is not None and question["year"] < since.year and found:
            break
        found.append(value(code, **question))
        question = same_last_year(question)
        if asked.is_settled:  # past years are told whole
            question["as_of"] = date(question["year"], 12, 31)
    for now, before in zip(found[:_YEARS][::-1], [*found[1:], None][:_YEARS][::-1], strict=False):
        yield year_of(now.year), against(now, before) if before and _is_same_day(now, before) else now


def _is_same_day(now: Figure, before: Figure) -> bool:
    return a_year_before(now.as_of) == before.as_of


def _point(said: Compared | Figure, period: Period, asked: Asked, all_shown: bool, spec: Indicator) -> Point:
    now = said.now if isinstance(said, Compared) else said
    before = said.before if isinstance(said, Compared) else None
    now_open, before_open = all_shown or not is_small(now), all_shown or before is None or not is_small(before)
    changed: dict[str, Any] = {"period": period.code, "year": None}
    if period.kind == Kind.YEAR:  # another year is as on its own day
        changed |= {"period": None, "as_of": now.as_of, "year": None if now.as_of.year == now.year else now.year}
    return Point(
        label=period.short,
        url=figure_url(now.code, **asked.params(**changed)),
        text=now.text if now_open else small_text(),
        before_text="" if before is None else before.text if before_open else small_text(),
        growth=said.growth.text if isinstance(said, Compared) and now_open and before_open and before else "",
        plotted=_plotted(spec, now) if now_open else None,
        before_plotted=_plotted(spec, before) if before and before_open and period.kind != Kind.YEAR else None,
    )


def _plotted(spec: Indicator, figure: Figure) -> Decimal | None:
    if figure.value is None:
        return None
    return shown_number(spec, figure.value)
