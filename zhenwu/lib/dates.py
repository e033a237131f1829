"""Dates and months as people type them."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from zhenwu.lib.numerals import chinese_to_int
from zhenwu.lib.readings import typed
from zhenwu.lib.text import fold_width, is_empty_mark

Precision = Literal["day", "month", "year"]

_EPOCH: Final = date(1899, 12, 30)  # of Excel serials after 1900-02-28
_SERIALS: Final = range(7_000, 73_051)  # 1919 to 2099
_FIRST_OF_MONTH: Final = "只写到月，日期按当月 1 日暂存。"
_EXAMPLE: Final = "请写成年月日，如 2020-03-15"
_TIME: Final = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY: Final = re.compile(rf"^(\d{{4}}|\d{{2}})[-./年](\d{{1,2}})[-./月](\d{{1,2}})[日号]?{_TIME}$")
_MONTH: Final = re.compile(r"^(\d{4}|\d{2})[-./年](\d{1,2})月?(份|初|底|末|上旬|中旬|下旬|前|以前|之前)?$")
_YEAR: Final = re.compile(r"^(\d{4})年?(度|初|底|末|底前|末前|前|年底|年底前|年末)?$")
_DIGIT: Final = "[0零一二三四五六七八九]"
_CHINESE: Final = re.compile(
    rf"^({_DIGIT}{{2}}(?:{_DIGIT}{{2}})?)年(?:([一二三四五六七八九十]{{1,2}})月(?:([一二三四五六七八九十]{{1,3}})[日号]?)?)?$"
)
_COMPACT: Final = re.compile(rf"^(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}$")
_NO_YEAR: Final = re.compile(r"^\d{1,2}[-./月]\d{1,2}[日号]?$|^年[底末]前?$|^\d{1,2}月[底末初]?前?$")
_SEVERAL: Final = re.compile(r"\d[日号]?\s*[、,，;；至~～—]\s*\d|\d[日号]?-\d{1,2}日$|^\d{4}\D\d+\D\d+-\d+")
_WEEKDAY_OR_SPACE: Final = re.compile(r"[(（]?(?:星期|周)[一二三四五六日天][)）]?")

_DAY_NOTE: Final = re.compile(
    r"(?:(?:(?<![\u4e00-\u9fff])|填报|填表|制表|编制|统计|登记|上报|报送|更新)(?:日期|时间)|截[至止](?:日期|时间)?)[:：;；]*"
    r"(\d{4}[-./年]\d{1,2}(?:[-./月]\d{1,2}(?!\d)[日号]?|月[底末]?))"
)


@dataclass(frozen=True, slots=True)
class DateReading:
    """`value` is the first day of what was written (`2020.3` -> 1 March, precision "month"), or the last for 底 and 末.

    `note` asks for a person's eye; `error` continues 第 14 行“开工时间”. All None but precision: the cell says nothing.
    """

    value: date | None = None
    precision: Precision = "day"
    note: str | None = None
    error: str | None = None

    @property
    def last_day(self) -> date | None:
        """The last day of what was written, for columns that hold an end."""
        if self.value is None or self.precision == "day":
            return self.value
        month = 12 if self.precision == "year" else self.value.month
        return date(self.value.year, month, calendar.monthrange(self.value.year, month)[1])


@dataclass(frozen=True, slots=True)
class MonthReading:
    """Months as `YYYY-MM`; several when a quarter or a span was written. Both None/empty: the cell says nothing."""

    months: tuple[str, ...] = ()
    note: str | None = None
    error: str | None = None

    @property
    def value(self) -> str | None:
        """The month when exactly one was written."""
        return self.months[0] if len(self.months) == 1 else None


def day_in_note(text: str) -> date | None:
    """The day that a title or note row states for the whole sheet: `填报日期:2020年6月1日`. Cells are told apart by ";"."""
    match = _DAY_NOTE.search("".join(fold_width(text).split()))
    return read_date(match[1]).value if match else None


def read_date(raw: object, *, today: date | None = None) -> DateReading:
    """Read one cell. `today` decides two-digit years (20yy up to its year, else 19yy); without it they are an error."""
    if isinstance(raw, datetime):
        return DateReading(raw.date())
    if isinstance(raw, date):
        return DateReading(raw)
    if is_empty_mark(raw):
        return DateReading()
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return DateReading(error=f"{typed(raw)}，不是日期：{_EXAMPLE}。")
    text = _cleaned(raw)
    if match := _CHINESE.match(text):
        text = _in_digits(match)
    if text.replace(".", "", 1).isdigit() and (serial := float(text)) >= _SERIALS.start and serial < _SERIALS.stop:
        return DateReading(_EPOCH + timedelta(days=int(serial)))
    if match := _DAY.match(text) or _COMPACT.match(text):
        return _day(raw, match[1], int(match[2]), int(match[3]), today)
    if re.fullmatch(r"\d{6}", text):
        return _six_digits(raw, text, today)
    if match := _MONTH.match(text):
        return _month(raw, match, today)
    if match := _YEAR.match(text):
        return _year(raw, match)
    return DateReading(error=f"{typed(raw)}，{_why_not(text)}")


def read_month(raw: object, *, year: int | None = None, today: date | None = None) -> MonthReading:
    """Read a month, a span (1-3月) or a quarter (一季度). `year` completes what names no year."""
    if is_empty_mark(raw):
        return MonthReading()
    text = _cleaned(raw) if not isinstance(raw, date) else raw.isoformat()
    if match := re.fullmatch(r"(?:(\d{4})[年.\-/]?)?(?:第?([一二三四1-4])季度|Q([1-4]))", text):
        quarter = "一二三四".find(match[2]) + 1 if match[2] in set("一二三四") else int(match[2] or match[3])
        return _span(raw, match[1] or year, quarter * 3 - 2, quarter * 3)
    if match := re.fullmatch(r"(?:(\d{4})[年./])?(\d{1,2})月?[-~至—](\d{1,2})月", text):
        return _span(raw, match[1] or year, int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})月份?", text):
        return _span(raw, year, int(match[1]), int(match[1]))
    read = read_date(raw, today=today)
    if read.error or read.value is None or read.precision == "year":
        return MonthReading(error=f"{typed(raw)}，读不出月份：请写成年月，如 2021-01。")
    return MonthReading((f"{read.value:%Y-%m}",), note=(read.note or "").replace(_FIRST_OF_MONTH, "") or None)


def _cleaned(raw: object) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = fold_width(str(raw)).strip().strip("'‘’.。")
    text = re.sub(r"\s+(?=\d{1,2}:)", "T", text)
    return re.sub(r"\s+", "", _WEEKDAY_OR_SPACE.sub("", text)).replace("〇", "0").replace("．", ".")


def _in_digits(match: re.Match[str]) -> str:
    """二0二0年一月十五日 -> 2020年1月15日."""
    year = "".join(str("0一二三四五六七八九".find(one.replace("零", "0"))) for one in match[1])
    month = f"{chinese_to_int(match[2])}月" if match[2] else ""
    return f"{year}年{month}" + (f"{chinese_to_int(match[3])}日" if match[3] else "")


def _full_year(raw: object, digits: str, today: date | None) -> tuple[int, str | None, str | None]:
    """Year, note, error."""
    if len(digits) == 4:
        return int(digits), None, None
    if today is None:
        return 0, None, f"{typed(raw)}，年份只有两位：请写成四位，如 20{digits} 或 19{digits}。"
    short = int(digits)
    year = today.year // 100 * 100 + short
    year = year if year <= today.year else year - 100
    return year, f"年份只写了两位，按 {year} 年读取，请核对。", None


def _day(raw: object, year_digits: str, month: int, day: int, today: date | None) -> DateReading:
    year, note, error = _full_year(raw, year_digits, today)
    if error:
        return DateReading(error=error)
    try:
        return DateReading(date(year, month, day), note=note)
    except ValueError:
        return DateReading(error=f"{typed(raw)}，{_no_such_day(year, month, day)}")


def _no_such_day(year: int, month: int, day: int) -> str:
    if not 1 <= year <= 9999:
        return f"没有 {year} 年：{_EXAMPLE}。"
    if not 1 <= month <= 12:
        return f"没有 {month} 月：{_EXAMPLE}。"
    last = calendar.monthrange(year, month)[1]
    return f"{year} 年 {month} 月没有 {day} 日（最多 {last} 日）：请核对后重填。"


def _six_digits(raw: object, text: str, today: date | None) -> DateReading:
    as_month = 1900 <= int(text[:4]) <= 2099 and 1 <= int(text[4:]) <= 12
    as_day = _day(raw, text[:2], int(text[2:4]), int(text[4:]), today or date(2099, 12, 31))
    if as_month and as_day.error:
        return DateReading(date(int(text[:4]), int(text[4:]), 1), "month", _FIRST_OF_MONTH)
    if as_month:
        return DateReading(error=f"{typed(raw)}，可能是 {text[:4]} 年 {int(text[4:])} 月，也可能是年月日：{_EXAMPLE}。")
    return _day(raw, text[:2], int(text[2:4]), int(text[4:]), today)


def _month(raw: object, match: re.Match[str], today: date | None) -> DateReading:
    year, note, error = _full_year(raw, match[1], today)
    month, tail = int(match[2]), match[3] or ""
    if error:
        return DateReading(error=error)
    if not 1 <= month <= 12 or year < 1:
        return DateReading(error=f"{typed(raw)}，{_no_such_day(year, month, 1)}")
    if isinstance(raw, float) and month == 1:
        note = f"单元格是数字，{year}.1 可能是 1 月，也可能是 10 月，请核对。"
    notes = [note] if note else []
    first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    if tail.endswith(("底", "末", "下旬", "前")):
        return DateReading(last, "month", "".join([*notes, f"“{tail}”按当月最后一天读取。"]))
    if tail == "中旬":
        return DateReading(date(year, month, 11), "month", "".join([*notes, "“中旬”按 11 日读取。"]))
    return DateReading(first, "month", "".join([*notes, _FIRST_OF_MONTH]))


def _year(raw: object, match: re.Match[str]) -> DateReading:
    year, tail = int(match[1]), match[2] or ""
    if not 1900 <= year <= 2099:
        return DateReading(error=f"{typed(raw)}，不是日期：{_EXAMPLE}。")
    if tail.endswith(("底", "末", "前")):
        return DateReading(date(year, 12, 31), "year", f"“{tail}”按当年 12 月 31 日读取。")
    return DateReading(date(year, 1, 1), "year", "只写到年，日期按当年 1 月 1 日暂存。")


def _why_not(text: str) -> str:
    if _SEVERAL.search(text):
        return f"一格里有几个日期：每行只填一个，{_EXAMPLE}。"
    if _NO_YEAR.match(text):
        return f"没有写年份：{_EXAMPLE}。"
    if text in {"√", "✓", "✔", "是", "有"}:
        return f"只打了勾，没有日期：{_EXAMPLE}。"
    return f"不是日期：{_EXAMPLE}。"


def _span(raw: object, year: str | int | None, first: int, last: int) -> MonthReading:
    if year is None:
        return MonthReading(error=f"{typed(raw)}，没有写年份：请写成年月，如 2021-01。")
    if not 1 <= first <= last <= 12:
        return MonthReading(error=f"{typed(raw)}，月份应在 1 至 12 之间：请写成年月，如 2021-01。")
    found = tuple(f"{int(year):04}-{month:02}" for month in range(first, last + 1))
    note = f"一格写了 {len(found)} 个月，只有各月金额相同时才能拆开，请核对。" if len(found) > 1 else None
    return MonthReading(found, note=note)
