"""What copying leaves inside a text: entities, tags, invisible characters, block marks, pinyin, Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zhenwu.plans.outline.model import Repair
from zhenwu.plans.outline.source import Paragraph

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TAGS: Final = (
    "a|b|body|br|center|div|em|font|h[1-6]|html|i|img|li|o:p|ol|p|section|span|strong|sub|sup|table|tbody|td|th|tr|u|ul"
)
_ENTITIES: Final = "lt|gt|amp|quot|middot|mdash|ndash|ldquo|rdquo|lsquo|rsquo|hellip|times|permil"
_BLOCKS: Final = "■▓▒░█▇▆◼◻▉▊\ufffd\ue000-\uf8ff"
_TONES: Final = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"

# (what it is, where it is, what is read instead)
_RULES: Final[tuple[tuple[str, re.Pattern[str], str | None], ...]] = (
    ("看不见的字符", re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f]+"), ""),
    ("网页标记", re.compile(r"<\s*br\s*/?>|<\s*/\s*(?:p|div|li|tr|h[1-6])\s*>", re.I), "\n"),
    ("网页标记", re.compile(rf"<\s*/?\s*(?:{_TAGS})(?:\s[^<>]{{0,300}})?/?>", re.I), ""),
    ("网页空格", re.compile(r"(?:&(?:nbsp|ensp|emsp|thinsp|#160|#xa0|#12288);?)+", re.I), " "),
    ("网页字符", re.compile(rf"&(?:{_ENTITIES}|#\d{{2,5}}|#x[0-9a-f]{{2,4}});", re.I), None),
    ("遮挡块", re.compile(rf"(?<=[{_HAN}\d，。；、）”]) ?[{_BLOCKS}]+ ?(?=[{_HAN}\d（“])"), ""),
    ("注音", re.compile(rf"(?<=[{_HAN}])[(（][a-z]{{0,4}}[{_TONES}][a-z]{{0,4}}[)）]"), ""),
    ("排版符号", re.compile(r"^\s*#{1,6}\s+(?=\S)"), ""),
    ("排版符号", re.compile(rf"^\s*\*\*(?=[^*\s]{{4,60}}\*\*)|(?<=[{_HAN}。：:；])\*\*(?=\s*$|[。：:])"), ""),
)  # fmt: skip


def clean(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Repair]]:
    """Paragraphs without what copying left in them; one that held line breaks becomes several."""
    cleaned: list[Paragraph] = []
    repairs: list[Repair] = []
    for paragraph in paragraphs:
        paragraph = _mended(paragraph, repairs)
        if "\n" in paragraph.text:
            cleaned += _split(paragraph)
        elif paragraph.text.strip():
            cleaned.append(paragraph)
    return cleaned, repairs


def _mended(paragraph: Paragraph, repairs: list[Repair]) -> Paragraph:
    words = paragraph.words
    for kind, pattern, new in _RULES:
        matches = list(pattern.finditer(words.text))
        if not matches:
            continue
        edits = [(m.start(), m.end(), html.unescape(m[0]) if new is None else new) for m in matches]
        repairs += [Repair(words[start:end], kind, read.strip("\n")) for start, end, read in edits]
        words = words.edited(edits)
    if words is paragraph.words:
        return paragraph
    blank = len(words) - len(words.text.rstrip(" \u3000\xa0"))
    cells = paragraph.cells
    if cells is not None:
        cells = tuple(_plain(cell) for cell in cells)
    return replace(paragraph, words=words[: len(words) - blank], cells=cells)


def _plain(cell: str) -> str:
    for _, pattern, new in _RULES:
        cell = pattern.sub((lambda match: html.unescape(match[0])) if new is None else new.replace("\n", " "), cell)
    return cell


def _split(paragraph: Paragraph) -> list[Paragraph]:
    """One for each line of it that is not blank."""
    found: list[Paragraph] = []
    at, blank = 0, paragraph.blank_before
    for line in paragraph.text.split("\n"):
        words = paragraph.words[at : at + len(line)]
        at += len(line) + 1
        if words:
            printed = paragraph.printed_number if not found else 0
            found.append(replace(paragraph, words=words, printed_number=printed, blank_before=blank))
        blank = not words
    return found
