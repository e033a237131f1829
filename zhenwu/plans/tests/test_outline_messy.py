"""Documents as they come: watermarks, page numbers, mixed numbering, old encodings; and text nobody would write."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.plans.outline import OutlineError, find_due, find_offices, find_targets, outline_of_text, read_outline

MESSY = """下载站 www.example.com 免费文档
柏坪乡2021年度工作总结及2022年工作计划

第1页 共5页
一、2021年工作总结
(一)项目建设有序推进。首先，完成通村公路硬化8.5公里，投资620万元；其次，新建水池12口，解决饮水困难群众300余户。
（二）民生保障
1、发放低保金56.4万元，惠及68户。
2、组织就业培训3期150人次，转移就业成功率达到九成。
二、存在问题
一是产业规模小，二是人才缺乏。
三、2022年工作计划
（一）抓党建。1.新发展党员不少于8名；2.整顿软弱涣散村党组织1个。（责任单位：党建办；配合单位：各村党支部）
（二）抓安全。隐患整改率达到95%以上，6月底前完成地质灾害点排查××处，道路交通事故下降10%。（牵头单位：应急办）
第2页 共5页
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_messy_document_gives_its_tree(tmp_path, encoding):
    path = tmp_path / "计划.txt"
    path.write_bytes(MESSY.encode(encoding))
    outline = read_outline(path)
    assert (outline.title, outline.year_summary, outline.year_plan) == (
        "柏坪乡2021年度工作总结及2022年工作计划",
        2021,
        2022,
    )
    assert [(part.heading, part.kind) for part in outline.parts] == [
        ("一、2021年工作总结", "summary"), ("二、存在问题", "problems"), ("三、2022年工作计划", "plan"),
    ]  # fmt: skip
    assert [section.heading for section in outline.parts[2].sections] == ["（一）抓党建", "（二）抓安全"]
    assert [point.text[:6] for point in outline.parts[2].sections[0].points] == ["新发展党员不", "整顿软弱涣散"]
    assert [noise.text for noise in outline.noise] == ["下载站 www.example.com 免费文档", "第1页 共5页", "第2页 共5页"]
    said = {(figure.text, int(figure.value), figure.unit) for figure in outline.figures}
    assert {("620万元", 6_200_000, "元"), ("九成", 90, "%"), ("下降10%", -10, "%")} <= said
    assert not [figure for figure in outline.figures if "×" in figure.text]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("6月底前完成", date(2022, 6, 30)), ("三季度末完成", date(2022, 9, 30)), ("年底前", date(2022, 12, 31)),
        ("6月30日前", date(2022, 6, 30)), ("上半年完成", date(2022, 6, 30)), ("2月底前", date(2022, 2, 28)), ("尽快", None),
    ],
)  # fmt: skip
def test_due_days_in_the_words_of_plans(text, day):
    assert find_due(text, 2022) == day


def test_offices_in_brackets():
    found = find_offices("整顿1个。（责任单位：党建办；配合单位：各村党支部；责任人：李××）")
    assert (found.lead, found.assisting) == ("党建办", ["各村党支部"])


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("新发展党员不少于8名", ("新发展党员", ">=", 8, "名")),
        ("卫生厕所普及率提高到92%", ("卫生厕所普及率", ">=", 92, "%")),
        ("万元产值能耗控制在0.5吨以内", ("万元产值能耗", "<=", None, "吨")),
    ],
)
def test_targets_have_a_direction(text, target):
    label, op, value, unit = target
    [found] = [one for one in find_targets(text) if one.unit == unit]
    assert found.op == op
    assert value is None or (found.label, found.value) == (label, value)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", b"PK\x03\x04 nothing"), ("a.docx", b""), ("a.pdf", b"%PDF-1.4"), ("a.txt", b"\xff\xfe\x00\xd8" * 9)],
)
def test_a_file_that_is_no_document_is_refused_by_name(tmp_path: Path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(OutlineError) as refused:
        read_outline(path)
    assert name in str(refused.value)


_PIECES = st.sampled_from(
    ["一、", "二、", "（一）", "(二)", "1.", "2、", "(1)", "①", "——", "一是", "首先", "：", "。", "；", "\n", "\n\n", "2023年", "12.5%",
     "3万元", "工作总结", "工作计划", "第1页", "XX", "同比下降", "附件", " ", "　", "abc", "村"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=60).map("".join))
def test_nothing_crashes_and_nothing_is_lost(text):
    if not text.strip("\ufeff \n　"):
        with pytest.raises(OutlineError):
            outline_of_text(text)
        return
    outline = outline_of_text(text)
    printed = outline.as_json()

    def words(value: object) -> str:
        if isinstance(value, dict):
            return "".join(words(one) for one in value.values())
        if isinstance(value, list):
            return "".join(words(one) for one in value)
        return str(value)

    kept = re.sub(r"\W", "", words(printed))
    for line in text.splitlines():
        for word in re.findall(r"工作总结|工作计划|同比下降|附件|abc", line):
            assert word in kept
