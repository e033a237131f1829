"""Paragraphs made ready for the tree: noise taken out, broken lines joined, markers found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zhenwu.plans.outline.cleaning import clean
from zhenwu.plans.outline.folding import fold, slips, squeeze
from zhenwu.plans.outline.markers import Kind, Marker, line_marker
from zhenwu.plans.outline.model import Noise, Repair
from zhenwu.plans.outline.noise import is_noise, running_lines, strip_insertions
from zhenwu.plans.outline.previews import without_block_numbers
from zhenwu.plans.outline.source import Paragraph
from zhenwu.plans.outline.spacing import without_inner_blanks
from zhenwu.plans.outline.splitting import split_paragraphs
from zhenwu.plans.outline.tables import mark_tables
from zhenwu.plans.outline.traced import Traced, Worded
from zhenwu.plans.outline.wrapping import joined_lines

RUNNING = "重复出现的页眉或水印"
_TITLE = re.compile(r"总结|计划|谋划|报告$|要点|打算|方案|安排")
_LINKS = re.compile(r"相关(?:推荐|阅读|文章|文档|资料|链接|新闻)|猜你喜欢|推荐阅读|热门(?:推荐|文章)|上一篇|下一篇")
_SENTENCE_END = re.compile(r"[。！？!?；;：:…]['”’）)】》]*$|[-—]$")


@dataclass(frozen=True, slots=True)
class Line(Worded):
    """A paragraph with its marker. `folded` has the same length as `text`: half-width, plain blanks, slips mended."""

    words: Traced
    folded: str
    marker: Marker | None
    level: int | None = None
    cells: tuple[str, ...] | None = None
    table: int | None = None
    blank_before: bool = False
    bold: bool = False

    @property
    def squeezed(self) -> str:
        return squeeze(self.folded)


@dataclass(frozen=True, slots=True)
class Ready:
    """The lines that make a document, the noise between them, and what was mended."""

    lines: list[Line]
    noise: list[Noise]
    repairs: list[Repair]


def lines_of(paragraphs: Sequence[Paragraph]) -> Ready:
    """All stages from paragraphs as read to lines, in order."""
    cleaned, repairs = clean(paragraphs)
    parted, splits = split_paragraphs(cleaned)
    marked = mark_tables(parted)
    unnumbered, block_noise, joins = without_block_numbers(marked)
    kept, noise = _without_noise(unnumbered)
    spaced, blanks = without_inner_blanks(kept)
    whole, breaks = joined_lines(spaced)
    lines = [_line(paragraph) for paragraph in whole]
    read = [Repair(line.words[a:b], "识别错字", as_read) for line in lines for a, b, as_read in slips(line.text)]
    return Ready(
        lines,
        sorted(block_noise + noise, key=_place),
        sorted(repairs + splits + joins + blanks + breaks + read, key=_place),
    )


def _place(found: Noise | Repair) -> tuple[int, int]:
    return found.words.place(0)


def _line(paragraph: Paragraph) -> Line:
    folded = fold(paragraph.text)
    marker = None if paragraph.cells is not None else line_marker(folded, paragraph.printed_number)
    return Line(
        paragraph.words, folded, marker, paragraph.level, paragraph.cells, paragraph.table, paragraph.blank_before,
        paragraph.bold,
    )  # fmt: skip


def _without_noise(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Noise]]:
    running = running_lines(p.text for p in paragraphs if p.cells is None and not p.margin)
    kept: list[Paragraph] = []
    noise: list[Noise] = []
    gap = False
    seen: set[str] = set()
    links: object = None  # below 相关推荐 stand links to other documents
    for paragraph in paragraphs:
        reason = paragraph.margin or _reason(paragraph, running)
        links = _goes_on_linking(paragraph, links) if not reason else links or _LINKS.search(paragraph.text)
        if links and not reason and kept:
            reason = "网站的相关链接"
        if reason == RUNNING and _TITLE.search(paragraph.text):
            running_title = squeeze(paragraph.text)
            if running_title not in seen:  # a title that runs on every page stands once as the title
                seen.add(running_title)
                reason = None
        if reason == "广告" and _is_work(strip_insertions(paragraph.words)[0].text):
            reason = None
        if reason is None and paragraph.cells is None:
            words, taken = strip_insertions(paragraph.words)
            noise += [Noise(piece, "插入的广告或页码") for piece in taken]
            paragraph = replace(paragraph, words=words)
            if not words:
                continue
        if reason is None:
            kept.append(replace(paragraph, blank_before=paragraph.blank_before or gap))
            gap = False
        else:
            noise.append(Noise(paragraph.words, reason))
            gap = gap or paragraph.blank_before
    return kept, noise


def _goes_on_linking(paragraph: Paragraph, links: object) -> object:
    return (
        links
        if paragraph.cells is None and not re.search(r"[。；：]", paragraph.text) and len(paragraph.text) < 60
        else None
    )


def _is_work(text: str) -> bool:
    """Whether a sentence is left when an advertisement set into it is gone."""
    return len(text.strip()) > 8 and bool(_SENTENCE_END.search(text)) and is_noise(text, marked=False) is None


def _reason(paragraph: Paragraph, running: set[str]) -> str | None:
    if paragraph.cells is not None:
        return None
    marker = line_marker(fold(paragraph.text), paragraph.printed_number)
    if squeeze(paragraph.text) in running and marker is None:
        return RUNNING
    bulleted = marker is not None and marker.kind is Kind.BULLET
    return is_noise(paragraph.text, marked=marker is not None, bulleted=bulleted)
