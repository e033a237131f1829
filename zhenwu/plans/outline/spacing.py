"""Blanks inside words and numbers, as recognition of a scan leaves them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zhenwu.plans.outline.model import Repair
from zhenwu.plans.outline.source import Paragraph

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_B: Final = "[ \u3000\xa0\u2002-\u200a]"
_INNER: Final = re.compile(rf"(?<=[{_HAN}，；、]){_B}(?=[{_HAN}])")
_WORD: Final = f"{_HAN}，。；：、（）()“”《》%％‰"
# Blanks between characters of words, between a number and its unit, and between the digits of one number.
_ALL: Final = re.compile(
    rf"(?<=[{_WORD}]){_B}{{1,2}}(?=[{_WORD}\dA-Za-z①-⑳])|(?<=[\dA-Za-z]){_B}{{1,2}}(?=[{_WORD}])|"
    rf"(?<=\d){_B}{{1,2}}(?=[.,．，]\s?\d)|(?<=\d[.,．]){_B}{{1,2}}(?=\d)|(?<=\d){_B}(?=[\dOolI]{{1,4}}{_B}?[.%％‰{_HAN}])"
)
# In any document: 12. 5公里, 3 .26亿元 - but 1. 5个村 at the start of a line is an item.
_IN_NUMBER: Final = re.compile(
    rf"\d(?P<a>{_B}+)(?=[.．]\d+{_B}*[%％‰{_HAN}])|"
    rf"[{_HAN}，；、（]\d{{1,6}}[.．](?P<b>{_B}+)(?=\d+{_B}*[%％‰{_HAN}])|"
    rf"[{_HAN}，；、（]\d{{1,3}}(?P<c>{_B})(?=\d{{3}}[%％‰{_HAN}])"
)
_FEWEST, _SHARE = 8, 0.02  # a document this full of inner blanks was scanned
_LINE_FEWEST, _LINE_SHARE = 4, 0.08
_LONGEST_DISPLAY = 16


def without_inner_blanks(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Repair]]:
    """Words and numbers made whole. A title set with blanks (政 府 工 作 报 告) stays as it is printed."""
    body = [p.text for p in paragraphs if p.cells is None and not p.margin and not _is_display(p.text)]
    is_scan = _is_full_of_blanks(body, _FEWEST, _SHARE)
    mended: list[Paragraph] = []
    repairs: list[Repair] = []
    for paragraph in paragraphs:
        words = paragraph.words
        if paragraph.cells is None and not _is_display(words.text):
            scanned = is_scan or _is_full_of_blanks([words.text], _LINE_FEWEST, _LINE_SHARE)
            indent = len(words.text) - len(words.text.lstrip())
            found = _ALL.finditer(words.text) if scanned else _IN_NUMBER.finditer(words.text)
            cuts = [match.span(match.lastgroup or 0) for match in found if match.start() >= indent]
            if cuts:
                around = (max(cuts[0][0] - 4, 0), cuts[-1][1] + 4)
                without = words[around[0] : around[1]].without([(a - around[0], b - around[0]) for a, b in cuts])
                repairs.append(Repair(words[around[0] : around[1]], "字间空格", without.text))
                words = words.without(cuts)
                paragraph = replace(paragraph, words=words)
        mended.append(paragraph)
    return mended, repairs


def _is_display(text: str) -> bool:
    """Every character stands alone: 政 府 工 作 报 告."""
    pieces = text.split()
    return len(pieces) > 1 and len("".join(pieces)) <= _LONGEST_DISPLAY and all(len(piece) == 1 for piece in pieces)


def _is_full_of_blanks(texts: Sequence[str], fewest: int, share: float) -> bool:
    blanks = sum(len(_INNER.findall(text)) for text in texts)
    return blanks >= fewest and blanks >= share * sum(map(len, texts))
