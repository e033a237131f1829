"""The way from a file to its outline."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from zhenwu.plans.outline.errors import OutlineError
from zhenwu.plans.outline.figures import amounts_in
from zhenwu.plans.outline.headings import years_of
from zhenwu.plans.outline.lines import Line, lines_of
from zhenwu.plans.outline.model import Figure, Outline
from zhenwu.plans.outline.source import Paragraph, paragraphs_of, read_paragraphs
from zhenwu.plans.outline.tables import targets_in
from zhenwu.plans.outline.tree import build


def read_outline(path: str | Path) -> Outline:
    """The outline of a txt, docx, doc or wps file. Raises OutlineError with a Chinese message."""
    path = Path(path)
    outline = _outline(read_paragraphs(path))
    if outline is None:
        raise OutlineError(f"{path.name}：文件里没有文字。如果是扫描件，请先做文字识别。")
    return outline


def outline_of_text(text: str) -> Outline:
    """The outline of text pasted into a page. Raises OutlineError when there is none."""
    outline = _outline(paragraphs_of(text))
    if outline is None:
        raise OutlineError("粘贴的内容里没有文字。请把总结或计划的正文粘贴进来。")
    return outline


def _outline(paragraphs: Sequence[Paragraph]) -> Outline | None:
    if not paragraphs:
        return None
    lines, noise = lines_of(paragraphs)
    outline = build(lines)
    outline.noise = noise
    tables = _tables(lines)
    target_tables = set()
    for number, rows in tables.items():
        if targets := targets_in(rows):
            outline.targets += targets
            target_tables.add(number)
    texts = [line.folded for line in lines]
    outline.year_summary, outline.year_plan = years_of(outline.title, outline.parts, texts)
    outline.figures = _figures(outline, target_tables)
    return outline


def _tables(lines: Sequence[Line]) -> dict[int, list[Line]]:
    rows = [line for line in lines if line.table is not None]
    return {number: list(group) for number, group in groupby(rows, key=lambda line: line.table or 0)}


def _figures(outline: Outline, target_tables: set[int]) -> list[Figure]:
    """Figures of all text below headings; a table of targets has its own place."""
    found = []
    for path, passage in outline.passages():
        if passage.table in target_tables and passage.table is not None:
            continue
        for amount in amounts_in(passage.text):
            span = (passage.start + amount.start, passage.start + amount.end)
            found.append(
                Figure(amount.text, amount.value, amount.unit, amount.qualifier, passage.paragraph, span, path)
            )
    return found
