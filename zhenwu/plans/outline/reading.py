"""The way from a file to its outline."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from zhenwu.plans.outline.errors import OutlineError
from zhenwu.plans.outline.figures import amounts_in
from zhenwu.plans.outline.lines import Line, lines_of
from zhenwu.plans.outline.model import Figure, Outline
from zhenwu.plans.outline.source import MAX_CHARACTERS, Paragraph, paragraphs_of, read_paragraphs
from zhenwu.plans.outline.tables import targets_in
from zhenwu.plans.outline.tree import build
from zhenwu.plans.outline.years import years_of


def read_outline(path: str | Path) -> Outline:
    """The outline of a txt, docx, doc or wps file. Raises OutlineError with a Chinese message."""
    path = Path(path)
    paragraphs = read_paragraphs(path)
    _check_length(paragraphs, path.name)
    outline = _outline(paragraphs)
    if outline is None:
        raise OutlineError(f"{path.name}：文件里没有文字。如果是扫描件，请先做文字识别。")
    return outline


def outline_of_text(text: str) -> Outline:
    """The outline of text pasted into a page. Raises OutlineError when there is none."""
    paragraphs = paragraphs_of(text)
    _check_length(paragraphs, "粘贴的内容")
    outline = _outline(paragraphs)
    if outline is None:
        raise OutlineError("粘贴的内容里没有文字。请把总结或计划的正文粘贴进来。")
    return outline


def _check_length(paragraphs: Sequence[Paragraph], name: str) -> None:
    """Bounds the work on what can't be a summary or plan."""
    length = sum(len(paragraph.text) for paragraph in paragraphs)
    if length > MAX_CHARACTERS:
        raise OutlineError(f"{name}：有 {length} 字，超过 {MAX_CHARACTERS} 字，不像总结或计划。请只保留正文后再试。")


def _outline(paragraphs: Sequence[Paragraph]) -> Outline | None:
    if not paragraphs:
        return None
    ready = lines_of(paragraphs)
    lines = ready.lines
    if not (lines or ready.noise):
        return None
    outline = build(lines)
    outline.noise, outline.repairs = ready.noise, ready.repairs
    outline.source = {paragraph.number: paragraph.text for paragraph in paragraphs}
    target_tables = set()
    for number, rows in _tables(lines).items():
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
    """Figures of all text and headings; a table of targets has its own place."""
    found = []
    for path, passage in outline.passages():
        if passage.table in target_tables and passage.table is not None:
            continue
        for amount in amounts_in(passage.text):
            place = passage.words[amount.start : amount.end].spans()
            span = (place[0].start, place[0].end)
            found.append(
                Figure(amount.text, amount.value, amount.unit, amount.qualifier, place[0].paragraph, span, path, place)
            )
    return found
