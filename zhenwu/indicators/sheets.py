"""The rows behind a figure as a sheet to take along."""

from io import BytesIO
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.indicators.figures import Trace
from zhenwu.indicators.tables import TraceLine, lines_of
from zhenwu.lib.sheets.writer import BookWriter, ColumnKind, SheetColumn
from zhenwu.packs.spec import Indicator

_CHUNK = 2000


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
        ("截至", figure.as_of.isoformat()), ("年度", str(figure.year)),
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
