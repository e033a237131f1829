"""Whatever the text: no crash, nothing lost, and every figure stands where it says."""

import json
import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.plans.outline import Outline, OutlineError, find_due, find_offices, find_targets, outline_of_text
from zhenwu.plans.outline.model import Point

WORDS = (
    "一、 二、 三、 一. （一） （二） (一) （一）是 （二）是 1. 2. 3． 1、 2、 1.9个 2.1.5公里 (1) （2） 1) ① ② ③ 一是 二是 三是 一要 二要 "
    "首先， 其次， 最后， 第一， 第二， 第一部分 第二部分 第一节 —— - • ● 。 ； ： ， 、 “ ” （ ） 【 】 "
    "2023年工作总结 2024年工作计划 存在的问题 下一步工作打算 各位代表： 以上汇报 2024年1月2日 青石镇人民政府 我们也清醒地看到 "
    "还存在问题 新建冷库3座 6.84亿元 下降1.8% 三十余家 八成以上 百分之十五 3—5个 XX户 ３，０００亩 第3名 １２月底前 责任单位：农办 "
    "关于印发《2024年工作要点》的通知 农业方面： 第1页共5页 —3— 内部资料 www.example.com （更多范文请下载） 编者按： *** "
    "指标名称\t单位\t目标 序号 茶叶\t吨\t12 &nbsp;&nbsp; <br> <p> 2、资 ■ 落實(shí) l2个 2O23年 ㈠ （—） ⒈ "
    "相关推荐 #\u3000 全镇\u3000上下\u3000深入\u3000推进"
)
PIECES = st.sampled_from(WORDS.split(" "))
LINES = st.lists(PIECES, min_size=0, max_size=9).map("".join)
TEXTS = st.lists(LINES, min_size=1, max_size=14).map("\n".join)


def outline_or_none(text: str) -> Outline | None:
    try:
        return outline_of_text(text)
    except OutlineError:
        assert not re.sub("&nbsp;|<br>|<p>|\xad", "", text).strip()
        return None


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def all_text(outline: Outline) -> str:
    """Everything the tree and the noise hold, headings and markers included."""
    found = [outline.title, *(noise.text for noise in outline.noise)]
    found += [repair.words.text for repair in outline.repairs if repair.kind.startswith("网页") or not repair.read]
    found += [passage.text for passage in [*outline.preamble, *outline.closing]]

    def point(one: Point) -> None:
        found.extend([one.marker, one.text, *(passage.text for passage in one.body)])
        for below in one.points:
            point(below)

    for part in outline.parts:
        found += [part.heading, *(passage.text for passage in part.body)]
        for section in part.sections:
            found += [section.heading, *(passage.text for passage in section.body)]
            for one in section.points:
                point(one)
    return squeezed("\n".join(found))


def letters(text: str) -> Counter[str]:
    return Counter(re.findall(r"[㐀-鿿〇A-Za-z0-9０-９①-⑳%]", text))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_nothing_is_lost(text):
    if outline := outline_or_none(text):
        assert not letters(text) - letters(all_text(outline))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_json_holds_and_figures_stand_where_they_say(text):
    outline = outline_or_none(text)
    if outline is None:
        return
    assert json.loads(json.dumps(outline.as_json())) == outline.as_json()
    lines = text.split("\n")
    for figure in outline.figures:
        assert not isinstance(figure.value, float)
        start, end = figure.span
        printed = lines[figure.paragraph - 1][start:end]
        assert printed.strip()
        # a figure broken over two lines goes on in the next, one broken by an insertion goes on behind it
        broken = any(noise.paragraph == figure.paragraph for noise in outline.noise)
        assert figure.text.startswith(printed.strip()[:1] if broken else printed.strip())
        node: object = outline.parts[figure.path[0]] if figure.path else None
        for step, at in enumerate(figure.path[1:]):
            node = (node.sections if step == 0 else node.points)[at]  # type: ignore[union-attr]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_characters_are_read_without_a_crash(text):
    outline = outline_or_none(re.sub("[\x00-\x08\x0e-\x1f\u200b-\u200f\u2060\ufeff\u2028\u2029\x85\x0b\x0c]", "", text))
    assert outline is None or outline.as_json()["parts"] is not None


@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(min_value=1990, max_value=2090))
def test_promises_are_read_without_a_crash(text, year):
    due = find_due(text, year)
    assert due is None or 2000 <= due.year <= 2100 or abs(due.year - year) <= 1
    assert len(find_offices(text)) == 3
    assert all(target.op in (">=", "<=", "=") for target in find_targets(text))
