"""The day that pages start from: today while ledgers are kept, else the end of the last year they hold."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.days import _last_day, kept_until, working_day
from zhenwu.ledgers.operations import Add, Draft

TODAY = date(2023, 4, 1)


@pytest.fixture(autouse=True)
def nothing_known():
    _last_day.cache_clear()  # what another test's rows with the same numbers said


@pytest.fixture
def found(lin, places):
    def record(*days: date) -> None:
        said = {"found_by_way": "排查", "sector": "消防", "finder": "张青", "kind": "管理"}
        rows = [
            Add({**said, "found_on": day, "detail": f"第{n}处，{day}"}, division=places["青山村"].pk)
            for n, day in enumerate(days)
        ]
        commit(Draft("hazard", lin, rows, Source(SourceKind.SYSTEM), reason="试验", today=days[-1]))

    return record


def test_an_empty_township_starts_today(db):
    assert working_day(TODAY) == TODAY


def test_a_ledger_that_is_kept_starts_today(found):
    found(date(2020, 5, 1), date(2020, 5, 2), date(2023, 1, 2))
    assert working_day(TODAY) == TODAY


def test_an_archived_year_starts_at_its_end(found):
    found(date(2020, 5, 1), date(2020, 5, 2))
    assert working_day(TODAY) == date(2020, 12, 31)


def test_one_row_of_a_later_year_does_not_move_the_year(found):
    found(date(2020, 5, 1), date(2020, 5, 2), date(2021, 3, 1))
    assert working_day(TODAY) == date(2020, 12, 31)
    found(date(2021, 4, 1))
    assert working_day(TODAY) == date(2021, 12, 31)


def test_a_ledger_of_plans_does_not_move_the_year():
    kept = [date(2020, 12, day) for day in range(1, 9)]
    assert kept_until([*kept, date(2021, 6, 1), date(2022, 1, 1)]) == date(2020, 12, 8)
    assert kept_until([date(2020, 5, 1), date(2021, 3, 1)]) == date(2021, 3, 1)
    assert kept_until([]) is None


def test_a_single_row_is_all_there_is_to_go_by(found):
    found(date(2021, 3, 1))
    assert working_day(TODAY) == date(2021, 12, 31)
