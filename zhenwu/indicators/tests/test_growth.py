"""Against last year, as officials write it; a percentage only where one can be said."""

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.indicators.growth import growth, measure_of
from zhenwu.indicators.queries import spec_of

_PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a machine at work


@pytest.mark.parametrize(
    ("now", "before", "measure", "unit", "text"),
    [
        (45, 40, "amount", "户", "增长12.5%"),
        (35, 40, "amount", "户", "下降12.5%"),
        (40, 40, "amount", "户", "持平"),
        (0, 40, "amount", "户", "下降100.0%"),
        (100001, 100000, "amount", "元", "增长不足0.1%"),
        (Decimal("1.25"), Decimal("0.5"), "amount", "亩", "增长150.0%"),
        (5, 0, "amount", "户", "由0增加到5"),
        (0, 0, "amount", "户", "持平"),
        (-5, 0, "amount", "元", "由0变为-5"),
        (3, -5, "amount", "元", "由-5变为3"),
        (-3, -5, "amount", "元", "由-5变为-3"),
        (-3, 5, "amount", "元", "由5变为-3"),
        (None, 5, "amount", "户", "本期没有数，不能比较"),
        (5, None, "amount", "户", "上年同期没有数，不能比较"),
        (None, None, "amount", "户", "两年都没有数，不能比较"),
        (Decimal("94.0"), Decimal("92.5"), "share", "%", "上升1.5个百分点"),
        (Decimal("92.5"), Decimal("94.0"), "share", "%", "下降1.5个百分点"),
        (Decimal("5.1"), Decimal("5.4"), "share", "‰", "下降0.3个千分点"),
        (Decimal("0.0"), Decimal("94.0"), "share", "%", "下降94个百分点"),
        (Decimal("12.4"), Decimal("13.6"), "mean", "天", "减少1.2天"),
    ],
)
def test_growth_is_said_by_the_rules(now, before, measure, unit, text):
    assert growth(now, before, measure, unit).text == text


def test_numbers_are_said_as_reports_print_them():
    assert growth(50000, 0, "amount", "元", ("5.0万元", "0.0万元")).text == "由0.0万元增加到5.0万元"


@pytest.mark.usefixtures("db")
def test_the_measure_follows_the_indicator():
    spec = spec_of("hz_n")
    assert measure_of(spec) == "amount"
    assert measure_of(spec_of("hz_rate")) == "share"
    assert measure_of(spec.model_copy(update={"agg": "median", "unit": "天"})) == "mean"
    assert measure_of(spec.model_copy(update={"agg": "weighted", "unit": "%"})) == "share"
    assert measure_of(spec.model_copy(update={"agg": "ratio", "unit": "亩"})) == "amount"


_NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.decimals(-(10**6), 10**6, places=2))
_MEASURES = st.sampled_from(["amount", "share", "mean"])


@_PATIENT
@given(_NUMBERS, _NUMBERS, _MEASURES)
def test_the_way_is_that_of_the_difference_and_turns_with_it(now, before, measure):
    said, turned = growth(now, before, measure, "%"), growth(before, now, measure, "%")
    assert said.difference == now - before
    assert said.way == ("up" if now > before else "down" if now < before else "same")
    assert {said.way, turned.way} in ({"up", "down"}, {"same"})


@_PATIENT
@given(_NUMBERS, _NUMBERS, _MEASURES)
def test_a_percentage_is_said_only_of_an_amount_that_was_more_than_nothing(now, before, measure):
    said = growth(now, before, measure, "户")
    if measure != "amount" or before <= 0 or now < 0:
        assert said.percent is None
        assert not re.search(r"增长|\d%", said.text)
    else:
        assert said.percent is not None
        assert abs(Decimal(before) * (100 + said.percent) / 100 - now) <= abs(Decimal(before)) * Decimal("0.0005")
        assert (said.percent >= 0) == (now >= before) or said.percent == 0


@_PATIENT
@given(st.one_of(st.none(), _NUMBERS), _MEASURES)
def test_what_is_unknown_has_no_way_and_no_number(known, measure):
    for said in (growth(None, known, measure), growth(known, None, measure)):
        assert (said.way, said.difference, said.percent) == ("", None, None)
        assert "不能比较" in said.text
