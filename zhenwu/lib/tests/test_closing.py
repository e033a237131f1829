"""The worked examples of the rules, and what lies beside them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from zhenwu.lib.closing import Closing, closing_rates, closing_sentence, due_light, rectification_period

Y, T = 2020, date(2020, 12, 31)
DUE = date(2020, 6, 30)


def some(n: int, *, found=date(2020, 3, 1), due: date | None = DUE, closed: date | None = None) -> list[Closing]:
    return [Closing(found, due, closed)] * n


def test_the_rate_and_the_rate_on_time():
    rows = (
        some(178, closed=DUE) + some(10, closed=DUE + timedelta(days=1)) + some(5, due=T + timedelta(days=9)) + some(7)
    )
    rates = closing_rates(rows, Y, T)
    assert (rates.found, rates.closed, rates.open, rates.late) == (200, 188, 12, 7)
    assert rates.rate == Decimal("94.0")
    assert (rates.on_time, rates.on_time_of, rates.on_time_rate) == (178, 195, Decimal("91.3"))


def test_a_rate_of_nothing_is_none():
    rates = closing_rates([], Y, T)
    assert (rates.rate, rates.on_time_rate) == (None, None)
    assert closing_sentence(rates) == "本年发现0处，销号0处，销号率—。"


def test_what_came_back_counts_as_open():
    rates = closing_rates(some(48, closed=DUE) + some(2), Y, T)
    assert (rates.closed, rates.found, rates.rate) == (48, 50, Decimal("96.0"))


def test_what_was_carried_over_is_said_apart():
    before = date(2019, 11, 1)
    rows = some(12, found=before, closed=date(2020, 2, 1)) + some(27, closed=DUE) + some(3)
    rows += some(4, found=before, closed=date(2019, 12, 31))  # closed before the year: not carried over
    rates = closing_rates(rows, Y, T)
    assert rates.rate == Decimal("90.0")
    assert (rates.carried, rates.carried_closed) == (12, 12)
    assert closing_sentence(rates) == "本年发现30处，销号27处，销号率90.0%；上年结转12处，全部销号。"


def test_what_happens_later_than_the_day_does_not_count():
    rows = [Closing(date(2020, 3, 1), DUE, date(2020, 8, 1)), Closing(date(2020, 7, 2), DUE)]
    rates = closing_rates(rows, Y, date(2020, 7, 1))
    assert (rates.found, rates.closed, rates.late) == (1, 0, 1)


def test_due_on_the_very_day_is_not_late_but_should_be_done():
    rates = closing_rates(some(1, due=T), Y, T)
    assert (rates.late, rates.on_time_of, rates.on_time) == (0, 1, 0)


@pytest.mark.parametrize(
    ("feedback", "months", "end"),
    [
        (date(2020, 8, 15), 2, date(2020, 10, 15)), (date(2020, 12, 31), 2, date(2021, 2, 28)),
        (date(2024, 2, 7), 2, date(2024, 4, 7)), (date(2024, 2, 8), 6, date(2024, 8, 8)), (date(2024, 3, 1), 6, date(2024, 9, 1)),
    ],
)  # fmt: skip
def test_the_period_of_rectification_by_the_rule_of_the_day(feedback, months, end):
    from zhenwu.packs.parameters import parameter
    from zhenwu.packs.reader import read_packs, shipped_folder

    parameters = read_packs([shipped_folder()]).parameters
    assert parameter(parameters, "rect.period_months", on=feedback) == months
    plan_days = parameter(parameters, "rect.plan_days", on=feedback)
    assert rectification_period(feedback, plan_days=plan_days, months=months) == (feedback + timedelta(days=30), end)


AT = date(2021, 3, 31)


@pytest.mark.parametrize(
    ("on", "more", "expected"),
    [
        (date(2021, 3, 20), {}, (AT, "green", 0)),
        (date(2021, 3, 24), {}, (AT, "yellow", 0)),
        (date(2021, 3, 31), {}, (AT, "yellow", 0)),
        (date(2021, 4, 1), {}, (AT, "red", 1)),
        (date(2021, 4, 9), {"done_on": date(2021, 4, 2)}, (AT, "done_late", 2)),
        (date(2021, 4, 9), {"done_on": AT}, (AT, "done", 0)),
        (
            date(2021, 4, 9), {"asked_on": date(2021, 3, 30), "extended_to": date(2021, 4, 30)},
            (date(2021, 4, 30), "green", 0),
        ),
        (date(2021, 4, 9), {"asked_on": date(2021, 4, 2), "extended_to": date(2021, 4, 30)}, (AT, "red", 9)),
    ],
)  # fmt: skip
def test_the_light_of_a_day(on, more, expected):
    light = due_light(AT, on, **more)
    assert (light.due, light.light, light.late_days) == expected
