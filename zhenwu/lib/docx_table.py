"""How wide the columns of an official table are, and how each is set.

Widths are counted in half-width characters: a Chinese character is 2, a digit 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[!-~]+")  # what a line break must not split: numbers, codes, Latin words
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?|—|-|")
_SCRIPT_CHANGE = re.compile(r"(?<=[⺀-鿿])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[⺀-鿿])")
_TWO_CHARACTERS = 4
_LONGEST_KEPT_WHOLE = 20  # holds an ID or an account number; a digest may be broken
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """`widths` are twips and sum to the given width; `half_points` is the size of the text in the cells."""

    widths: list[int]
    aligns: list[str]
    half_points: int


def text_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def lay_out(rows: Sequence[Sequence[str]], header_rows: int, *, width: int, margin: int) -> Layout:
    """Fit the columns of `rows` (all of one length) into `width`; `margin` is kept free on both sides of a cell.

    The text is 小四; where unbreakable words do not fit it becomes 五号, then 小五. What does not fit even then
    is broken inside words by the word processor: nothing is ever cut off.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    natural = [max(_widest_line(cell) for cell in column) for column in columns]
    least = [
        max(min(need, _TWO_CHARACTERS), *map(_longest_word, column), 1)
        for column, need in zip(columns, natural, strict=True)
    ]
    room = width - len(columns) * (2 * margin + 20)
    for half_points in (24, 21, 18):
        unit = half_points * 5  # one half-width character, in twips
        if sum(least) * unit <= room:
            break
    shares = _shares([need * unit for need in natural], [need * unit for need in least], room)
    widths = [share + 2 * margin + 20 for share in shares]
    widths[-1] += width - sum(widths)
    return Layout(widths, [_align(column[header_rows:]) for column in columns], half_points)


def _widest_line(cell: str) -> int:
    return max(_line_width(line) for line in cell.splitlines() or [""])


def _line_width(line: str) -> int:
    """LibreOffice leaves a gap where Chinese and Latin meet, whatever the style says."""
    return text_width(line) + len(_SCRIPT_CHANGE.findall(line))


def _longest_word(cell: str) -> int:
    return min(_LONGEST_KEPT_WHOLE, max(map(len, _WORD.findall(cell)), default=0))


def _align(cells: Sequence[str]) -> str:
    if cells and all(_NUMBER.fullmatch(cell.strip()) for cell in cells):
        return "right"
    return "center" if all(_widest_line(cell) <= _SHORT for cell in cells) else "left"


def _shares(natural: list[int], least: list[int], room: int) -> list[int]:
    """Short columns get what they need, the long ones share the rest evenly; never below `least` while it fits."""
    if sum(least) >= room:
        return [need * room // sum(least) for need in least]
    shares = [0] * len(natural)
    unsettled = set(range(len(natural)))
    while unsettled:
        level = room // len(unsettled)
        settled = {at: least[at] for at in unsettled if least[at] > level}
        settled = settled or {at: natural[at] for at in unsettled if natural[at] <= level}
        settled = settled or dict.fromkeys(unsettled, level)
        for at, share in settled.items():
            shares[at] = share
        unsettled -= settled.keys()
        room -= sum(settled.values())
    return [share + room // len(shares) for share in shares]
