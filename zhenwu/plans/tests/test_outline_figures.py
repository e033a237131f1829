"""What is a figure in running text, and what only looks like one."""

from decimal import Decimal

import pytest

from zhenwu.plans.outline import outline_of_text


def figures(text: str) -> list[tuple]:
    return [(f.text, f.value, f.unit, f.qualifier) for f in outline_of_text("一、情况\n" + text).figures]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("同比下降1.8%。", ("下降1.8%", Decimal("-1.8"), "%", None)),
        ("增速为-1.8%。", ("-1.8%", Decimal("-1.8"), "%", None)),
        ("失业率下降到1.2%。", ("1.2%", Decimal("1.2"), "%", None)),
        ("比上年减少200户。", ("减少200户", -200, "户", None)),
        ("总投资1亿2000万元。", ("1亿2000万元", 120_000_000, "元", None)),
        ("流转土地3千余亩。", ("3千余亩", 3000, "亩", "approx")),
        ("发放补贴1,234.50元。", ("1,234.50元", Decimal("1234.5"), "元", None)),
        ("补助标准120元/亩。", ("120元/亩", 120, "元/亩", None)),
        ("覆盖率达到八成以上。", ("八成以上", 80, "%", "min")),
        ("近七成农户入社。", ("七成", 70, "%", "approx")),
        ("占百分之十五点五。", ("百分之十五点五", Decimal("15.5"), "%", None)),
        ("新增企业三十余家。", ("三十余家", 30, "家", "approx")),
        ("覆盖十二个村。", ("十二个", 12, "个", None)),
        ("不超过5天。", ("5天", 5, "天", "max")),
        ("不低于97%。", ("97%", 97, "%", "min")),
        ("占比不足20%。", ("20%", 20, "%", "max")),
        ("总产值 6.84 亿元。", ("6.84 亿元", 684_000_000, "元", None)),
        ("事故0起。", ("0起", 0, "起", None)),
        ("新增发电量3万千瓦时。", ("3万千瓦时", 30_000, "千瓦时", None)),
        ("化肥每亩30千克。", ("30千克", 30, "千克", None)),
        ("争取资金1200万，正在申报。", ("1200万", 12_000_000, "元", None)),
        ("总投资3.2亿，", ("3.2亿", 320_000_000, "元", None)),
        ("点击量1200万，", ("1200万", 12_000_000, "", None)),
        ("5月底前12个村通水。", ("12个", 12, "个", None)),
    ],
)
def test_one_figure_with_its_worth(text, expected):
    assert figures(text) == [expected]


def test_range_gives_its_least_and_its_most():
    assert figures("新增3—5家企业，增长8%至10%。") == [
        ("3—5家", 3, "家", "min"), ("5家", 5, "家", "max"), ("8%", 8, "%", "min"), ("10%", 10, "%", "max"),
    ]  # fmt: skip
    assert [qualifier for *_, qualifier in figures("由3家到5家。")] == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "危房改造XX户、××户、**户，投资3XX万元。",
        "落实两不愁三保障、一超六有、五个一批、两户一策。",
        "实施“10个100”工程和“百县千镇”行动。",
        "2023年5月3日在第十九届人民代表大会第2次会议上。",
        "东政发〔2025〕3号文件要求。",
        "65岁以上、3-6岁。",
        "排名全县第3名，进入前10位。",
        "G318线、A4纸、5G基站、7×24小时值守，24小时值班。",
        "接近翻一番，降至零，一成不变，事业有成，完成任务。",
        "联系电话：0871-65123456。",
    ],
)
def test_what_only_looks_like_a_figure(text):
    assert figures(text) == []


def test_table_of_targets_is_not_counted_as_figures():
    text = "指标名称  单位  目标  完成时限\n粮食产量  万吨  1.2  12月\n收入20万元以上的村  个  5  年底"
    outline = outline_of_text("一、指标\n" + text)
    assert outline.figures == []
    assert [(t.indicator, t.target, t.unit) for t in outline.targets] == [
        ("粮食产量", 12000, "吨"), ("收入20万元以上的村", 5, "个"),
    ]  # fmt: skip


def test_empty_cell_in_aligned_text_is_none():
    text = (
        "序号  指标名称      单位    2024年完成  2025年目标\n"
        "1     茶叶产量      吨      120         130\n"
        "2     新增企业      家                  6"
    )
    outline = outline_of_text("一、指标\n" + text)
    assert [(t.indicator, t.base, t.target) for t in outline.targets] == [("茶叶产量", 120, 130), ("新增企业", None, 6)]
