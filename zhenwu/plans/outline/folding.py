"""How a text is read: half-width, simplified, with the slips of character recognition mended. Nothing moves.

`fold` keeps every character in its place, so that what is found in the folded text stands at the same place in the printed one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from zhenwu.plans.outline.traditional import SIMPLIFIED


def _compatible(first: int, last: int) -> Iterator[tuple[int, str]]:
    """Compatibility characters that stand for one other character: ⼀ (a radical) for 一, Ａ for A."""
    for code in range(first, last + 1):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and plain != chr(code):
            yield code, plain


_WIDTH: Final[dict[int, str]] = {
    **dict(_compatible(0x2F00, 0x2FDF)),
    **dict(_compatible(0xF900, 0xFAFF)),
    **dict(_compatible(0xFE50, 0xFE6F)),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(blank): " " for blank in "\u3000\xa0\t\u2002\u2003\u2004\u2005\u2006\u2007\u2009\u200a\u202f"},
    ord("℅"): "%", ord("﹪"): "%", ord("−"): "-", ord("‑"): "-", ord("‐"): "-",
    ord("⺠"): "民", ord("⻓"): "长", ord("⻅"): "见", ord("⻋"): "车", ord("⻛"): "风", ord("⻢"): "马", ord("⻩"): "黄",
}  # fmt: skip
_TABLE: Final = {**SIMPLIFIED, **_WIDTH}

_DIGITISH: Final = str.maketrans(dict.fromkeys("OoОо○〇Q", "0") | dict.fromkeys("lI|丨", "1"))
# A letter that stands for a digit: between digits, or at the edge of a number that something counted follows.
_COUNTED: Final = r"[%‰个亩元万亿户人名件家处吨公项座年月平张栋所辆头只株斤米床份套场次期台条口立度]"
_SLIPS: Final = re.compile(
    rf"(?<![A-Za-z\d])(?=[OoОоQlI|丨]*\d)(?=[\d.,OoОоQlI|丨○〇]*[OoОоQlI|丨○〇])[\dOoОоQlI|丨○〇][\dOoОоQlI|丨○〇.,]*(?=\s?{_COUNTED})"
)
_LONE_L: Final = re.compile(r"(?<=[\u4e00-\u9fff])l(?=\s?[所个座家处名户台条])")
_WRONG_DAY: Final = re.compile(r"(?<=[\d一二三四五六七八九十])曰")
_WRONG_ONE: Final = re.compile(r"(?<=\()\s*[—―ー–─-]\s*(?=\))|^\s*[—―ー–─-](?=、)")


def simple_fold(text: str) -> str:
    """Half-width forms, plain blanks and simplified characters only."""
    return text.translate(_TABLE)


def squeeze(text: str) -> str:
    """Without any blanks."""
    return "".join(text.split())


def narrow(text: str) -> str:
    """Half-width forms and plain blanks; characters stay traditional."""
    return text.translate(_WIDTH)


def fold(text: str) -> str:
    """`simple_fold`, and slips of recognition: 2O23年, l2万只, 6曰, （—）."""
    folded = simple_fold(text)
    if _SLIPS.search(folded):
        folded = _SLIPS.sub(lambda match: match[0].translate(_DIGITISH), folded)
    if "l" in folded:
        folded = _LONE_L.sub("1", folded)
    if "曰" in folded:
        folded = _WRONG_DAY.sub("日", folded)
    if _WRONG_ONE.search(folded):
        folded = _WRONG_ONE.sub(lambda match: re.sub(r"[—―ー–─-]", "一", match[0]), folded)
    return folded


def slips(text: str) -> list[tuple[int, int, str]]:
    """(start, end, as read) of what `fold` mended."""
    plain, mended = simple_fold(text), fold(text)
    if plain == mended:
        return []
    found: list[tuple[int, int, str]] = []
    for at, (a, b) in enumerate(zip(plain, mended, strict=True)):
        if a != b and found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1, found[-1][2] + b)
        elif a != b:
            found.append((at, at + 1, b))
    return found
