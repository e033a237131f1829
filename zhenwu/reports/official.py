"""A report as an official document: every figure leads to its row in the appendix, and every row back to the text."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from zhenwu.lib.docx_blocks import Block, Cell, DocMeta, Kind, Run
from zhenwu.reports.draft import official_day
from zhenwu.reports.models import Report
from zhenwu.reports.tree import Cited, Comparison, Line

APPENDIX = "数据来源表"
COMPARISON = "分村数据对照表"
_HEAD = ["序号", "指标和代码", "数值", "口径", "明细行数", "来源台账"]
_KIND: dict[str, Kind] = {"body": "body", "h1": "h1", "h2": "h2"}


def blocks_of(report: Report) -> list[Block]:
    numbers = {code: number for number, code in enumerate(report.tree.figures, 1)}
    blocks = [Block("title", [Run(report.title)])]
    if not report.is_frozen:
        blocks.append(Block("subtitle", [Run("（草稿）")]))
    used: set[str] = set()
    blocks += [Block(_KIND[line.level], list(_runs(line, numbers, used))) for line in report.tree.lines()]
    table = report.tree.comparison
    blocks += [
        Block("attachment", [Run(f"附件：1.{APPENDIX}" if table else f"附件：{APPENDIX}")]),
        *([Block("attachment", [Run(f"2.{COMPARISON}")])] if table else []),
        Block("signature", [Run(report.issuer)]),
        Block("date", [Run(official_day(signed_on(report)))]),
        Block("appendix", [Run("附件1" if table else "附件")]),
        Block("title", [Run(APPENDIX)]),
        Block("table", [], [[*_HEAD], *(_row(one, numbers[one.code]) for one in report.tree.figures.values())]),
        Block(
            "note",
            [
                Run(
                    f"注：数据截至{official_day(report.as_of)}。在镇务通“数字”页按指标代码查找，可逐行打开明细；点序号回到正文。"
                )
            ],
        ),
    ]
    return blocks + (_comparison(table) if table else [])


def _comparison(table: Comparison) -> list[Block]:
    rows: list[list[Cell]] = [[f"　{name}" if inner else name, *cells] for name, inner, cells in table.rows]
    return [
        Block("appendix", [Run("附件2")]),
        Block("title", [Run(COMPARISON)]),
        Block("table", [], [["村（社区）", *table.heads], *rows]),
        Block("note", [Run(f"注：{table.said}")]),
    ]


def meta_of(report: Report) -> DocMeta:
    return DocMeta(report.title, report.issuer, f"数据截至{official_day(report.as_of)}", report.created_at)


def signed_on(report: Report) -> date:
    """The day it was signed off; of a draft, the day it was written."""
    return timezone.localdate(report.frozen_at or report.created_at)


def _runs(line: Line, numbers: dict[str, int], used: set[str]) -> Iterator[Run]:
    for one in line.segments:
        if isinstance(one, str):
            yield Run(one)
            continue
        number = numbers[one.code]
        # a bookmark stands once: at the first use
        yield Run(one.text, link=f"#row_{number}", bookmark=None if one.code in used else f"text_{number}")
        used.add(one.code)


def _row(one: Cited, number: int) -> list[Cell]:
    return [
        Run(str(number), link=f"#text_{number}", bookmark=f"row_{number}"),
        f"{one.label}\n{one.code}",  # in one cell: a code does not break, and would take the room of the words
        one.with_unit,
        one.definition,
        one.rows_text,
        "、".join(one.ledgers),
    ]
