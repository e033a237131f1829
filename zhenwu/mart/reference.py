"""Shared tables that come from no ledger (calendar, period, number, parameter) and the host functions as macros."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from zhenwu.divisions.codes import own_digits
from zhenwu.lib.workdays import Calendar, UnknownYear
from zhenwu.packs.parameters import ParameterSpec

FIRST_YEAR, LAST_YEAR = 2000, 2040
Rows = list[dict[str, Any]]

_QUARTERS = ("一季度", "二季度", "三季度", "四季度")
_HALVES = ("上半年", "下半年")

# The argument names are odd on purpose: a macro's argument must not be the name of a column.
MACROS = (
    # The engine's // gives fractions for decimals; the branch never taken makes the binder refuse them.
    """CREATE MACRO zw_div(upper_n, lower_n) AS
      CASE WHEN TRUE THEN upper_n // lower_n ELSE bit_count(upper_n) + bit_count(lower_n) END""",
    """CREATE MACRO zw_param(of_code, on_day) AS (
      SELECT arg_max(num, rank) FROM base.parameter
      WHERE code = of_code AND rank IS NOT NULL AND valid_from <= CAST(on_day AS DATE)
        AND (valid_to IS NULL OR CAST(on_day AS DATE) < valid_to))""",
    "CREATE MACRO zw_add_months(from_day, n_months) AS CAST(CAST(from_day AS DATE) + to_months(n_months) AS DATE)",
    """CREATE MACRO zw_age(born, on_day) AS (
      CAST(date_part('year', on_day) - date_part('year', born) AS BIGINT)
      - CASE WHEN strftime(on_day, '%m%d') < strftime(born, '%m%d') THEN 1 ELSE 0 END)""",
)


def calendar_rows(calendar: Calendar) -> Rows:
    """Every day from FIRST_YEAR to LAST_YEAR. A year nobody has entered counts Monday to Friday (provisional)."""
    rows: Rows = []
    nth = 0
    day, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    while day <= last:
        workday = _is_workday(calendar, day)
        nth += workday
        week_year, week, _ = day.isocalendar()
        thursday = day + timedelta(days=3 - day.weekday())
        rows.append(
            {
                "day": day, "ym": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "yr": day.year,
                "iso_week": f"{week_year}-W{week:02d}", "iso_month": f"{thursday:%Y-%m}", "workday": workday, "nth": nth,
            }
        )  # fmt: skip
        day += timedelta(days=1)
    return rows


@cache
def period_rows() -> Rows:
    rows: Rows = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        spans = [("year", f"{year}", 1, 12, f"{year}年")]
        spans += [("half", f"{year}-H{n}", 6 * n - 5, 6 * n, _HALVES[n - 1]) for n in (1, 2)]
        spans += [("quarter", f"{year}-Q{n}", 3 * n - 2, 3 * n, _QUARTERS[n - 1]) for n in range(1, 5)]
        spans += [("month", f"{year}-{n:02d}", n, n, f"{n}月") for n in range(1, 13)]
        for kind, name, first, last, label in spans:
            end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
            rows.append(
                {"kind": kind, "name": name, "first": date(year, first, 1), "last": end, "yr": year, "label": label}
            )
        monday = date.fromisocalendar(year, 1, 1)
        while monday.isocalendar()[0] == year:
            week = monday.isocalendar()[1]
            rows.append(
                {
                    "kind": "week", "name": f"{year}-W{week:02d}", "first": monday, "last": monday + timedelta(days=6),
                    "yr": year, "label": f"第{week}周",
                }
            )  # fmt: skip
            monday += timedelta(days=7)
    return rows


def number_rows() -> Rows:
    return [{"n": n} for n in range(401)]


def parameter_rows(parameters: Iterable[ParameterSpec], home: str = "") -> Rows:
    """`home` is the township's code. `rank` orders what param() may take: the general value, then the most local one
    of a division that `home` lies in; values of other places have none."""
    return [
        {
            "code": one.code, "place": one.place, "valid_from": one.from_, "valid_to": one.to, "num": one.number,
            "txt": None if one.number is not None else str(one.value), "rank": _rank(one.place, home),
        }
        for one in parameters
    ]  # fmt: skip


def div_now_rows(divisions: Rows, as_of: date, successors: Mapping[str, str] | None = None) -> Rows:
    """The single successor of each division at `as_of`; itself while in force; none when nobody says."""
    rows: Rows = []
    for one in divisions:
        end = one.get("valid_to")
        now = one["id"] if end is None or end > as_of else (successors or {}).get(one["id"])
        if now is not None:
            rows.append({"as_of": as_of, "division": one["id"], "now": now})
    return rows


def _is_workday(calendar: Calendar, day: date) -> bool:
    try:
        return calendar.is_workday(day)
    except UnknownYear:
        return day.weekday() < 5


def _rank(place: str, home: str) -> int | None:
    """Division codes nest by their digits: 5199 (city) ⊂ 519999 (county) ⊂ 519999100 (town)."""
    bare = own_digits(place)
    return len(bare) if not place or (home and home.startswith(bare)) else None
