"""Block numbers of preview sites: “…计划总投\n\n2、资1200万元…”, set into the text wherever a block ends, even inside words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zhenwu.plans.outline.folding import fold
from zhenwu.plans.outline.markers import line_marker
from zhenwu.plans.outline.model import Noise, Repair
from zhenwu.plans.outline.source import Paragraph

_NUMBER: Final = re.compile(r"\s*(\d{1,3})、\s*")
_STOPPED: Final = re.compile(r"[。；：！？.;:!?”）)》…]\s*$")
_SHORTEST = 30  # what a line must at least hold before it can break off inside a sentence
_SHORT = 8  # … and once a document is known to be cut into blocks
_BLOCK = 60  # a block is long; an item of a list is not


def without_block_numbers(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Noise], list[Repair]]:
    """Takes the numbers out and joins what they cut apart, in documents that have them."""
    blocks = _blocks(paragraphs)
    kept: list[Paragraph] = []
    noise: list[Noise] = []
    repairs: list[Repair] = []
    for at, paragraph in enumerate(paragraphs):
        if at not in blocks:
            kept.append(paragraph)
            continue
        end, is_broken = blocks[at]
        noise.append(Noise(paragraph.words[:end], "预览网站的分块号"))
        rest = paragraph.words[end:]
        if kept and is_broken:
            repairs.append(Repair(rest[: min(len(rest), 6)], "接上被分块断开的句子", rest.text[:6]))
            kept[-1] = replace(kept[-1], words=kept[-1].words + rest)
        else:
            kept.append(replace(paragraph, words=rest))
    return [line for one in kept for line in _apart(one)] if blocks else kept, noise, repairs


def _apart(paragraph: Paragraph) -> list[Paragraph]:
    """Such sites also turn line breaks into two blanks."""
    if paragraph.cells is not None or paragraph.margin:
        return [paragraph]
    ends = [match.span() for match in re.finditer(r"(?<=\S)[ \u3000]{2,}(?=\S)", paragraph.text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(paragraph.text)]
    return [replace(paragraph, words=paragraph.words[a:b]) for a, b in zip(starts, stops, strict=True)]


def _blocks(paragraphs: Sequence[Paragraph]) -> dict[int, tuple[int, bool]]:
    """{place of a paragraph: (where its block number ends, whether it goes on with the one above)}, empty for a document without them."""
    found: dict[int, tuple[int, bool]] = {}
    expected, first, inside_words = 2, None, 0
    previous: Paragraph | None = None
    for at, paragraph in enumerate(paragraphs):
        if paragraph.cells is not None or paragraph.margin:
            continue
        match = _NUMBER.match(fold(paragraph.text))
        number = int(match[1]) if match else 0
        if match and number == 1 and first is None and expected == 2:
            first = (at, match.end())
        elif match and number == expected and previous is not None:
            broken = _breaks_off(previous, _SHORTEST if not inside_words else _SHORT) and not _is_item(
                previous, number - 1
            )
            if broken or line_marker(fold(paragraph.text[match.end() :])):
                found[at] = (match.end(), broken)
                expected += 1
                inside_words += broken
        previous = paragraph
    if not inside_words:
        return {}
    return found | ({first[0]: (first[1], False)} if first and first[0] < min(found) else {})


def _breaks_off(paragraph: Paragraph, shortest: int) -> bool:
    return len(paragraph.text) >= shortest and not _STOPPED.search(paragraph.text)


def _is_item(paragraph: Paragraph, number: int) -> bool:
    match = _NUMBER.match(fold(paragraph.text))
    return bool(match and int(match[1]) == number and len(paragraph.text) < _BLOCK)
