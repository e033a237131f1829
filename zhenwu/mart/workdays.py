"""The working days that wd_add and wd_diff count by: for DuckDB as constants of macros, for Spark as a table of lists."""

from typing import Any

import pyarrow as pa

Rows = list[dict[str, Any]]  # of the table `calendar`, one a day

_COUNT = 14  # bits of a number of days or of working days, see FIRST_YEAR and LAST_YEAR
_ROOM = 126  # bits of a whole number in the engine, without its sign


def workday_macros(rows: Rows) -> tuple[str, ...]:
    """wd_add and wd_diff by a calendar's rows. The days are constants of the macros: a join would be one per function, not
    allowed everywhere, and a list out of a table is held once for each row that a join or a window keeps.

    Constants are made anew for each vector of rows, so they are few and wide (`_blocks`, `_groups`). What lies outside of a
    list is unknown.
    """
    first, last, mask = rows[0]["day"], rows[-1]["nth"], (1 << _COUNT) - 1
    (blocks, day_bits), (groups, nth_bits, width) = _blocks(rows), _groups(rows)
    return (
        f"CREATE OR REPLACE MACRO zw_nth_in(held, place) AS CAST(held & {mask} AS INTEGER) "
        f"+ bit_count(held >> ({_COUNT - 1 + (1 << day_bits)} - place))",
        f"CREATE OR REPLACE MACRO zw_nth_at(at_day) AS zw_nth_in("
        f"list_extract({blocks}, greatest(at_day >> {day_bits}, -1) + 1), at_day & {(1 << day_bits) - 1})",
        f"CREATE OR REPLACE MACRO zw_nth(a_day) AS zw_nth_at(CAST(a_day AS DATE) - DATE '{first}')",
        f"CREATE OR REPLACE MACRO zw_workday_in(held, place) AS DATE '{first}' + (CAST(held & {mask} AS INTEGER) "
        f"+ CAST((held >> ({_COUNT} + {width} * place)) & {(1 << width) - 1} AS INTEGER))",
        f"CREATE OR REPLACE MACRO zw_workday_at(at_nth) AS zw_workday_in(list_extract({groups}, greatest(at_nth >> {nth_bits}, -1) "
        f"+ 1 + CAST(at_nth >= {last} AS INTEGER) * {len(groups)}), at_nth & {(1 << nth_bits) - 1})",
        # Backwards from a working day it is the day before that counts, and from a day of rest the day before is as good. The
        # lambda names what a condition would work out four times.
        """CREATE OR REPLACE MACRO zw_wd_add(from_day, n_days) AS CASE WHEN n_days = 0 THEN CAST(from_day AS DATE) ELSE
          list_extract(list_transform([zw_nth(CAST(from_day AS DATE) - CAST(n_days < 0 AS INTEGER)) + n_days
            - CAST(n_days > 0 AS INTEGER)], lambda at_nth: zw_workday_at(at_nth)), 1) END""",
        "CREATE OR REPLACE MACRO zw_wd_diff(from_day, to_day) AS zw_nth(to_day) - zw_nth(from_day)",
    )


def _blocks(rows: Rows) -> tuple[list[int], int]:
    """Days in blocks of 2 ** bits, all of them full. A block is one number: how many working days lie before it in the lowest bits,
    above them a bit a day, the first day highest."""
    bits = next(bits for bits in range(6, -1, -1) if len(rows) % (1 << bits) == 0)
    size, found = 1 << bits, []
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        marks = sum(row["workday"] << (size - 1 - place) for place, row in enumerate(some))
        found.append(marks << _COUNT | some[0]["nth"] - some[0]["workday"])
    return found, bits


def _groups(rows: Rows) -> tuple[list[int], int, int]:
    """Working days in groups of 2 ** bits. A group is one number: its first day (in days since that of the calendar) in the lowest
    _COUNT bits, above it the distance of each of its days from it, `width` bits each."""
    days = [(row["day"] - rows[0]["day"]).days for row in rows if row["workday"]]
    for bits in range(4, -1, -1):
        size = 1 << bits
        groups = [days[start : start + size] for start in range(0, len(days), size)]
        width = max(group[-1] - group[0] for group in groups).bit_length()
        if _COUNT + size * width <= _ROOM:
            break
    found = [
        group[0] | sum((day - group[0]) << (_COUNT + width * place) for place, day in enumerate(group))
        for group in groups
    ]
    return found, bits, width


def workday_lists(rows: Rows) -> pa.Table:
    """The internal table `workdays` of a calendar's rows."""
    nths = pa.array([[row["nth"] for row in rows]], pa.list_(pa.int32()))
    days = pa.array([[row["day"] for row in rows if row["workday"]]], pa.list_(pa.date32()))
    return pa.table({"nths": nths, "days": days})
