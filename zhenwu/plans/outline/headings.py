"""Which lines are headings, and what the words of a heading say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zhenwu.plans.outline.figures import amounts_in
from zhenwu.plans.outline.folding import simple_fold, squeeze
from zhenwu.plans.outline.lines import Line

_HEADING_END: Final = re.compile(
    r"(?:总结|回顾|计划|打算|谋划|安排|目标|任务|问题|不足|困难|短板|思路|要求|措施|成效|成绩|情况|建议|重点|要点|保障|展望|体会|经验|做法|亮点|形势|"
    r"分解表|部署|举措|工作|规划|设想|指标)$"
)
_STRICT_END: Final = re.compile(
    r"(?:总结|回顾|计划|打算|谋划|安排|问题|不足|目标|思路|分解表|部署|展望|重点工作|主要工作|重点任务|工作要求|保障措施)$"
)
_NO_HEADING: Final = re.compile(r"[,。;!?、:]|以下|如下|^(?:各位|同志们|附件|附表|附:)|[×X*]{2}|^(?:此|特此|以上)|^\(")
_NO_LONE: Final = re.compile(
    r"[。;:!?…]|[,、]$|以下|如下|^(?:各位|同志们|附件|附表|附:)|[×X*]{2}|^(?:此致|特此|以上|敬礼)|^[(—-]"
)
_SALUTE: Final = re.compile(r"^(?:各位(?:代表|委员|领导|同志)|同志们|尊敬的|各村|各站|各部门|各单位)[^。]{0,24}[:,!]$")
_CLOSING: Final = re.compile(
    r"^(?:各位(?:代表|委员|同志|领导)[,!:].*(?:让我们|奋斗|前进|征程|团结|蓝图)|同志们[,!:].*(?:让我们|奋斗|前进|征程|团结)|以上(?:汇报|报告|总结|是)|"
    r"特此(?:报告|通知|汇报)|妥否|当否|此致|敬礼|谢谢大家|附件[:：]|联系人[:：]|抄送|主题词|\(?此件)"
)
_SIGNED: Final = re.compile(
    r"^(?:.{2,24}(?:政府|委员会|党委|办公室|办事处|街道|党工委|村委会|居委会|村|镇|乡|中心|总支|支部)|\d{4}年\d{1,2}月(?:\d{1,2}日)?|[二〇○零一三四五六七八九]{4}年.{1,3}月.{0,4})$"
)

PROBLEMS_TEXT: Final = re.compile(
    r"(?:肯定|取得|看到|总结)(?:上述|以上|这些)?成绩的同时|清醒地?(?:看到|认识)|^(?:但是?|同时|当然|虽然)?[,，]?(?:我们|我镇|我乡|工作中|全镇)?[^。]{0,16}"
    r"(?:还|仍|也)(?:然)?(?:存在|有)[^。]{0,10}(?:问题|不足|困难|短板|差距)|虽然?[^。]{0,24}(?:成绩|成效|进步|成果)[^。]{0,8}但[^。]{0,10}(?:问题|不足|困难|短板|差距)"
)
PLAN_TEXT: Final = re.compile(
    r"^(?:下一步|下步|下阶段|下一阶段|明年|新的一年|(?:19|20)\d\d年)[^。]{0,40}(?:我镇|我乡|我们|将|重点(?:做|抓)|着力|工作思路)"
)

_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("summary", re.compile(r"(?:任务|目标|计划|指标|工作)(?:的)?(?:完成|落实|推进|开展|进展)情况|总结|回顾")),
    (
        "other",
        re.compile(
            r"^(?:工作要求|有关要求|几点要求|保障措施|附则|体会|工作体会|经验体会|几点体会|工作启示|意见建议|几点建议|对上级.*建议|"
            r"(?:切实|进一步|全面|着力|不断)?(?:加强|强化|健全|严格|完善|狠抓|压实|落实|抓好)?.{0,4}(?:组织领导|组织保障|工作保障|保障措施|保障机制|组织实施|"
            r"督查考核|督导考核|考核奖惩|督查落实|督促检查|工作落实|责任落实|工作责任|强化保障|强化领导|加强领导|强化落实|狠抓落实|抓好落实|确保落实|工作要求)(?:[,，].*)?)$"
        ),
    ),
    (
        "plan",
        re.compile(
            r"计划|打算|安排|谋划|思路|下一?步|下阶段|明年|今后|下半年|目标|任务|总体要求|指导思想|部署|要点|分解表|举措|展望|设想|规划|重点工作"
        ),
    ),
    ("problems", re.compile(r"问题|不足|困难|短板|差距|薄弱")),
    ("summary", re.compile(r"成效|成绩|做法|情况|亮点|上半年|前三季度|完成|取得|经验|主要工作")),
)


def squeezed_heading(heading: str) -> str:
    """A heading without its number and blanks, for looking into its words."""
    text = squeeze(simple_fold(heading))
    return re.sub(
        r"^(?:第?[一二三四五六七八九十]{1,3}(?:部分|章|篇|节|[、.])|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、])[:、]?",
        "",
        text,
    )


def is_loose_heading(lines: Sequence[Line], place: int, *, strict: bool) -> bool:
    """An unnumbered line that heads what follows. `strict` in documents that number their parts."""
    line = lines[place]
    text = line.squeezed.removesuffix(":")
    if line.marker or line.cells is not None or place + 1 >= len(lines):
        return False
    if line.level is not None and line.level >= 1 and len(text) <= 40:
        return True
    if not 2 <= len(text) <= 30 or _NO_HEADING.search(text) or (line.squeezed.endswith(":") and not line.blank_before):
        return False
    if place and not lines[place - 1].blank_before and _is_open(lines[place - 1]) and not line.blank_before:
        return False
    return bool((_STRICT_END if strict else _HEADING_END).search(text))


def is_lone_heading(lines: Sequence[Line], place: int) -> bool:
    """A short line of any words that stands alone between sentences, with its text below. For documents without numbers."""
    line = lines[place]
    text = line.squeezed
    if line.marker or line.cells is not None or place + 1 >= len(lines) or not 3 <= len(text) <= 32:
        return False
    if (
        _NO_LONE.search(text)
        or _SIGNED.match(text)
        or not re.search(r"[\u4e00-\u9fff]{3}", text)
        or amounts_in(line.text)
    ):
        return False
    above, below = (lines[place - 1] if place else None), lines[place + 1]
    if above is not None and _is_open(above) and not line.blank_before:
        return False
    if below.cells is not None:
        return False
    is_text = len(below.squeezed) > 60 or re.search(r"[。;:!?”)]$", below.squeezed)
    return below.marker is not None or bool(is_text)


def _is_open(line: Line) -> bool:
    """A long line that stops in a sentence: what follows may be its rest."""
    return len(line.squeezed) > 30 and not re.search(r"[。;:!?)”]$", line.squeezed)


def is_salutation(line: Line) -> bool:
    return bool(_SALUTE.match(line.squeezed)) and line.marker is None


def closing_from(lines: Sequence[Line], first: int) -> int:
    """Where the closing (appeal, signature, date) begins; len(lines) when there is none. Looks only below `first`."""
    place = len(lines)
    while place > first + 1:
        line = lines[place - 1]
        if line.marker or line.cells is not None:
            break
        text = line.squeezed
        if not (_CLOSING.match(text) or (_SIGNED.match(text) and len(text) <= 30) or is_salutation(line)):
            break
        place -= 1
    return place


def kind_of(heading: str) -> str | None:
    """summary, plan, problems or other by the words of a heading; None when they do not tell."""
    text = squeezed_heading(heading).rstrip("。:")
    good, bad = re.search(r"成绩|成效|总结|回顾", text), re.search(r"问题|不足|差距", text)
    if good and bad:
        return "summary" if good.start() < bad.start() else "problems"  # the first one named
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)


PLAN_TITLE: Final = re.compile(r"计划|打算|谋划|要点|安排|方案|规划|思路|意见|清单")
SUMMARY_TITLE: Final = re.compile(r"总结|回顾|情况|汇报|述职|小结|报告")


def kind_by_title(title: str) -> str | None:
    """What all parts are whose headings name a subject only (一、党的建设); None when the title says both or neither."""
    text = squeeze(simple_fold(title))
    is_plan, is_summary = bool(PLAN_TITLE.search(text)), bool(SUMMARY_TITLE.search(text))
    if is_plan == is_summary:
        return None
    return "plan" if is_plan else "summary"


def kind_by_text(text: str) -> str:
    """A part's kind by how it speaks: of what was done or of what shall be; other when it speaks of neither."""
    text = simple_fold(text)
    done = len(re.findall(r"今年以来|累计|同比|已完成|共完成|实现了|完成了|截至|截止|取得|达到了", text))
    to_do = len(re.findall(r"力争|确保|将|计划|底前|争取|继续|进一步|各级各部门|务必", text))
    if done + to_do == 0:
        return "other"
    return "summary" if done * 2 >= to_do else "plan"


def half_of(heading: str) -> int | None:
    heading = simple_fold(heading)
    if "上半年" in heading and "下半年" not in heading:
        return 1
    return 2 if "下半年" in heading and "上半年" not in heading else None
