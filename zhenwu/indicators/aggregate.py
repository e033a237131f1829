"""How the rows of an indicator become one value. Sums are exact; division and rounding happen here, in Decimal."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.lib.amounts import half_up, show_decimal
from zhenwu.mart.kept import Parts
from zhenwu.packs.spec import Indicator

Number = int | Decimal
OF_LISTS = frozenset({"distinct", "median"})  # every number of theirs is looked at, so they do not add up
_SCALE = {"%": 100, "‰": 1000}


@dataclass(frozen=True)
class Group:
    """The rows of one place, month and part: how many, and their sums (None: no row reported a number). `since` is the
    last day before theirs on which some place gave a part away (mart.places)."""

    place: str | None
    month: str | None
    part: str | None
    rows: int
    counted: int  # rows whose num is known (and, for a count, not 0)
    num: Number | None
    den: Number | None
    values: tuple[Any, ...]  # every num, for distinct and median
    sign: int | None  # sum of the rows' digests, in any order; None: not asked for
    since: date | None = None


def grouping_sql(
    indicator: PreparedIndicator, turns: Sequence[date] = (), *, signed: bool = False, day: date | None = None
) -> str:
    """The query around the indicator's own, to be run with `{}` for it. Columns are those of Group. A sign costs ten times
    what the sums do. `day`: only its rows."""
    spec = indicator.spec
    part = "CAST(part AS VARCHAR)" if spec.by else "CAST(NULL AS VARCHAR)"
    den = "den" if indicator.has_den else "CAST(NULL AS BIGINT)"
    lists = spec.agg in OF_LISTS
    nothing = "CAST(NULL AS BIGINT)"  # of distinct and count num may be a word
    summed = {"weighted": "num * den", "distinct": nothing, "count": nothing}.get(spec.agg, "num")
    of_day = f"WHERE CAST(day AS DATE) = DATE '{day}' " if day else ""
    counted = "num IS NOT NULL" + (" AND TRY_CAST(num AS DOUBLE) IS DISTINCT FROM 0" if spec.agg == "count" else "")
    return (
        f"SELECT place, date_trunc('month', CAST(day AS DATE)) AS month, {since_sql(turns)} AS since, {part} AS part, "
        "count(*) AS rows, "
        f"count(*) FILTER (WHERE {counted}) AS counted, sum({summed}) AS num, sum({den}) AS den, "
        f"count({summed}) AS nums, count({den}) AS dens, "
        f"{'list(num) FILTER (WHERE num IS NOT NULL)' if lists else 'NULL'} AS values, "
        f"{_sign(den) if signed else 'NULL'} AS sign "
        f"FROM {{}} AS said {of_day}GROUP BY ALL"
    )


def since_sql(turns: Sequence[date]) -> str:
    """The last of the turns that a row's day came after."""
    after = "".join(f"WHEN CAST(day AS DATE) >= DATE '{turn}' THEN DATE '{turn}' " for turn in reversed(turns))
    return f"CASE {after}END" if after else "CAST(NULL AS DATE)"


def _sign(den: str) -> str:
    """Reports keep what this says of their rows: it must never come out otherwise."""
    return (
        "coalesce(sum(md5_number_lower(concat_ws('|', coalesce(row, ''), coalesce(place, ''), coalesce(CAST(day AS VARCHAR), ''), "
        f"coalesce(CAST(num AS VARCHAR), ''), coalesce(CAST({den} AS VARCHAR), '')))), 0)"
    )


def groups_of(rows: Iterable[dict[str, Any]]) -> list[Group]:
    return [
        Group(
            row["place"], row["month"] and row["month"].isoformat()[:7], row["part"], row["rows"], row["counted"],
            _exact(row["num"]), _exact(row["den"]), tuple(row["values"] or ()), row["sign"] and int(row["sign"]), row["since"],
        )
        for row in rows
    ]  # fmt: skip


def rows_of(parts: Parts) -> list[dict[str, Any]]:
    """The rows of `grouping_sql` over a ledger as it is, of those over its parts."""
    rows = parts.base.to_pylist()
    if parts.old is None or parts.new is None:
        return rows
    found = {_place_of(row): row for row in rows}
    for times, part in ((-1, parts.old), (1, parts.new)):
        for row in part.to_pylist():
            _add(found.setdefault(_place_of(row), row | dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_SUMS)), row, times)
    for row in found.values():
        row["num"], row["den"] = row["num"] if row["nums"] else None, row["den"] if row["dens"] else None
    return [row for row in found.values() if row["rows"]]


_COUNTS = ("rows", "counted", "nums", "dens")
_SUMS = ("num", "den", "sign")


def _place_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["place"], row["month"], row["since"], row["part"]


def _add(held: dict[str, Any], row: dict[str, Any], times: int) -> None:
    for name in _COUNTS:
        held[name] += times * row[name]
    for name in _SUMS:
        if row[name] is not None:  # a sign has more digits than Decimal adds
            more = int(row[name]) if name == "sign" else row[name]
            held[name] = (int(held[name] or 0) if name == "sign" else held[name] or 0) + times * more


def value_of(spec: Indicator, groups: Sequence[Group]) -> Number | None:
    """One value of all the groups. None: unknown (no denominator, nobody reported), never 0 for unknown."""
    if spec.agg == "count":
        return sum(group.counted for group in groups)
    if spec.agg == "distinct":
        return len({value for group in groups for value in group.values})
    if spec.agg == "median":
        numbers = sorted(Decimal(value) for group in groups for value in group.values)
        return half_up(median(numbers), spec.places) if numbers else None
    num = _total([group.num for group in groups])
    if spec.agg == "sum":
        return 0 if not groups else num
    if spec.agg == "avg":
        return _share(num, sum(group.counted for group in groups), 1, spec.places)
    scale = 1 if spec.agg == "weighted" else _SCALE.get(spec.unit, 1)
    return _share(num, _total([group.den for group in groups]), scale, spec.places)


def fraction_of(spec: Indicator, groups: Sequence[Group]) -> tuple[Number | None, Number | None]:
    """What `value_of` divides for a ratio, an average or a weighted one: numerator and denominator."""
    num = _total([group.num for group in groups])
    if spec.agg == "avg":
        return num, sum(group.counted for group in groups)
    return num, _total([group.den for group in groups])


def fewest_of(spec: Indicator, groups: Sequence[Group], value: Number | None) -> int:
    """The smallest group of rows that the value tells of: of 3 in 200 it is 3, of 198 in 200 it is 2. 0: no group."""
    found = [sum(group.rows for group in groups)]
    if spec.agg in ("count", "distinct"):
        found.append(int(value or 0))
    elif spec.agg == "ratio":
        num, den = fraction_of(spec, groups)
        if num is not None and den is not None:
            found += [int(num), int(den - num)]
    return min((one for one in found if one > 0), default=0)


def is_in_wan(spec: Indicator) -> bool:
    """Yuan that are shown in 万元."""
    return spec.show_unit == "万元" and spec.unit == "元"


def shown_number(spec: Indicator, value: Number) -> Decimal:
    """A value in the unit that it is shown in."""
    return Decimal(value) / 10000 if is_in_wan(spec) else Decimal(value)


def text_of(spec: Indicator, value: Number | None) -> str:
    """As reports print it: 94.0%, 412.7万元, 37; unknown is —."""
    if value is None:
        return "—"
    if is_in_wan(spec):
        return f"{show_decimal(shown_number(spec, value), places=spec.places)}万元"
    places = spec.places if spec.agg in ("ratio", "weighted", "avg", "median") or spec.places else None
    shown = show_decimal(value, places=places)
    return f"{shown}{spec.unit}" if spec.unit in _SCALE or spec.show_unit == spec.unit else shown


def _share(num: Number | None, den: Number | None, scale: int, places: int) -> Decimal | None:
    if num is None or not den:
        return None
    return half_up(Decimal(num) * scale / Decimal(den), places)


def _total(numbers: Sequence[Number | None]) -> Number | None:
    known = [number for number in numbers if number is not None]
    return sum(known, start=0) if known else None


def _exact(number: Any) -> Number | None:
    if isinstance(number, Decimal) and number == number.to_integral_value() and number.as_tuple().exponent == 0:
        return int(number)
    return number
