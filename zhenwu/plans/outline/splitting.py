"""Documents whose line breaks were lost: a paragraph that holds a whole series 一、 二、 三、 is cut into its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zhenwu.lib.numerals import chinese_to_int
from zhenwu.plans.outline.folding import fold
from zhenwu.plans.outline.model import Repair
from zhenwu.plans.outline.source import Paragraph

_SHORTEST = 120  # a paragraph that could hold a document
_CN: Final = "[一二三四五六七八九十]{1,2}"
_DUN: Final = re.compile(
    rf"(?:^|(?<=[。;:!?)”]))\s*({_CN})、(?=[^一二三四五六七八九十、\s])|(?<=\s)({_CN})、(?=[^一二三四五六七八九十、\s])"
)
_BELOW: Final = re.compile(rf"(?<=[。;:!?)”])\s*\(({_CN})\)(?!是)|(?<=\s)\(({_CN})\)(?!是)|(?<=[。;!])\s+(?=——)")


def split_paragraphs(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Repair]]:
    """Every paragraph as it is, or its lines."""
    found: list[Paragraph] = []
    repairs: list[Repair] = []
    for paragraph in paragraphs:
        cuts = _cuts(paragraph) if paragraph.cells is None and not paragraph.margin else []
        for start, end in zip([0, *cuts], [*cuts, len(paragraph.text)], strict=True):
            if words := paragraph.words[start:end].strip():
                first = start == 0
                found.append(
                    paragraph
                    if not cuts
                    else replace(
                        paragraph,
                        words=words,
                        printed_number=paragraph.printed_number if first else 0,
                        blank_before=paragraph.blank_before and first,
                    )
                )
        repairs += [
            Repair(paragraph.words[at : at + 8], "分开连在一起的段落", paragraph.text[at : at + 8]) for at in cuts
        ]
    return found, repairs


def _cuts(paragraph: Paragraph) -> list[int]:
    """Where the members of a series begin that counts on from one and has at least two; below it all （一） as well."""
    folded = fold(paragraph.text)
    if len(folded) < _SHORTEST:
        return []
    tops: list[int] = []
    for match in _DUN.finditer(folded):
        if chinese_to_int(match[1] or match[2]) == len(tops) + 1:
            tops.append(match.start())
    if len(tops) < 2:
        return []
    below = [match.start() for match in _BELOW.finditer(folded)]
    return sorted({at for at in [*tops, *below] if at > 0})
