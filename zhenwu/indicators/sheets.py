"""Figures as sheets to take along: all of them with their definitions, or one with the rows behind it."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.figures import Trace
from zhenwu.indicators.listing import Line, OfLedger
from zhenwu.indicators.questions import SPAN_LABELS
from zhenwu.indicators.tables import TraceLine, lines_of
from zhenwu.lib.sheets.writer import BookWriter, ColumnKind, SheetColumn
from zhenwu.packs.spec import LINE_LABELS, Indicator

_CHUNK = 2000


def index_book(groups: Sequence[OfLedger], as_of: date) -> bytes:
    """A number is a number in the sheet; one that is hidden, or unknown, is said in words."""
    columns = [
        SheetColumn("条线", width=12), SheetColumn("台账", width=18), SheetColumn("指标", width=26), SheetColumn("数值", "decimal"),
        SheetColumn("单位", width=8), SheetColumn("说明", width=14), SheetColumn("上年同期", "decimal"), SheetColumn("同比", width=20),
        SheetColumn("截至", "date"), SheetColumn("统计", width=10), SheetColumn("口径", width=70), SheetColumn("代码", width=18),
    ]  # fmt: skip
    target = BytesIO()
    with BookWriter(target) as book:
        rows = (_index_cells(group, one) for group in groups for one in group.figures)
        book.add_sheet("数字", columns, rows, heading=f"数字一览（截至{as_of.isoformat()}）")
    return target.getvalue()


def _index_cells(group: OfLedger, one: Line) -> list[Any]:
    said, before = one.compared, one.compared and one.compared.before
    note = one.part["text"] if one.is_hidden else "没有数" if one.figure.value is None else ""
    return [
        LINE_LABELS[group.line], group.label, one.spec.label, None if one.is_hidden else one.figure.value, one.spec.unit, note,
        before and before.value, said.growth.text if said else "", one.figure.as_of,
        SPAN_LABELS[one.spec.kind], one.spec.definition, one.spec.code,
    ]  # fmt: skip


def trace_book(user: User, found: Trace, spec: Indicator, *, value_text: str, is_few: bool = False) -> bytes:
    """Two sheets: what the figure is, and its rows as far as the user may see them."""
    has_den = spec.has_den
    kind: ColumnKind = "text" if spec.agg == "distinct" else "decimal"
    columns = [
        SheetColumn("台账", width=18), SheetColumn("编号", width=18), SheetColumn("名称", width=30),
        SheetColumn("村（社区）", width=14), SheetColumn("日期", "date"), SheetColumn("分类", width=12),
        SheetColumn("分子" if has_den else "计入数", kind),
        *([SheetColumn("分母", "decimal")] if has_den else []),
    ]  # fmt: skip
    figure = found.figure
    facts: list[tuple[str, Any]] = [
        ("指标", figure.label), ("数值", value_text), ("单位", figure.unit), ("口径", figure.definition),
        ("统计期", figure.period.label if figure.period else f"{figure.year}年"), ("截至", figure.as_of.isoformat()),
        ("区划", "按当时区划" if figure.boundary == "was" else "按现行区划"), ("本表行数", str(len(found.rows))),
        ("摘要", figure.digest),
    ]  # fmt: skip
    if value_text == figure.text and not is_few:  # of a small cell the count would tell what the value hides
        facts.append(("不在查看范围内的行数", str(found.hidden)))
    target = BytesIO()
    with BookWriter(target) as book:
        book.add_sheet(
            "说明", [SheetColumn("项目", width=22), SheetColumn("内容", width=80)], facts, heading=figure.label
        )
        book.add_sheet("明细", columns, (_cells(line, has_den) for line in _lines(user, found)))
    return target.getvalue()


def _lines(user: User, found: Trace) -> Any:
    for start in range(0, len(found.rows), _CHUNK):
        yield from lines_of(user, found.rows[start : start + _CHUNK], found.figure.as_of)


def _cells(line: TraceLine, has_den: bool) -> list[Any]:
    cells = [line.ledger, line.no, line.title, line.place, line.day, line.part, line.num]
    return [*cells, line.den] if has_den else cells
