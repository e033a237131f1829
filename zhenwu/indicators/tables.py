"""What the tables of a figure page show: rows behind it, villages, months."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.figures import Figure, TraceRow
from zhenwu.indicators.links import names_of_rows
from zhenwu.indicators.looking import places_on
from zhenwu.lib.amounts import show_decimal
from zhenwu.mart.places import Places
from zhenwu.packs import runtime

Url = Callable[[str], str]


@dataclass(frozen=True)
class TraceLine:
    """One row behind a figure in words. A row of no ledger has only place, day and numbers."""

    ledger: str
    no: str
    title: str
    url: str
    place: str
    day: date | None
    part: str
    num: Any
    den: Any

    @property
    def num_text(self) -> str:
        return _number(self.num)

    @property
    def den_text(self) -> str:
        return _number(self.den)


@dataclass(frozen=True)
class Bar:
    """One line of a table with bars. `share` is 0–100 of the largest, None where there is no number. `of_which`: it stands
    below the line before and is part of it."""

    label: str
    text: str
    url: str
    share: int | None
    rows: int | None
    of_which: bool = False


def lines_of(user: User, rows: Iterable[TraceRow], as_of: date) -> list[TraceLine]:
    rows = list(rows)
    names = names_of_rows(user, [(row.ledger, uuid.UUID(row.row)) for row in rows if row.ledger and row.row])
    places = places_on(as_of).divisions
    found = []
    for row in rows:
        name = names.get(uuid.UUID(row.row)) if row.ledger and row.row else None
        place = places.get(row.place) if row.place else None
        found.append(
            TraceLine(
                runtime.ledger(row.ledger).label if row.ledger in runtime.ledgers() else "",
                name.no if name else "", name.title if name else "", name.url if name else "",
                str(place["name"]) if place else "", row.day, row.part or "", row.num, row.den,
            )
        )  # fmt: skip
    return found


def bars(
    figures: Mapping[Any, Figure], texts: Mapping[Any, str], labels: Mapping[Any, str], urls: Mapping[Any, str]
) -> list[Bar]:
    """Bars whose text is not the figure's own are suppressed: they get no bar and no row count."""
    open_ones = [key for key in figures if texts[key] == figures[key].text]
    largest = max((Decimal(figures[key].value or 0) for key in open_ones), default=Decimal(0))
    return [
        Bar(
            labels[key], texts[key], urls.get(key, ""),
            _share(figure.value, largest) if key in open_ones else None,
            figure.row_count if key in open_ones else None,
        )
        for key, figure in figures.items()
    ]  # fmt: skip


def sorted_figures(figures: Mapping[str, Figure], said: Mapping[str, str], sort: str) -> dict[str, Figure]:
    """As they come (by their codes), or by their values where the reader asks for it: `up`, `down`. Those without a number,
    or with one that is hidden, stand last."""
    if sort not in ("up", "down"):
        return dict(figures)
    told = [key for key, one in figures.items() if one.value is not None and said[key] == one.text]
    told.sort(key=lambda key: Decimal(figures[key].value or 0), reverse=sort == "down")
    return {key: figures[key] for key in [*told, *(key for key in figures if key not in told)]}


def with_former(
    villages: list[Bar], keys: Sequence[str], was: Mapping[str, Figure], places: Places, url: Url
) -> list[Bar]:
    """The lines of the villages of today, each that came from others followed by what these counted (其中：原甲村)."""
    former: dict[str, list[str]] = defaultdict(list)
    for place in was:
        if not places.in_force(place) and (now := places.at_level(place, "village", "now")) is not None:
            former[now].append(place)
    found: list[Bar] = []
    for key, bar in zip(keys, villages, strict=True):
        found.append(bar)
        if former[key]:
            found += [
                Bar(f"其中：原{places.divisions[one]['name']}", was[one].text, url(one), None, was[one].row_count, True)
                for one in former[key]
            ]
            if key in was and was[key].row_count:
                found.append(Bar(f"其中：合并后{bar.label}", was[key].text, url(key), None, was[key].row_count, True))
    return found


def _share(value: Any, largest: Decimal) -> int | None:
    if value is None or largest <= 0:
        return None
    return max(0, int(Decimal(value) * 100 / largest))


def _number(value: Any) -> str:
    if value is None:
        return ""
    return show_decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else str(value)
