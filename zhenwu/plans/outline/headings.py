"""The title, the parts and the years of a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from zhenwu.plans.outline.lines import Line
from zhenwu.plans.outline.markers import Kind
from zhenwu.plans.outline.model import Part

_TITLE_WORDS: Final = re.compile(
    r"总结|计划|报告|要点|打算|方案|安排|汇报|通知|意见|规划|思路|清单|情况|述职|工作|目标|任务|纲要|回顾"
)
_NO_TITLE: Final = re.compile(
    r"[。;,:!?]$|。|^[〔\[(].*\d+号|号$|^\d{4}年\d{1,2}月(?:\d{1,2}日)?$|^[—-]{2}|^(?:各位|同志们|尊敬)"
)
_COVER: Final = re.compile(r"关于(?:印发|下达|转发|报送|上报|呈报).*《(.+)》.*的?(?:通知|报告|函|请示)$")
_GOES_ON: Final = re.compile(r"^(?:和|及|暨|与|以及|的)|^(?:关于)?\d{4}年.*(?:打算|计划|安排)$")
_HEADING_END: Final = re.compile(
    r"(?:总结|回顾|计划|打算|安排|目标|任务|问题|不足|困难|短板|思路|要求|措施|成效|成绩|情况|建议|重点|要点|保障|展望|体会|经验|做法|亮点|形势|"
    r"分解表|部署|举措|工作|规划|设想|指标)$"
)
_STRICT_END: Final = re.compile(
    r"(?:总结|回顾|计划|打算|安排|问题|不足|目标|思路|分解表|部署|展望|重点工作|主要工作|重点任务|工作要求|保障措施)$"
)
_NO_HEADING: Final = re.compile(r"[,。;!?、:]|以下|如下|^(?:各位|同志们|附件|附表|附:)|[×X*]{2}|^(?:此|特此|以上)|^\(")
_SALUTE: Final = re.compile(r"^(?:各位(?:代表|委员|领导|同志)|同志们|尊敬的|各村|各站|各部门|各单位)[^。]{0,24}[:,!]$")
_CLOSING: Final = re.compile(
    r"^(?:各位(?:代表|委员|同志|领导)[,!:].*(?:让我们|奋斗|前进|征程|团结|蓝图)|同志们[,!:].*(?:让我们|奋斗|前进|征程|团结)|以上(?:汇报|报告|总结|是)|"
    r"特此(?:报告|通知|汇报)|妥否|当否|此致|敬礼|谢谢大家|附件[:：]|联系人[:：]|抄送|主题词|\(?此件)"
)
_SIGNED: Final = re.compile(
    r"^(?:.{2,24}(?:政府|委员会|党委|办公室|办事处|街道|党工委|村委会|居委会|村|镇|乡|中心|总支|支部)|\d{4}年\d{1,2}月(?:\d{1,2}日)?|[二〇○零一三四五六七八九]{4}年.{1,3}月.{0,4})$"
)
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|年度)")

PROBLEMS_TEXT: Final = re.compile(
    r"(?:肯定|取得|看到|总结)(?:上述|以上|这些)?成绩的同时|清醒地?(?:看到|认识)|^(?:但是?|同时|当然|虽然)?[,，]?(?:我们|我镇|我乡|工作中|全镇)?[^。]{0,16}"
    r"(?:还|仍|也)(?:然)?(?:存在|有)[^。]{0,10}(?:问题|不足|困难|短板|差距)"
)
PLAN_TEXT: Final = re.compile(
    r"^(?:下一步|下步|下阶段|下一阶段|明年|新的一年|(?:19|20)\d\d年)[^。]{0,40}(?:我镇|我乡|我们|将|重点(?:做|抓)|着力|工作思路)"
)

_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("summary", re.compile(r"(?:任务|目标|计划|指标|工作)(?:的)?(?:完成|落实|推进|开展|进展)情况|总结|回顾")),
    (
        "other",
        re.compile(
            r"^(?:工作要求|有关要求|几点要求|保障措施|组织保障|组织领导|强化保障|附则|体会|工作体会|经验体会|几点体会|.{0,4}加强组织领导.*|(?:切实)?(?:加强|强化)(?:组织)?领导.*|意见建议|几点建议|对上级.*建议)$"
        ),
    ),
    (
        "plan",
        re.compile(
            r"计划|打算|安排|思路|下一?步|下阶段|明年|今后|下半年|目标|任务|总体要求|指导思想|部署|要点|分解表|举措|展望|设想|规划|重点工作"
        ),
    ),
    ("problems", re.compile(r"问题|不足|困难|短板|差距|薄弱")),
    ("summary", re.compile(r"成效|成绩|做法|情况|亮点|上半年|前三季度|完成|取得|经验|主要工作")),
)


def squeezed_heading(heading: str) -> str:
    """A heading without its number and blanks, for looking into its words."""
    text = re.sub(r"\s+", "", heading)
    return re.sub(
        r"^(?:第?[一二三四五六七八九十]{1,3}(?:部分|章|篇|节|[、.．])|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、．])[:：、]?",
        "",
        text,
    )


def find_title(lines: Sequence[Line]) -> tuple[str, int]:
    """The title as printed and the place of the first line below it; ("", 0) when the document has none."""
    candidates: list[int] = []
    for place, line in enumerate(lines[:40]):
        kind = line.marker.kind if line.marker else None
        if kind in {Kind.DUN, Kind.PAREN, Kind.CHAPTER, Kind.DOT} or line.cells is not None:
            break
        if line.level == 0 or (kind is None and _is_title(line)):
            candidates.append(place)
        elif not candidates and len(line.squeezed) > 60:
            break
    if not candidates:
        return "", 0
    first = candidates[0]
    if cover := _COVER.search(lines[first].squeezed):
        inner = [at for at in candidates[1:] if lines[at].squeezed == cover[1] or cover[1] in lines[at].squeezed]
        first = inner[0] if inner else candidates[1] if len(candidates) > 1 else first
    title = lines[first].text.strip()
    after = first + 1
    if after < len(lines) and not lines[after].blank_before and _continues(lines[first], lines[after]):
        title += lines[after].text.strip()
        after += 1
    return title, after


def _is_title(line: Line) -> bool:
    text = line.squeezed
    return 4 <= len(text) <= 60 and bool(_TITLE_WORDS.search(text)) and not _NO_TITLE.search(text)


def _continues(line: Line, below: Line) -> bool:
    if below.marker or not _is_title(below):
        return False
    broken = re.search(r"(?:和|及|暨|与|关于|的)$", line.squeezed)
    return bool(broken or re.match(r"(?:和|及|暨|与|以及|的)", below.squeezed))


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
    text = squeezed_heading(heading).removesuffix("。").removesuffix("：")
    good, bad = re.search(r"成绩|成效|总结|回顾", text), re.search(r"问题|不足|差距", text)
    if good and bad:
        return "summary" if good.start() < bad.start() else "problems"  # the first one named
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)


_PLAN_TITLE: Final = re.compile(r"计划|打算|要点|安排|方案|规划|思路|意见|清单")
_SUMMARY_TITLE: Final = re.compile(r"总结|回顾|情况|汇报|述职|小结|报告")


def kind_by_title(title: str) -> str | None:
    """What all parts are whose headings name a subject only (一、党的建设); None when the title says both or neither."""
    text = re.sub(r"\s+", "", title)
    is_plan, is_summary = bool(_PLAN_TITLE.search(text)), bool(_SUMMARY_TITLE.search(text))
    if is_plan == is_summary:
        return None
    return "plan" if is_plan else "summary"


def kind_by_text(text: str) -> str:
    """A part's kind by how it speaks: of what was done or of what shall be; other when it speaks of neither."""
    done = len(re.findall(r"今年以来|累计|同比|已完成|共完成|实现了|完成了|截至|截止|取得|达到了", text))
    to_do = len(re.findall(r"力争|确保|将|计划|底前|争取|继续|进一步|各级各部门|务必", text))
    if done + to_do == 0:
        return "other"
    return "summary" if done * 2 >= to_do else "plan"


def half_of(heading: str) -> int | None:
    if "上半年" in heading and "下半年" not in heading:
        return 1
    return 2 if "下半年" in heading and "上半年" not in heading else None


def years_of(title: str, parts: Sequence[Part], texts: Sequence[str]) -> tuple[int | None, int | None]:
    """(year of the summary, year of the plan). `texts`: all text of the document in order."""
    kinds = {part.kind for part in parts}
    squeezed = re.sub(r"\s+", "", _arabic_years(title))
    in_title = [int(year) for year in _YEAR.findall(squeezed)]
    summary, plan = _years_in_title(squeezed, in_title)
    for part in parts:
        found = [int(year) for year in _YEAR.findall(_arabic_years(part.heading))]
        if found and part.kind == "summary" and summary is None:
            summary = max(found)
        if found and part.kind == "plan" and not re.search(r"今后|未来", part.heading) and plan is None:
            plan = max(found)
    if not {"summary", "problems"} & kinds and parts:
        summary = None if plan is not None else summary
    half = any(part.half for part in parts) or bool(re.search("上半年|下半年|季度", title))
    if "summary" in kinds and summary is None:
        summary = _common_year(parts, "summary", texts) if plan is None else plan if half else plan - 1
    if "plan" in kinds and plan is None:
        plan = summary if half else summary + 1 if summary is not None else _common_year(parts, "plan", texts)
    return (summary if "summary" in kinds or "problems" in kinds else None), (plan if "plan" in kinds else None)


def _years_in_title(title: str, years: list[int]) -> tuple[int | None, int | None]:
    is_plan = bool(_PLAN_TITLE.search(title) or re.search(r"重点|任务", title))
    is_summary = bool(_SUMMARY_TITLE.search(title))
    if years and "政府工作报告" in title:
        return years[-1] - 1, years[-1]  # named after the year of the congress, which is the year it plans
    if len(years) >= 2 and is_plan and is_summary:
        return years[0], years[-1]
    if not years or not (is_plan or is_summary):
        return None, None
    if is_plan and not is_summary:
        return None, years[-1]
    return years[0], None


def _arabic_years(text: str) -> str:
    """二〇二四年 -> 2024年."""
    digits = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0", "Ｏ": "0"}
    return re.sub(
        r"[一二][〇○零九Ｏ][〇○零一二三四五六七八九]{2}(?=年)",
        lambda match: "".join(digits[char] for char in match[0]),
        text,
    )


def _common_year(parts: Sequence[Part], kind: str, texts: Sequence[str]) -> int | None:
    """The year named most often in the parts of one kind, else in the whole document."""
    own = [text for part in parts if part.kind == kind for text in part.texts()]
    for source in (own, texts):
        if years := Counter(int(year) for text in source for year in _YEAR.findall(text)):
            return years.most_common(1)[0][0]
    return None
