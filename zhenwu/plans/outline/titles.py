"""The title of a document: over several lines, behind a covering notice, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zhenwu.plans.outline.folding import fold, squeeze
from zhenwu.plans.outline.lines import Line
from zhenwu.plans.outline.markers import Kind
from zhenwu.plans.outline.traced import Traced

_TITLE_WORDS: Final = re.compile(
    r"总结|计划|谋划|报告|要点|打算|方案|安排|汇报|通知|意见|规划|思路|清单|情况|述职|工作|目标|任务|纲要|回顾"
)
_NO_TITLE: Final = re.compile(
    r"[。;,:!?]$|。|^[〔\[(].*\d+号|号$|^\d{4}年\d{1,2}月(?:\d{1,2}日)?$|^[—-]{2}|^(?:各位|同志们|尊敬|附件|附:)"
)
_COVER: Final = re.compile(r"关于(?:印发|下达|转发|报送|上报|呈报).*《(.+)》.*的?(?:通知|报告|函|请示)$")
_COVER_END: Final = re.compile(r"(?:[^。，]*》)?的?(?:通知|报告|函|请示|意见|方案|决定|公告)")


def find_title(lines: Sequence[Line]) -> tuple[Traced | None, int]:
    """The title as printed and the place of the first line below it; (None, 0) when the document has none."""
    candidates: list[int] = []
    for place, line in enumerate(lines[:60]):
        kind = line.marker.kind if line.marker else None
        if kind in {Kind.DUN, Kind.PAREN, Kind.CHAPTER, Kind.DOT} or line.cells is not None:
            break
        if line.level == 0 or (kind is None and _is_title(line)):
            candidates.append(place)
        elif not candidates and len(line.squeezed) > 60:
            break
    if not candidates:
        return None, 0
    title, after = _whole_title(lines, candidates[0])
    if cover := _COVER.search(squeeze(fold(title.text))):
        below = [at for at in candidates if at >= after]
        inner = [at for at in below if _says_same(lines[at].squeezed, cover[1])] or below
        if inner:
            title, after = _whole_title(lines, inner[0])
    same = squeeze(fold(title.text))
    while after < len(lines) and lines[after].squeezed == same:  # printed once more, as sites do
        after += 1
    return title, after


def _says_same(line: str, title: str) -> bool:
    return line == title or title in line or (len(line) > 6 and line in title)


def _whole_title(lines: Sequence[Line], first: int) -> tuple[Traced, int]:
    """A title that goes over several lines, and the place behind it."""
    title, after = lines[first].words.strip(), first + 1
    while after < len(lines) and _continues(squeeze(fold(title.text)), lines[after]):
        title, after = title + lines[after].words.strip(), after + 1
    return title, after


def _is_title(line: Line) -> bool:
    text = line.squeezed
    return 4 <= len(text) <= 60 and bool(_TITLE_WORDS.search(text)) and not _NO_TITLE.search(text)


def _continues(title: str, below: Line) -> bool:
    text = below.squeezed
    if below.marker or not 2 <= len(text) <= 50:
        return False
    if re.search(r"的$|^关于印发[^》]*$", title) and _COVER_END.fullmatch(text):
        return True
    if below.blank_before or not _is_title(below):
        return False
    return bool(re.search(r"(?:和|及|暨|与|关于|的|、)$", title) or re.match(r"(?:和|及|暨|与|以及|的)", text))
