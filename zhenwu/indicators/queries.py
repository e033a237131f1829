"""Figures of the running packs: one value, by place, by part, over time, and against last year."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhenwu.indicators.aggregate import Number, fewest_of, fraction_of, text_of, value_of
from zhenwu.indicators.beginnings import kept_since
from zhenwu.indicators.counting import Counted, counted_by_place, counted_in, tidy
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.groups import groups_for, undated_for
from zhenwu.indicators.growth import KEPT_PARTLY, NOT_KEPT, Growth, growth_of
from zhenwu.indicators.looking import places_on
from zhenwu.indicators.periods import Period
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.indicators.questions import Question, ask, same_last_year
from zhenwu.indicators.registry import registry
from zhenwu.mart.places import Boundary, Places
from zhenwu.mart.source import Source
from zhenwu.packs import runtime
from zhenwu.packs.spec import Indicator


def indicator_codes() -> list[str]:
    return registry().codes()


def spec_of(code: str) -> Indicator:
    """Raises UnknownIndicator. A part's code (`gp_impl_n.road`) gives its indicator."""
    return registry().spec(code.partition(".")[0])


def units_of(code: str) -> frozenset[str]:
    """What of the mart the figure reads. Raises UnknownIndicator."""
    return registry().prepared(code.partition(".")[0]).prepared.units


def value(code: str, *, signed: bool = False, source: Source | None = None, **asked: Any) -> Figure:
    """The figure that `questions.ask` is asked for (as_of, year, place, boundary, period); with its digest when `signed`.
    `source`: another than the mart of this instance."""
    indicator, part = _indicator(code)
    question = ask(indicator.spec, **asked)
    groups = groups_for(indicator, question, part, signed=signed, source=source)
    counted = counted_in(indicator.spec, groups, question.place, question.boundary, _places(question, source))
    return _figure(indicator, code, counted, question, _undated(indicator, question, part, source), signed)


def total(code: str, sources: Sequence[Source], *, signed: bool = False, **asked: Any) -> Figure:
    """The figure of several townships together: a share is that of all their rows, never a mean of shares. Who is known to
    two of them counts in both."""
    indicator, part = _indicator(code)
    question = ask(indicator.spec, **asked)
    every = [one for source in sources for one in groups_for(indicator, question, part, signed=signed, source=source)]
    undated = sum(_undated(indicator, question, part, source) for source in sources)
    return _figure(indicator, code, Counted(every), question, undated, signed)


def values(codes: Iterable[str], **asked: Any) -> dict[str, Figure]:
    return {code: value(code, **asked) for code in codes}


def fraction(code: str, **asked: Any) -> tuple[Number | None, Number | None]:
    """Numerator and denominator of a ratio (sum and count of an average); None when nobody reported them."""
    indicator, part = _indicator(code)
    question = ask(indicator.spec, **asked)
    groups = groups_for(indicator, question, part)
    counted = counted_in(indicator.spec, groups, question.place, question.boundary, places_on(question.on))
    return fraction_of(indicator.spec, counted.groups)


def parts(code: str, **asked: Any) -> dict[str, Figure]:
    """A figure per value of `part`, sorted by its name."""
    indicator, _ = _indicator(code)
    found = {one.part for one in groups_for(indicator, ask(indicator.spec, **asked))}
    return {part: value(f"{code}.{part}", **asked) for part in sorted(part for part in found if part)}


def by_place(code: str, *, boundary: Boundary = "now", level: str = "village", **asked: Any) -> dict[str, Figure]:
    """{division id: figure}: every place of the level in force, and (boundary "was") those with rows; by their codes."""
    indicator, part = _indicator(code)
    question = ask(indicator.spec, boundary=boundary, **asked)
    places = places_on(question.on)
    groups = groups_for(indicator, question, part)
    shown = {place for place, row in places.divisions.items() if row["level"] == level and places.in_force(place)}
    if boundary == "was":
        shown |= {at for one in groups if one.place and (at := places.at_level(one.place, level, boundary))}
    ordered = sorted(shown, key=lambda place: str(places.divisions[place].get("code") or place))
    counted = counted_by_place(indicator.spec, groups, ordered, boundary, places)
    found: dict[str, Figure] = {}
    for place, one in counted.items():
        here = ask(indicator.spec, boundary=boundary, place=place, **asked)
        found[place] = _figure(indicator, code, one, here, _undated(indicator, here, part))
    return found


def by_period(code: str, periods: Sequence[Period], *, as_of: date, **asked: Any) -> dict[Period, Figure]:
    """What fell into each period, as far as known on `as_of`; of a stock how it stood at its end (or on `as_of`), on the
    boundaries of `as_of`. Periods that have not begun are left out."""
    on = asked.pop("on", None) or as_of
    begun = [one for one in periods if one.first <= as_of]
    return {one: value(code, as_of=as_of, period=one, on=on, **asked) for one in begun}


@dataclass(frozen=True)
class Compared:
    """A figure beside that of the same period last year. `before` is None where the ledger was not kept through it."""

    now: Figure
    before: Figure | None
    growth: Growth


def compared(code: str, *, now: Figure | None = None, **asked: Any) -> Compared:
    """Against the same period last year, which is counted on the boundaries of the day asked for. `now`: the figure, where
    it is known already."""
    found = now or value(code, **asked)
    before = value(code, **same_last_year(asked))
    return against(found, before)


def against(now: Figure, before: Figure) -> Compared:
    spec = spec_of(now.code)
    since = kept_since(registry().ledger(spec.code))
    first, last = (
        (before.period.first, before.period.last) if before.period else (date(before.year, 1, 1), before.as_of)
    )
    if since is not None and last < since:
        return Compared(now, None, NOT_KEPT)
    if since is not None and spec.kind == "flow" and first < since.replace(day=1):
        return Compared(now, None, KEPT_PARTLY)
    return Compared(now, before, growth_of(spec, now.value, before.value, (now.text, before.text)))


def _indicator(code: str) -> tuple[PreparedIndicator, str]:
    name, _, part = code.partition(".")
    return registry().prepared(name), part


def _undated(indicator: PreparedIndicator, asked: Question, part: str, source: Source | None = None) -> int:
    """Rows of the place that a period leaves out because nobody says when they were."""
    groups = undated_for(indicator, asked, part, source=source)
    if not groups:
        return 0
    counted = counted_in(indicator.spec, groups, asked.place, asked.boundary, _places(asked, source))
    return sum(one.rows for one in counted.groups)


def _places(asked: Question, source: Source | None) -> Places:
    return source.places(asked.on) if source else places_on(asked.on)


def _figure(
    indicator: PreparedIndicator, code: str, counted: Counted, asked: Question, undated: int, signed: bool = False
) -> Figure:
    spec, groups = indicator.spec, counted.groups
    number = tidy(value_of(spec, groups)) if counted.estimated else value_of(spec, groups)
    part = code.partition(".")[2]
    return Figure(
        code=code,
        label=f"{spec.label}（{registry().part_label(spec.code, part)}）" if part else spec.label,
        unit=spec.unit,
        show_unit=spec.show_unit,
        definition=spec.definition,
        value=number,
        text=text_of(spec, number) + ("（含估算）" if counted.estimated else ""),
        as_of=asked.as_of,
        year=asked.year,
        place=asked.place,
        boundary=asked.boundary,
        pack_hash=runtime.pack_hash(),
        row_count=sum(one.rows for one in groups),
        signature=_signature(indicator, code, asked, number, sum(one.sign or 0 for one in groups)) if signed else "",
        undecided=counted.undecided,
        estimated=counted.estimated,
        fewest=fewest_of(spec, groups, number),
        period=asked.period,
        undated=undated,
    )


def _signature(indicator: PreparedIndicator, code: str, asked: Question, number: Number | None, signs: int) -> str:
    """Reports keep it: what it is made of must not change."""
    said = [code, indicator.prepared.hash, asked.as_of, asked.year, asked.place, asked.boundary, number]
    cut = [asked.cut.code] if asked.cut else []
    return hashlib.sha256("|".join(str(one) for one in (*said, *cut, signs)).encode()).hexdigest()
