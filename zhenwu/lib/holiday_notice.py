"""Reads the State Council's yearly notice on holidays: pasted lines → the days off and the make-up workdays.

二、春节：1月24日至30日放假调休，共7天。1月19日（星期日）、2月1日（星期六）上班。
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from zhenwu.lib.workdays import CalendarDay

HOLIDAYS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
_LINE = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十]+[）)]?[、.．]?)?\s*([^：:。\d]{2,20})[：:](.+)$")
_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(]([^）)]*)[）)])?")
_SPAN = re.compile(rf"{_DAY.pattern}(?:\s*[至到—－-]+\s*{_DAY.pattern})?")
_COUNT = re.compile(r"共(\d+)天")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEKDAYS = "一二三四五六日"
_LONGEST = 60  # days of one holiday


@dataclass
class Notice:
    """What was read. `problems` say line by line what to mend; a notice with problems is not taken."""

    year: int
    days: list[CalendarDay] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_notice(text: str, year: int) -> Notice:
    """The days of `year` that the notice switches. Words around the lines are passed over."""
    notice = Notice(year)
    named = set()
    for line in text[:20_000].splitlines():
        found = _LINE.match(line)
        if found is None or not _DAY.search(found[2]):
            continue
        name = found[1].strip()
        named.add(name)
        notice.days += _line(name, found[2], notice)
    missing = [one for one in HOLIDAYS if not any(one in name for name in named)]
    if missing:
        notice.problems.append(
            f"没有读到：{'、'.join(missing)}。请把通知里七个节日的条目都粘贴进来，一个节日一行，如“二、春节：1月24日至30日放假调休，共7天。”"
        )
    by_day: dict[date, CalendarDay] = {}
    for one in notice.days:
        if (other := by_day.setdefault(one.day, one)) is not one and other.is_workday != one.is_workday:
            notice.problems.append(f"{one.day:%Y-%m-%d}既写了放假又写了上班，请核对。")
    notice.days = [by_day[day] for day in sorted(by_day)]
    return notice


def _line(name: str, said: str, notice: Notice) -> Iterator[CalendarDay]:
    month = 0
    for sentence in re.split(r"[。；;]", said):
        working = "上班" in sentence
        if not working and "放假" not in sentence and "休息" not in sentence:
            continue
        note = f"{name}调休上班" if working else f"{name}放假"
        days: list[date] = []
        for span in _SPAN.finditer(sentence):
            groups = span.groups()
            first, month = _day(groups[:4], notice, name, month, notice.year)
            last, month = _day(groups[4:], notice, name, month, first.year if first else notice.year)
            if first is not None and groups[6]:
                if last is None or not first <= last < first + timedelta(days=_LONGEST):
                    notice.problems.append(f"“{name}”的“{span[0]}”起止不对，请核对。")
                    continue
                days += [first + timedelta(days=n) for n in range((last - first).days + 1)]
            elif first is not None:
                days.append(first)
        counted = _COUNT.search(sentence)
        if counted and int(counted[1]) != len(days) and "连休" not in sentence:
            notice.problems.append(f"“{name}”写的是共{counted[1]}天，按日期算是{len(days)}天，请核对。")
        for day in days:
            if working and day.weekday() < 5:
                notice.problems.append(
                    f"“{name}”写{day:%m月%d日}上班，但那天本来就是工作日（周{_WEEKDAYS[day.weekday()]}）。"
                )
            yield CalendarDay(day, working, note)


def _day(said: tuple[str | None, ...], notice: Notice, name: str, month: int, year: int) -> tuple[date | None, int]:
    """(the day, the month that a following “30日” belongs to). None when nothing or nonsense is said."""
    if said[2] is None:
        return None, month
    month = int(said[1]) if said[1] else month
    try:
        day = date(int(said[0]) if said[0] else year, month, int(said[2]))
    except ValueError:
        notice.problems.append(f"“{name}”里没有{month}月{said[2]}日这一天，请核对。")
        return None, month
    weekday = _WEEKDAY.search(said[3] or "")
    if weekday and _WEEKDAYS[day.weekday()] != weekday[1].replace("天", "日"):
        notice.problems.append(
            f"“{name}”写{day.month}月{day.day}日是周{weekday[1]}，但{day.year}年的这一天是周{_WEEKDAYS[day.weekday()]}：年份选对了吗？"
        )
    return day, month
