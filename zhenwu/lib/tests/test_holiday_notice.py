"""The yearly notice as it is pasted."""

from datetime import date

import pytest

from zhenwu.lib.holiday_notice import read_notice
from zhenwu.lib.workdays import CalendarDay, default_calendar

NOTICE_2020 = """各省、自治区、直辖市人民政府：
经国务院批准，现将2020年部分节假日放假调休日期的具体安排通知如下。
一、元旦：2020年1月1日放假，共1天。
二、春节：1月24日至30日放假调休，共7天。1月19日（星期日）、2月1日（星期六）上班。
三、清明节：4月4日至6日放假调休，共3天。
四、劳动节：5月1日至5日放假调休，共5天。4月26日（星期日）、5月9日（星期六）上班。
五、端午节：6月25日至27日放假调休，共3天。6月28日（星期日）上班。
六、国庆节、中秋节：10月1日至8日放假调休，共8天。9月27日（星期日）、10月10日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。"""
NOTICE_2023 = """一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。"""
NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""


@pytest.mark.parametrize(("year", "text"), [(2023, NOTICE_2023), (2026, NOTICE_2026)])
def test_a_notice_says_what_the_package_says(year, text):
    notice = read_notice(text, year)
    assert notice.problems == []
    package = default_calendar()
    for one in notice.days:
        assert package.is_workday(one.day) is one.is_workday, one
    switched = {one.day for one in notice.days}
    every = (date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year, 12, 29).toordinal()))
    assert not [day for day in every if day not in switched and package.is_workday(day) != (day.weekday() < 5)]


def test_the_notice_of_2020_before_the_spring_festival_was_prolonged():
    notice = read_notice(NOTICE_2020, 2020)
    assert notice.problems == []
    assert len(notice.days) == 1 + 7 + 3 + 5 + 3 + 8 + 7
    assert CalendarDay(date(2020, 2, 1), True, "春节调休上班") in notice.days
    assert CalendarDay(date(2020, 1, 30), False, "春节放假") in notice.days


def test_every_slip_is_told():
    text = (
        NOTICE_2026.replace("共9天", "共8天")
        .replace("5月9日（周六）", "5月8日（周五）")
        .replace("五、端午节", "五、（略）")
    )
    problems = read_notice(text, 2026).problems
    assert len(problems) == 3
    assert "写的是共8天，按日期算是9天" in problems[0]
    assert "本来就是工作日" in problems[1]
    assert "没有读到：端午" in problems[2]
    assert "年份选对了吗" in read_notice(NOTICE_2026, 2027).problems[0]


def test_nonsense_is_a_problem_not_an_error():
    for text in (
        "",
        "春节：2月30日放假",
        "春节：3日至99日放假，共3天",
        "元旦：1月9日至1日放假",
        "五一：" + "1" * 5000 + "月1日放假",
    ):
        assert read_notice(text, 2026).problems
