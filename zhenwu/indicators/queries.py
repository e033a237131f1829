"""Figures of the running packs: one value, by place, by month, and the rows behind."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import hashlib
import threading
import uuid
from calendar import monthrange
from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from zhenwu.indicators.aggregate import (
    Group,
    Number,
    fewest_of,
    fraction_of,
    grouping_sql,
    groups_of,
    text_of,
    value_of,
)
from zhenwu.indicators.counting import Counted, counted_by_place, counted_in, share_in, tidy
from zhenwu.indicators.figures import Figure, Trace, TraceRow
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.indicators.registry import registry
from zhenwu.mart.engine import window
from zhenwu.mart.places import Boundary
from zhenwu.mart.store import mart
from zhenwu.packs import runtime
from zhenwu.packs.spec import Indicator

_CACHED = 2000
_cache: OrderedDict[Any, list[Group]] = OrderedDict()
_cache_lock = threading.Lock()


def indicator_codes() -> list[str]:
    return registry().codes()


def spec_of(code: str) -> Indicator:
    """Raises UnknownIndicator. A part's code (`gp_impl_n.road`) gives its indicator."""
    return registry().spec(code.partition(".")[0])


def value(
    code: str,
    *,
    as_of: date,
    year: int | None = None,
    place: Any = None,
    boundary: Boundary = "now",
    signed: bool = False,
) -> Figure:
    """The figure at the end of `as_of`, of `year` (default: of as_of), in `place` (a Division, its id, or None for all);
    with its digest when `signed`."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    groups = [one for one in _groups(indicator, as_of, year, signed) if not part or one.part == part]
    counted = counted_in(indicator.spec, groups, _hex(place), boundary, mart().places(as_of))
    return _figure(indicator, code, counted, as_of, year, _hex(place), boundary, signed)


def values(codes: Iterable[str], *, as_of: date, **asked: Any) -> dict[str, Figure]:
    return {code: value(code, as_of=as_of, **asked) for code in codes}


def fraction(
    code: str, *, as_of: date, year: int | None = None, place: Any = None, boundary: Boundary = "now"
) -> tuple[Number | None, Number | None]:
    """Numerator and denominator of a ratio (sum and count of an average); None when nobody reported them."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    groups = [one for one in _groups(indicator, as_of, year) if not part or one.part == part]
    counted = counted_in(indicator.spec, groups, _hex(place), boundary, mart().places(as_of))
    return fraction_of(indicator.spec, counted.groups)


def parts(code: str, *, as_of: date, **asked: Any) -> dict[str, Figure]:
    """A figure per value of `part`, sorted by its name."""
    found = {one.part for one in _groups(registry().prepared(code), as_of, asked.get("year"))}
    return {part: value(f"{code}.{part}", as_of=as_of, **asked) for part in sorted(part for part in found if part)}


def by_place(
    code: str, *, as_of: date, year: int | None = None, boundary: Boundary = "now", level: str = "village"
) -> dict[str, Figure]:
    """{division id: figure}: every place of the level in force, and (boundary "was") those with rows."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    places = mart().places(as_of)
    groups = [one for one in _groups(indicator, as_of, year) if not part or one.part == part]
    shown = {place for place, row in places.divisions.items() if row["level"] == level and places.in_force(place)}
    if boundary == "was":
        shown |= {at for one in groups if one.place and (at := places.at_level(one.place, level, boundary))}
    ordered = sorted(shown, key=lambda place: str(places.divisions[place].get("code") or place))
    counted = counted_by_place(indicator.spec, groups, ordered, boundary, places)
    return {place: _figure(indicator, code, one, as_of, year, place, boundary) for place, one in counted.items()}


def by_month(
    code: str, *, as_of: date, year: int | None = None, place: Any = None, boundary: Boundary = "now"
) -> dict[str, Figure]:
    """{"2020-03": figure}. A flow shows what fell into the month; a stock how it stood at its end (or on `as_of`)."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    year = year or as_of.year
    last = 12 if as_of.year > year else as_of.month if as_of.year == year else 0
    found: dict[str, Figure] = {}
    for month in range(1, last + 1):
        label = f"{year}-{month:02d}"
        end = min(as_of, date(year, month, monthrange(year, month)[1]))
        if indicator.spec.kind == "stock":
            found[label] = value(code, as_of=end, year=year, place=place, boundary=boundary)
            continue
        groups = [one for one in _groups(indicator, as_of, year) if one.month == label and part in ("", one.part)]
        counted = counted_in(indicator.spec, groups, _hex(place), boundary, mart().places(as_of))
        found[label] = _figure(indicator, code, counted, as_of, year, _hex(place), boundary)
    return found


def trace(
    code: str,
    *,
    as_of: date,
    year: int | None = None,
    place: Any = None,
    boundary: Boundary = "now",
    month: str = "",
    visible: Collection[Any] | None = None,
    undecided: bool = False,
    limit: int = 1000,
    signed: bool = False,
) -> Trace:
    """The rows behind a figure; with `undecided` those that lineage cannot place, which are not in it. `visible`: places whose
    rows the reader may see; None = all. Rows of no place are town-wide and hidden from who may see some places only."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    figure = value(code, as_of=as_of, year=year, place=place, boundary=boundary, signed=signed)
    places, asked = mart().places(as_of), _hex(place)
    turns = places.turns()
    allowed = {_hex(one) for one in visible} if visible is not None else None
    rows = mart().query(indicator.prepared, window(as_of, year), _trace_sql(indicator)).to_pylist()
    rows = [
        row
        for row in rows
        if (not part or row["part"] == part)
        and (not month or (row["day"] is not None and f"{row['day']:%Y-%m}" == month))
    ]
    if asked is not None:
        for row in rows:
            since = next((turn for turn in reversed(turns) if row["day"] and turn <= row["day"]), None)
            row["share"] = share_in(asked, indicator.spec, row["place"], since, boundary, places)
        rows = [row for row in rows if (row["share"] is None if undecided else row["share"])]
    elif undecided:
        rows = []
    seen = [row for row in rows if allowed is None or row["place"] in allowed]
    shown = [TraceRow(**row) for row in seen[:limit]]
    return Trace(figure, shown, len(rows) - len(seen), max(len(seen) - limit, 0))


def _trace_sql(indicator: PreparedIndicator) -> str:
    """The rows with the ledger each id belongs to: the pack's own, or whichever of the ledgers read has it."""
    den = "den" if indicator.has_den else "NULL"
    part = "CAST(part AS VARCHAR)" if indicator.spec.by else "NULL"
    columns = f"said.row, said.place, CAST(said.day AS DATE) AS day, said.num, {den} AS den, {part} AS part"
    union = " UNION ALL ".join(
        f"SELECT id, '{ledger}' AS ledger FROM base.\"{ledger}\"" for ledger in sorted(indicator.prepared.ledgers)
    )
    if not union:
        return f"SELECT '' AS ledger, {columns} FROM {{}} AS said"
    return (
        f"SELECT coalesce(known.ledger, '') AS ledger, {columns} FROM {{}} AS said LEFT JOIN ({union}) AS known "
        "ON known.id = said.row ORDER BY day, said.row"
    )


def _groups(indicator: PreparedIndicator, as_of: date, year: int | None, signed: bool = False) -> list[Group]:
    """Cached until a ledger it reads, or a place, changes. Those with signs also serve whoever asks for none."""
    stamp = mart().stamp(indicator.prepared.ledgers)
    asked = (runtime.pack_hash(), indicator.spec.code, as_of, year or as_of.year, stamp)
    key = (*asked, signed)
    with _cache_lock:
        for known in (key, (*asked, True)):
            if known in _cache:
                _cache.move_to_end(known)
                return _cache[known]
    sql = grouping_sql(indicator, mart().places(as_of).turns(), signed=signed)
    table = mart().query(indicator.prepared, window(as_of, year), sql)
    groups = groups_of(table.to_pylist())
    with _cache_lock:
        _cache[key] = groups
        while len(_cache) > _CACHED:
            _cache.popitem(last=False)
    return groups


def _figure(
    indicator: PreparedIndicator,
    code: str,
    counted: Counted,
    as_of: date,
    year: int | None,
    place: str | None,
    boundary: Boundary,
    signed: bool = False,
) -> Figure:
    spec, groups = indicator.spec, counted.groups
    number = tidy(value_of(spec, groups)) if counted.estimated else value_of(spec, groups)
    part = code.partition(".")[2]
    asked = [code, indicator.prepared.hash, as_of, year or as_of.year, place, boundary, number]
    return Figure(
        code=code,
        label=f"{spec.label}（{registry().part_label(spec.code, part)}）" if part else spec.label,
        unit=spec.unit,
        show_unit=spec.show_unit,
        definition=spec.definition,
        value=number,
        text=text_of(spec, number) + ("（含估算）" if counted.estimated else ""),
        as_of=as_of,
        year=year or as_of.year,
        place=place,
        boundary=boundary,
        pack_hash=runtime.pack_hash(),
        row_count=sum(one.rows for one in groups),
        signature=_signature(asked, groups) if signed else "",
        undecided=counted.undecided,
        estimated=counted.estimated,
        fewest=fewest_of(spec, groups, number),
    )


def _signature(asked: list[Any], groups: Iterable[Group]) -> str:
    signs = sum(one.sign or 0 for one in groups)
    return hashlib.sha256("|".join(str(one) for one in (*asked, signs)).encode()).hexdigest()


def _hex(place: Any) -> str | None:
    if place is None:
        return None
    key = getattr(place, "pk", place)
    return key.hex if isinstance(key, uuid.UUID) else str(key).replace("-", "")
