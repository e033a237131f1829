from datetime import date, datetime

import pytest

from zhenwu.lib.dates import day_in_note, read_date, read_month

TODAY = date(2021, 3, 1)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("20200101", "2020-01-01"), ("2020.1.1", "2020-01-01"), ("2020/1/1", "2020-01-01"), ("2020-01-01", "2020-01-01"),
        ("2020年1月1日", "2020-01-01"), ("２０２０．１．１", "2020-01-01"), ("2020 年 1 月 1 号", "2020-01-01"),
        ("2020-01-01 08:30:00", "2020-01-01"), ("2020/1/1 0:00", "2020-01-01"), ("2020年1月1日（星期三）", "2020-01-01"),
        (43831, "2020-01-01"), (43831.0, "2020-01-01"), ("43831", "2020-01-01"), (43905.75, "2020-03-15"),
        (20200315.0, "2020-03-15"), ("2020.2.29", "2020-02-29"), ("'2020.1.1", "2020-01-01"),
        (datetime(2020, 1, 1, 9), "2020-01-01"), (date(2020, 1, 1), "2020-01-01"), ("2020-01-01T08:30:00+08:00", "2020-01-01"),
    ],
)  # fmt: skip
def test_days_in_every_spelling(raw, value):
    read = read_date(raw, today=TODAY)
    assert (read.value, read.precision, read.note, read.error) == (date.fromisoformat(value), "day", None, None)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("20.1.1", "2020-01-01"),
        ("18.06.20", "2018-06-20"),
        ("87年7月1日", "1987-07-01"),
        ("22.1.1", "1922-01-01"),
        ("870701", "1987-07-01"),
    ],
)
def test_two_digit_years_are_read_and_noted(raw, value):
    read = read_date(raw, today=TODAY)
    assert read.value == date.fromisoformat(value)
    assert "年份只写了两位" in read.note
    assert "写成四位" in read_date(raw).error


@pytest.mark.parametrize(
    ("raw", "first", "last", "precision"),
    [
        ("1987.7", "1987-07-01", "1987-07-31", "month"),
        ("2018.6", "2018-06-01", "2018-06-30", "month"),
        ("2020.3", "2020-03-01", "2020-03-31", "month"),
        (2020.3, "2020-03-01", "2020-03-31", "month"),
        ("2020年2月", "2020-02-01", "2020-02-29", "month"),
        ("202003", "2020-03-01", "2020-03-31", "month"),
        ("2020年3月底", "2020-03-31", "2020-03-31", "month"),
        ("2020年3月下旬", "2020-03-31", "2020-03-31", "month"),
        ("2020年", "2020-01-01", "2020-12-31", "year"),
        ("2020年底前", "2020-12-31", "2020-12-31", "year"),
    ],
)
def test_what_names_no_day_keeps_its_precision(raw, first, last, precision):
    read = read_date(raw, today=TODAY)
    assert (read.value, read.last_day, read.precision) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
        precision,
    )
    assert read.note
    assert read.error is None


def test_a_number_cell_2020_1_may_be_october():
    assert "10 月" in read_date(2020.1, today=TODAY).note


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("2020.13.1", "没有 13 月"),
        ("0000-00-00", "没有 0 年"),
        ("2020-02-30", "2020 年 2 月没有 30 日（最多 29 日）"),
        ("20200230", "没有 30 日"),
        ("1970.00", "没有 0 月"),
        ("3.15", "没有写年份"),
        ("年底前", "没有写年份"),
        ("3月15日、16日", "几个日期"),
        ("2020.9.25-9.27", "几个日期"),
        ("√", "没有日期"),
        ("长期", "不是日期"),
        ("立行立改", "不是日期"),
        ("200112", "可能是 2001 年 12 月"),
        (True, "不是日期"),
        (12.0, "不是日期"),
    ],
)
def test_what_is_no_date_gets_a_remedy(raw, words):
    read = read_date(raw, today=TODAY)
    assert read.value is None
    assert read.error.startswith(f"填的是“{raw}”")
    assert words in read.error


def test_blank_is_unknown():
    assert read_date("—") == read_date(None) == read_date("")
    assert read_date("").error is None


@pytest.mark.parametrize(
    ("raw", "months"),
    [
        ("202101", ["2021-01"]), ("2021.1", ["2021-01"]), ("2021年1月", ["2021-01"]), ("1月", ["2021-01"]), ("3月份", ["2021-03"]),
        ("1-3月", ["2021-01", "2021-02", "2021-03"]), ("一季度", ["2021-01", "2021-02", "2021-03"]),
        ("2020年第四季度", ["2020-10", "2020-11", "2020-12"]), (date(2021, 1, 15), ["2021-01"]), ("", []),
    ],
)  # fmt: skip
def test_months_spans_and_quarters(raw, months):
    read = read_month(raw, year=2021)
    assert (list(read.months), read.error) == (months, None)
    assert (read.note is not None) == (len(months) > 1)
    assert read.value == (months[0] if len(months) == 1 else None)


def test_months_without_a_year_or_out_of_range():
    assert "没有写年份" in read_month("1月").error
    assert "1 至 12" in read_month("13月", year=2021).error
    assert "读不出月份" in read_month("2021年").error


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("填报单位：青石镇 填报日期：2020年6月1日", date(2020, 6, 1)),
        ("填报单位：青石镇；日期：2020.6.1", date(2020, 6, 1)),
        ("青石镇户籍人口花名册（截至 2020 年 6 月 30 日）", date(2020, 6, 30)),
        ("人口花名册（截止2020年6月底）", date(2020, 6, 30)),
        ("登记时间;2020-06-01", date(2020, 6, 1)),
        ("统计时间：2020年6月", date(2020, 6, 1)),
        ("制表日期：2020年6月31日", None),
        ("青石镇2020年人口花名册", None),
        ("出生日期：1950年1月1日", None),
        ("填报日期：", None),
    ],
)
def test_the_day_of_a_whole_sheet(text, day):
    assert day_in_note(text) == day
