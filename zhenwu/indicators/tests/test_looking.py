"""A page asks once whether anything has changed."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhenwu.indicators.looking import one_look
from zhenwu.indicators.queries import indicator_codes, values
from zhenwu.indicators.tests.hazards import hazard, record

AS_OF = date(2020, 12, 31)


@pytest.fixture
def add(lin, places):
    def once(day: str) -> None:
        record(lin, hazard(places["青山村"], day), on=date(2020, 12, 1))

    return once


def test_many_figures_in_one_look_cost_no_query_each(add):
    add("2020-01-05")
    codes = [code for code in indicator_codes() if code.startswith("hz_")]
    values(codes, as_of=AS_OF)
    with CaptureQueriesContext(connection) as apart:
        values(codes, as_of=AS_OF)
    with CaptureQueriesContext(connection) as together, one_look():
        values(codes, as_of=AS_OF)
    assert len(codes) > 10
    assert len(together) < len(codes), [one["sql"] for one in together.captured_queries]
    assert len(apart) >= 2 * len(codes)


def test_the_next_look_sees_what_was_committed(add):
    add("2020-01-05")
    with one_look():
        first = values(["hz_n"], as_of=AS_OF)["hz_n"].value
        add("2020-02-05")
        with one_look():  # within a look it is the same one
            assert values(["hz_n"], as_of=AS_OF)["hz_n"].value == first == 1
    with one_look():
        assert values(["hz_n"], as_of=AS_OF)["hz_n"].value == 2
