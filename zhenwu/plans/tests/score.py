"""How well the reader does on the documents of this folder, each against what a person marked in it.

python -m zhenwu.plans.tests.score [NAME…] [-v]
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhenwu.plans.outline import Outline, outline_of_text, read_outline
from zhenwu.plans.outline.model import Point
from zhenwu.plans.tests.annotated import Annotated, documents, read_annotated, squeeze
from zhenwu.plans.tests.make_docx import annotated_docx


@dataclass
class Match:
    """What was wanted against what was found."""

    hit: int
    missed: list[Any] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)

    @property
    def recall(self) -> float:
        wanted = self.hit + len(self.missed)
        return self.hit / wanted if wanted else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.hit + len(self.missed) + len(self.extra)
        return 2 * self.hit / total if total else 1.0


@dataclass
class Score:
    name: str
    title: bool
    years: bool
    parts: Match
    sections: Match
    points: Match
    figures: Match
    qualifiers: Match
    noise_missed: list[str]
    noise_in_tree: list[str]
    taken_for_noise: list[str]
    invented: list[str]

    @property
    def all_headings(self) -> bool:
        return not (self.parts.missed or self.sections.missed)

    @property
    def is_perfect(self) -> bool:
        matches = (self.parts, self.sections, self.points, self.figures, self.qualifiers)
        lists = (self.noise_missed, self.noise_in_tree, self.taken_for_noise)
        return self.title and self.years and not any(lists) and all(m.f1 == 1 for m in matches)


def outline_of(document: Annotated) -> Outline:
    if not document.is_docx:
        return outline_of_text(document.text)
    with tempfile.TemporaryDirectory() as folder:
        return read_outline(annotated_docx(document.text, Path(folder, "document.docx")))


def score(document: Annotated, outline: Outline) -> Score:
    found_figures = [(f.text, Decimal(f.value), f.unit, f.qualifier) for f in outline.figures]
    wanted_figures = [(f.text, f.value, f.unit, f.qualifier) for f in document.figures]
    points = [squeeze(point.text) for part in outline.parts for section in part.sections for point in section.points]
    noise = [squeeze(one.text) for one in outline.noise]
    cleaned = [squeeze(one.words.text) for one in outline.repairs if not one.read]
    tree = squeeze("\n".join(_tree_texts(outline)))
    wanted_noise = [squeeze(line) for line in document.noise]
    printed = squeeze(document.clean)
    return Score(
        document.name,
        squeeze(outline.title) == squeeze(document.head["title"]),
        (outline.year_summary, outline.year_plan) == document.years,
        _match(document.parts, [(part.kind, squeeze(part.heading)) for part in outline.parts]),
        _match(document.sections, [squeeze(s.heading) for part in outline.parts for s in part.sections if s.heading]),
        _points(document.points, points),
        _match([one[1:3] for one in wanted_figures], [one[1:3] for one in found_figures]),
        _match([one[1:] for one in wanted_figures], [one[1:] for one in found_figures]),
        [line for line in wanted_noise if not any(line in one or one in line for one in noise + cleaned)],
        [line for line in wanted_noise if len(line) >= 6 and line in tree],
        [one for one in noise if not any(one in line or line in one for line in wanted_noise)],
        [text for text, *_ in found_figures if squeeze(text) not in printed],
    )


def _match(wanted: Sequence[Hashable], found: Iterable[Hashable]) -> Match:
    left, more = Counter(wanted), Counter(found)
    hit = sum((left & more).values())
    return Match(hit, list((left - more).elements()), list((more - left).elements()))


def _points(wanted: Sequence[str], found: Sequence[str]) -> Match:
    """A found point is one that begins like a wanted one, in the same order."""
    left, extra, hit = list(wanted), [], 0
    for text in found:
        begin = text[:12].rstrip("。；;：:，")
        at = next((at for at, one in enumerate(left) if len(begin) > 2 and one.startswith(begin)), None)
        if at is None:
            extra.append(text[:16])
        else:
            hit += 1
            del left[at]
    return Match(hit, left, extra)


def _tree_texts(outline: Outline) -> Iterable[str]:
    yield outline.title
    yield from (passage.text for passage in [*outline.preamble, *outline.closing])
    for part in outline.parts:
        yield part.heading
        yield from (passage.text for passage in part.body)
        for section in part.sections:
            yield section.heading
            yield from (passage.text for passage in section.body)
            for point in section.points:
                yield from _point_texts(point)


def _point_texts(point: Point) -> Iterable[str]:
    yield point.text
    yield from (passage.text for passage in point.body)
    for child in point.points:
        yield from _point_texts(child)


def score_all(names: Sequence[str] = ()) -> list[Score]:
    chosen = [path for path in documents() if not names or any(path.stem.startswith(name) for name in names)]
    return [score(document, outline_of(document)) for document in map(read_annotated, chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of the documents' names")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what was missed and what was too much")
    said = parser.parse_args()
    scores = score_all(said.names)
    print("document  title years  parts sections points figures qualifiers  noise: missed in-tree taken  invented")
    for one in scores:
        rates = (one.parts.recall, one.sections.recall, one.points.f1, one.figures.f1, one.qualifiers.f1)
        shown = " ".join(f"{rate:7.3f}" for rate in rates)
        counts = (
            f"{len(one.noise_missed):5} {len(one.noise_in_tree):5} {len(one.taken_for_noise):5} {len(one.invented):5}"
        )
        print(f"{one.name:9} {'yes' if one.title else 'NO':5} {'yes' if one.years else 'NO':4} {shown} {counts}")
        if said.verbose:
            _tell(one)
    print(summary(scores))


def _tell(one: Score) -> None:
    for label in ("parts", "sections", "points", "qualifiers"):
        match: Match = getattr(one, label)
        for sign, items in (("-", match.missed), ("+", match.extra)):
            for item in items:
                print(f"    {sign} {label}: {_short(item)}")
    for label in ("noise_missed", "noise_in_tree", "taken_for_noise", "invented"):
        for item in getattr(one, label):
            print(f"    ! {label}: {item[:70]}")


def _short(item: Any) -> str:
    return " ".join(str(piece) for piece in item) if isinstance(item, tuple) else str(item)


def summary(scores: Sequence[Score]) -> str:
    def total(label: str) -> float:
        matches: list[Match] = [getattr(one, label) for one in scores]
        hit, missed = sum(m.hit for m in matches), sum(len(m.missed) for m in matches)
        extra = sum(len(m.extra) for m in matches)
        return 2 * hit / max(2 * hit + missed + extra, 1)

    whole = sum(one.all_headings for one in scores)
    perfect = sum(one.is_perfect for one in scores)
    leaked = sum(len(one.noise_in_tree) for one in scores)
    invented = sum(len(one.figures.extra) for one in scores)
    return (
        f"{len(scores)} documents: all headings on {whole}, F1 parts {total('parts'):.3f} sections {total('sections'):.3f} "
        f"points {total('points'):.3f} figures {total('figures'):.3f} with qualifier {total('qualifiers'):.3f}; "
        f"noise lines in a tree {leaked}, figures too much {invented}; without any fault {perfect}"
    )


if __name__ == "__main__":
    main()
