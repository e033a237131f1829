"""Which years a document sums up and plans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from zhenwu.plans.outline.folding import fold, simple_fold, squeeze
from zhenwu.plans.outline.headings import PLAN_TITLE, SUMMARY_TITLE
from zhenwu.plans.outline.model import Part

_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?年")


def years_of(title: str, parts: Sequence[Part], texts: Sequence[str]) -> tuple[int | None, int | None]:
    """(year of the summary, year of the plan). `texts`: all text of the document in order."""
    kinds = {part.kind for part in parts}
    squeezed = squeeze(_arabic_years(fold(title)))
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
    is_plan = bool(PLAN_TITLE.search(title) or re.search(r"重点|任务", title))
    is_summary = bool(SUMMARY_TITLE.search(title))
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
    text = simple_fold(text)
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
