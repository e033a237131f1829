from decimal import Decimal

import pytest

from zhenwu.lib.amounts import (
    UnknownUnit,
    factor,
    half_up,
    percent_scale,
    read_decimal,
    read_int,
    show_decimal,
    split_measures,
)  # fmt: skip

WAN = factor("万元", "元")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1,200.00", "1200.00"), ("1200元", "1200.00"), ("¥1,200", "1200.00"), ("￥１，２００．５", "1200.50"), (1200, "1200.00"),
        (0.1 + 0.2, "0.30"), ("-5", "-5.00"), (Decimal("3.1"), "3.10"), ("'12.5", "12.50"), ("0", "0.00"), ("300元整", "300.00"),
        (" 1 200 ", "1200.00"), (".5", "0.50"),
    ],
)  # fmt: skip
def test_plain_amounts(raw, value):
    read = read_decimal(raw, unit="元")
    assert (str(read.value), read.note, read.error) == (value, None, None)


@pytest.mark.parametrize(
    ("raw", "unit", "header", "places", "value", "words"),
    [
        ("约120余", "元", WAN, 2, "1200000.00", "约数"),
        ("120(含自筹20)", "元", WAN, 2, "1200000.00", "含自筹20"),
        ("0.12万", "元", 1, 2, "1200.00", "已换算"),
        ("1.2亿", "元", 1, 2, "120000000.00", "已换算"),
        ("5万8", "元", 1, 2, "58000.00", "已换算"),
        ("3.2公顷", "亩", 1, 2, "48.00", "已换算"),
        ("6分", "亩", 1, 2, "0.60", "已换算"),
        ("3.33分", "亩", 1, 4, "0.3330", "已换算"),
        ("1000平方米", "亩", 1, 4, "1.5000", "已换算"),
        ("不低于85%", "%", 1, 1, "85.0", "约数"),
        ("300余", "㎡", 1, 0, "300", "约数"),
        ("3.14159", "亩", 1, 2, "3.14", "四舍五入"),
    ],
)
def test_conversions_and_about_words_are_noted(raw, unit, header, places, value, words):
    read = read_decimal(raw, unit=unit, unit_factor=Decimal(header), places=places)
    assert (str(read.value), read.error) == (value, None)
    assert words in read.note


def test_the_header_unit_counts_for_bare_numbers_and_for_its_own_name():
    assert read_decimal("0.12", unit="元", unit_factor=WAN).value == Decimal("1200.00")
    assert read_decimal("0.12万元", unit="元", unit_factor=WAN).value == Decimal("1200.00")


@pytest.mark.parametrize("raw", ["1200元", "1.2亿"])
def test_a_unit_against_the_header_is_refused(raw):
    read = read_decimal(raw, unit="元", unit_factor=WAN)
    assert read.value is None
    assert "与表头单位不一致" in read.error


def test_the_remedy_for_mixed_units_is_computed():
    assert read_decimal("12亩5分", unit="亩").error == "填的是“12亩5分”：只填数字，单位为亩，如 12.5。"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("3.5米×1200米", "一格里有几个数"), ("10/20", "一格里有几个数"), ("1,20", "逗号位置不对"), ("1.2E+05", "科学计数法"),
        ("较多", "不是数字"), (True, "不是数字"), (float("nan"), "不是数字"), ("12头", "与本列不符"), ("K1+200", "是桩号"),
    ],
)  # fmt: skip
def test_what_is_no_number_gets_a_remedy(raw, words):
    read = read_decimal(raw, unit="元")
    assert read.value is None
    assert words in read.error


def test_blank_is_unknown_and_zero_is_said():
    assert [read_decimal(raw).value for raw in ("", "/", "—", "无", None)] == [None] * 5
    assert read_decimal("0").value == 0


def test_stakes_are_lengths():
    assert read_decimal("K1+200", unit="公里", places=3).value == Decimal("1.200")


def test_several_measures_in_one_cell():
    assert [(part.number, part.label) for part in split_measures("3.5米×1200米")] == [
        (Decimal("3.5"), "米"),
        (Decimal(1200), "米"),
    ]
    assert [(part.number, part.label) for part in split_measures("柑橘大8小15")] == [
        (Decimal(8), "大"),
        (Decimal(15), "小"),
    ]


def test_percent_is_decided_over_the_column():
    assert percent_scale([Decimal("0.85"), Decimal(1), None]) == 100
    assert percent_scale([Decimal("0.85"), Decimal(96)]) == 1
    assert percent_scale([Decimal(0), Decimal(1)]) is None


def test_whole_numbers():
    assert (read_int("120余人", unit="人").value, read_int(3.0).value, read_int("34岁", unit="岁").value) == (
        120,
        3,
        34,
    )
    assert type(read_int("5").value) is int
    assert "应为整数" in read_int("3.5").error
    assert read_int("") == read_int(None)


def test_units_convert_exactly():
    assert factor("㎡", "亩") == Decimal("0.0015")
    assert factor("公顷", "亩") == 15
    assert factor("米", "公里") == Decimal("0.001")
    assert factor("分", "元") == Decimal("0.01")
    assert factor("分", "亩") == Decimal("0.1")
    with pytest.raises(UnknownUnit, match="不能换算"):
        factor("亩", "元")
    with pytest.raises(UnknownUnit, match="不认识单位“英亩”"):
        factor("英亩", "亩")


def test_rounding_and_showing():
    assert [half_up(Decimal(x), 0) for x in ("2.5", "-2.5", "0.49")] == [3, -3, 0]
    assert half_up(Decimal("1.005"), 2) == Decimal("1.01")
    assert show_decimal(Decimal("1200.50"), grouped=True) == "1,200.5"
    assert show_decimal(Decimal("1200"), places=2) == "1200.00"
    assert show_decimal(None) == "—"
    assert show_decimal(Decimal("-0.001"), places=2) in {"-0.00", "0.00"}


def test_a_cell_full_of_digits_is_refused_at_once():
    read = read_decimal("1" * 2_000_000, unit="元")
    assert read.value is None
    assert "太长" in read.error
    assert read_int("12345678901234567890" * 1000).value is None
