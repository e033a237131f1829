"""Chinese numerals there and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.lib.numerals import chinese_to_int, exact, int_to_chinese, split_scale


@given(st.integers(min_value=-(10**16) + 1, max_value=10**16 - 1))
def test_round_trip(value):
    assert chinese_to_int(int_to_chinese(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10), ("十二", 12), ("两千三百零五", 2305), ("二〇二四", 2024), ("一百二", 120), ("一百零二", 102),
        ("三万五", 35_000), ("三万零五", 30_005), ("壹万贰仟", 12_000), ("一亿零三十万", 100_300_000), ("零", 0),
    ],
)  # fmt: skip
def test_ways_of_writing(text, value):
    assert chinese_to_int(text) == value


@pytest.mark.parametrize("text", ["", "百", "十十", "一二十", "万", "二两", "12", "一千百", "五万三亿万"])
def test_what_is_no_numeral(text):
    with pytest.raises(ValueError, match="不是中文数字"):
        chinese_to_int(text)


@given(st.text(alphabet="零〇一二两三九十百千万亿负", max_size=12))
def test_random_characters_give_a_number_or_a_clear_error(text):
    try:
        value = chinese_to_int(text)
    except ValueError as error:
        with pytest.raises(ValueError, match="不是中文数字"):
            raise error
    else:
        assert isinstance(value, int)


def test_too_large_says_so():
    with pytest.raises(ValueError, match="太大"):
        int_to_chinese(10**16)


@pytest.mark.parametrize(
    ("unit", "split"),
    [
        ("万亩", (10_000, "亩")),
        ("百万元", (1_000_000, "元")),
        ("千克", (1, "千克")),
        ("亿", (10**8, "")),
        ("", (1, "")),
    ],
)
def test_scale_before_a_unit(unit, split):
    assert split_scale(unit) == split


def test_exact_is_never_a_float():
    assert exact(Decimal("684000000.0")) == 684_000_000
    assert isinstance(exact(Decimal("1E+3")), int)
    assert exact(Decimal("7.20")) == Decimal("7.2")


def test_a_numeral_without_end_is_no_numeral():
    with pytest.raises(ValueError, match="太长"):
        chinese_to_int("一" + "万" * 20_000)
