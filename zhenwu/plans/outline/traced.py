"""Text that knows where each of its characters stood in the file, however it was cut, joined and mended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Piece(NamedTuple):
    """From `at` in the text on, characters stood in `paragraph` of the file, from `column` on."""

    at: int
    paragraph: int
    column: int


class Span(NamedTuple):
    """A stretch of the file: characters start to end (excluded) of a paragraph."""

    paragraph: int
    start: int
    end: int


class Worded:
    """What is made of words of the file: their text, and the paragraph in which they begin."""

    __slots__ = ()
    words: Traced

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def paragraph(self) -> int:
        return self.words.place(0)[0]


@dataclass(frozen=True, slots=True)
class Traced:
    """`pieces` are in order of `at`; the first begins at 0."""

    text: str
    pieces: tuple[Piece, ...]

    @classmethod
    def whole(cls, text: str, paragraph: int) -> Traced:
        return cls(text, (Piece(0, paragraph, 0),))

    def __bool__(self) -> bool:
        return bool(self.text.strip())

    def __len__(self) -> int:
        return len(self.text)

    def __add__(self, other: Traced) -> Traced:
        return joined((self, other))

    def __getitem__(self, part: slice) -> Traced:
        start, end, _ = part.indices(len(self.text))
        first = max(bisect_right(self.pieces, start, key=lambda piece: piece.at) - 1, 0)
        kept: list[Piece] = []
        for piece in self.pieces[first:]:
            if piece.at >= end and kept:
                break
            skipped = max(start - piece.at, 0)
            kept.append(Piece(max(piece.at - start, 0), piece.paragraph, piece.column + skipped))
        return Traced(self.text[start:end], tuple(kept))

    def strip(self) -> Traced:
        left = len(self.text) - len(self.text.lstrip())
        return self[left : max(len(self.text.rstrip()), left)]

    def without(self, spans: Sequence[tuple[int, int]]) -> Traced:
        """The text with these stretches (in order, apart) taken out."""
        return self.edited([(start, end, "") for start, end in spans])

    def edited(self, edits: Sequence[tuple[int, int, str]]) -> Traced:
        """The text with stretches replaced; a replacement stands where the first of its characters stood."""
        parts, at = [], 0
        for start, end, new in edits:
            parts += [self[at:start], Traced(new, (Piece(0, *self.place(start)),))]
            at = end
        parts.append(self[at:])
        said = [part for part in parts if part.text]
        return joined(said) if said else Traced("", self.pieces[:1])

    def place(self, at: int) -> tuple[int, int]:
        """(paragraph, column) in the file of the character at `at`."""
        piece = self.pieces[max(bisect_right(self.pieces, at, key=lambda one: one.at) - 1, 0)]
        return piece.paragraph, piece.column + at - piece.at

    def spans(self) -> tuple[Span, ...]:
        """Where the text stands in the file; stretches that touch are one, so is what lies around something cut out."""
        found: list[Span] = []
        ends = [*(piece.at for piece in self.pieces[1:]), len(self.text)]
        for piece, end in zip(self.pieces, ends, strict=True):
            span = Span(piece.paragraph, piece.column, piece.column + end - piece.at)
            if found and found[-1].paragraph == span.paragraph and span.start >= found[-1].start:
                found[-1] = found[-1]._replace(end=max(span.end, found[-1].end))
            else:
                found.append(span)
        return tuple(found)


def joined(parts: Iterable[Traced]) -> Traced:
    """All parts as one text. At least one part."""
    text: list[str] = []
    pieces: list[Piece] = []
    length = 0
    for part in parts:
        pieces.extend(piece._replace(at=piece.at + length) for piece in part.pieces)
        text.append(part.text)
        length += len(part.text)
    return Traced("".join(text), tuple(pieces))
