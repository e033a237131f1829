"""Due days, offices and measurable targets in a piece of plan text."""

from datetime import date
from decimal import Decimal

import pytest

from zhenwu.plans.outline import find_due, find_offices, find_targets


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("9月底前", date(2025, 9, 30)),
        ("九月底前", date(2025, 9, 30)),
        ("2月底前", date(2025, 2, 28)),
        ("三季度末完成池塘改造", date(2025, 9, 30)),
        ("第二季度", date(2025, 6, 30)),
        ("年底前", date(2025, 12, 31)),
        ("6月30日前", date(2025, 6, 30)),
        ("6月前完成", date(2025, 5, 31)),
        ("上半年", date(2025, 6, 30)),
        ("全年", date(2025, 12, 31)),
        ("12月", date(2025, 12, 31)),
        ("５月中旬", date(2025, 5, 20)),
        ("6月底前开工，10月底前完成", date(2025, 10, 31)),
        ("明年3月底前", date(2026, 3, 31)),
        ("2026年底前", date(2026, 12, 31)),
        ("到2026年，生产总值突破22亿元", date(2026, 12, 31)),
        ("国庆节前", date(2025, 9, 30)),
        ("每月25日前报送进度", None),
        ("每季度通报1次", None),
        ("2月30日前", None),
        ("由2016年的9.8亿元增加", None),
        ("加强组织领导", None),
    ],
)
def test_due_day(text, due):
    assert find_due(text, 2025) == due


@pytest.mark.parametrize(
    ("text", "offices"),
    [
        (
            "修路。（责任单位：农业农村办；配合单位：财政所、自然资源所；责任人：李××）",
            ("农业农村办", ["财政所", "自然资源所"], "李××"),
        ),
        ("修路。(牵头单位:党政办，责任单位:各村)", ("党政办", ["各村"], None)),
        ("修路。【责任单位：村建办、水务站；责任领导：王某】", ("村建办", ["水务站"], "王某")),
        ("修路。（农业农村办牵头，财政所、自然资源所配合）", ("农业农村办", ["财政所", "自然资源所"], None)),
        ("修路。（经济发展办负责）", ("经济发展办", [], None)),
        ("修路。【农业农村办】", ("农业农村办", [], None)),
        ("新建冷库（含配套）3座。", (None, [], None)),
        ("开展活动（如文明村）。", (None, [], None)),
    ],
)
def test_offices(text, offices):
    assert find_offices(text) == offices


def promises(text: str) -> list[tuple]:
    return [(t.label, t.op, t.value, t.unit) for t in find_targets(text)]


def test_direction_follows_the_words():
    assert promises("规上工业总产值突破7.5亿元，增长10%左右。") == [
        ("规上工业总产值", ">=", 750_000_000, "元"),
        ("规上工业总产值增长", "=", 10, "%"),
    ]
    assert promises("贫困发生率下降到2.5%以下，能耗下降3%以上，事故控制在5起以内。") == [
        ("贫困发生率", "<=", Decimal("2.5"), "%"),
        ("能耗", "<=", -3, "%"),
        ("事故", "<=", 5, "起"),
    ]
    assert promises("卫生厕所普及率提高到92%，河长巡河每月不少于4次。") == [
        ("卫生厕所普及率", ">=", 92, "%"),
        ("河长巡河每月", ">=", 4, "次"),
    ]


def test_bare_verb_takes_what_stands_behind_the_number():
    assert promises("完成3个行政村生活污水治理，新铺管网11公里。") == [
        ("完成行政村生活污水治理", "=", 3, "个"),
        ("新铺管网", "=", 11, "公里"),
    ]


def test_number_that_describes_is_no_target():
    assert promises("培育年交易额超1000万元电商企业2家。") == [("培育年交易额超1000万元电商企业", "=", 2, "家")]
    assert promises("消除年收入10万元以下的村4个。") == [("消除年收入10万元以下的村", "=", 4, "个")]


def test_range_promises_its_least_and_its_most():
    assert promises("引进企业3—5家。") == [("引进企业", ">=", 3, "家"), ("引进企业", "<=", 5, "家")]


def test_target_keeps_its_clause():
    assert find_targets("一是抓好产业；新建冷库3座，6月底前完工。")[0].raw == "新建冷库3座"
