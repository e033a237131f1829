"""Markers of items: 一、 （一） 1. (1) ① 一是 首先 第一 —— and the like, at the start of a line or inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zhenwu.lib.numerals import chinese_to_int


class Kind(StrEnum):
    """What a marker looks like."""

    CHAPTER = "第一部分"
    JIE = "第一节"
    DUN = "一、"
    PAREN = "（一）"
    DOT = "1."
    MULTI = "1.1"
    DIGIT_PAREN = "(1)"
    CIRCLE = "①"
    LETTER = "a)"
    ROMAN = "Ⅰ、"
    SHI = "一是"
    YAO = "一要"
    ORDER = "首先"
    DI = "第一"
    DASH = "——"
    BULLET = "•"


# What stands higher in official numbering (GB/T 9704). Kinds without a rank go wherever they first appear.
RANK: Final = {Kind.DUN: 1, Kind.PAREN: 2, Kind.DOT: 3, Kind.DIGIT_PAREN: 4, Kind.CIRCLE: 5}


@dataclass(frozen=True, slots=True)
class Marker:
    """`start` and `end` are places in the paragraph; the item's text begins at `end`. `number` is None where none is told."""

    kind: Kind
    number: int | None
    start: int
    end: int


_CN: Final = "[一二三四五六七八九十]{1,3}"
_LAST: Final = 99  # 最后 closes a series of any length

_MEASURES: Final = "[万亿千百]|公里|公顷|公斤|米|亩|元|吨|平方|立方|%|倍|个百分点"

_LINE: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(rf"\s*(?:{pattern})\s*"))
    for kind, pattern in (
        (Kind.CHAPTER, rf"第({_CN})(?:部分|章|篇)[:、]?"),
        (Kind.JIE, rf"第({_CN})节[:、]?"),
        (Kind.DUN, rf"({_CN})\s?[、.]"),
        (Kind.SHI, rf"\(?({_CN})\)?是"),
        (Kind.PAREN, rf"[(<〈〔【\[]\s*({_CN})\s*[、.]?[)>〉〕】\]]\s?[、.]?|([㈠-㈩])[、.]?"),
        (Kind.YAO, rf"({_CN})要(?=[^点求素])"),
        (Kind.MULTI, rf"\d{{1,2}}(?:\.\d{{1,2}}){{2,3}}(?![\d.])|\d{{1,2}}\.\d{{1,2}}\s+(?=[^\s\d.])(?!{_MEASURES})"),
        (Kind.DOT, r"(\d{1,2})[.、](?![\d.])|([⒈-⒛])"),
        (Kind.DIGIT_PAREN, r"\(?\s*(\d{1,2})\s*\)[、.]?|([⑴-⒇])"),
        (Kind.CIRCLE, r"([①-⑳])[、.]?"),
        (Kind.ROMAN, r"([Ⅰ-Ⅹ])[、.]"),
        (Kind.LETTER, r"\(?[A-Za-z]\)|[A-Ha-h][.、](?=[^\x00-\x7f])"),
        (Kind.ORDER, r"(首先|其次|再次|最后)[,、:是要]"),
        (Kind.DI, rf"第({_CN})(?:[,、:]|是)|其([一二三四五六七八九])[,、:是]"),
        (Kind.DASH, r"(?:[—―─]{1,2}|–{1,2}|-{2})(?=[^\s—―─–-])"),
        (Kind.BULLET, r"[•●■◆★▲○◇□►▪·※√➢-](?=\s*[^\s\d.-])"),
    )
)
# Inside a paragraph a marker counts only behind a stop, and only as one of a series that begins with its first number.
_STOP: Final = r"(?:(?<=[。;:!?,、)）”\s])|(?<=^))"
_INLINE: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (Kind.SHI, re.compile(rf"{_STOP}\(?({_CN})\)?是\s*")),
    (Kind.YAO, re.compile(rf"{_STOP}({_CN})要(?=[^点求素])\s*")),
    (Kind.ORDER, re.compile(rf"{_STOP}(首先|其次|再次|最后)[,、:是要]\s*")),
    (Kind.DI, re.compile(rf"{_STOP}第({_CN})(?:[,、:]|是)\s*|{_STOP}其([一二三四五六七八九])[,、:是]\s*")),
    (Kind.PAREN, re.compile(rf"(?:(?<=[。;:])|(?<=^))\s*\(({_CN})\)(?!是)\s*")),
    (Kind.DOT, re.compile(r"(?:(?<=[。;:])|(?<=^))\s*(\d{1,2})[.、](?!\d)\s*")),
    (Kind.DIGIT_PAREN, re.compile(r"(?:(?<=[。;:,])|(?<=^))\s*\(?(\d{1,2})\)\s*|([⑴-⒇])")),
    (Kind.CIRCLE, re.compile(r"([①-⑳])\s*")),
)
# 1.9个社区: a thing that can't be cut tells that the first number is a marker.
_WHOLE_THINGS: Final = "[个户人名家件项座所栋台辆条处次]"
_GLUED: Final = re.compile(
    rf"\s*(\d{{1,2}})\.(?=\d+(?:余|多)?{_WHOLE_THINGS}(?!百分点)|\d+\.\d+\s*(?:{_MEASURES}))"  # 2.1.5公里: two points
)


def line_marker(folded: str, printed_number: int = 0) -> Marker | None:
    """The marker at the start of a paragraph. `printed_number`: length of an automatic number, which is surely one."""
    if printed_number:
        number = folded[:printed_number]
        found = _match_line(number + "某") or Marker(Kind.BULLET, None, 0, printed_number)
        kind = Kind.MULTI if re.match(r"\d+\.\d", number) else found.kind
        return Marker(kind, found.number, 0, printed_number)
    if match := _GLUED.match(folded):
        return Marker(Kind.DOT, int(match[1]), match.start(1), match.end())
    return _match_line(folded)


def _match_line(folded: str) -> Marker | None:
    for kind, pattern in _LINE:
        if match := pattern.match(folded):
            start = len(folded) - len(folded.lstrip())
            return Marker(kind, _number(match), start, match.end())
    return None


def _number(match: re.Match[str]) -> int | None:
    printed = next((group for group in match.groups() if group), None)
    if printed is None:
        return None
    if printed in ("首先", "其次", "再次", "最后"):
        return {"首先": 1, "其次": 2, "再次": 3, "最后": _LAST}[printed]
    for first, last in ("①⑳", "⑴⒇", "⒈⒛", "㈠㈩", "ⅠⅩ"):
        if first <= printed <= last:
            return ord(printed) - ord(first) + 1
    if printed.isascii() and printed.isdigit():
        return int(printed)
    try:
        return chinese_to_int(printed)
    except ValueError:  # 一二三 run together: it counts nothing
        return None


def inline_series(folded: str, start: int, end: int, following: Marker | None = None) -> list[Marker]:
    """The outermost series of markers in folded[start:end]: the one whose first member comes first. [] when there is none.

    One member is enough where the next line goes on with the second (`following`).
    """
    text = folded[start:end]  # begins like a line: what stands before it is a heading or a marker, cut off already
    best: list[Marker] = []
    for kind, pattern in _INLINE:
        found = (Marker(kind, _number(m), start + m.start(), start + m.end()) for m in pattern.finditer(text))
        series = _in_order(found)
        goes_on = bool(
            series and following and following.kind is kind and following.number == (series[-1].number or 0) + 1
        )
        if (len(series) > 1 or goes_on) and (not best or series[0].start < best[0].start):
            best = series
    return best


def members_after(folded: str, marker: Marker) -> list[Marker]:
    """The further members of a series in the line that begins with this one: 二是… 三是…"""
    pattern = next((pattern for kind, pattern in _INLINE if kind is marker.kind), None)
    if pattern is None or not marker.number:
        return []
    text = folded[marker.end :]
    found = (
        Marker(marker.kind, _number(m), marker.end + m.start(), marker.end + m.end()) for m in pattern.finditer(text)
    )
    return _in_order((one for one in found if one.start > marker.end), marker.number + 1)


def _in_order(found: Iterator[Marker], first: int = 1) -> list[Marker]:
    """The members that count on from `first`; a second series in the same paragraph goes on in the same list."""
    series: list[Marker] = []
    for marker in found:
        expected = series[-1].number + 1 if series and series[-1].number else first
        if marker.number == 1 and len(series) == 1:
            series = [marker]
        elif marker.number in (1, expected) or (series and marker.number == _LAST):
            series.append(marker)
    return series
