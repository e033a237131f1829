"""The 问题整改台账 as a file to print: xlsx, or docx in the official layout."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

from django.utils import timezone

from zhenwu.checks.problems import Problem
from zhenwu.lib.docx_write import Block, DocMeta, Run, official_bytes
from zhenwu.lib.sheets import XLSX
from zhenwu.lib.sheets.writer import BookWriter, SheetColumn

MIMES = {"xlsx": XLSX, "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
MOST = {"xlsx": 50_000, "docx": 2_000}
_COLUMNS = (
    SheetColumn("序号", "integer", width=6), SheetColumn("来源", width=16), SheetColumn("级别", width=6),
    SheetColumn("问题", width=28), SheetColumn("具体情况", width=48), SheetColumn("村（社区）", width=12),
    SheetColumn("责任单位", width=12), SheetColumn("责任人", width=10), SheetColumn("整改措施", width=36),
    SheetColumn("发现日期", "date", width=12), SheetColumn("整改时限", "date", width=12), SheetColumn("整改进展", width=16),
    SheetColumn("完成情况", width=10), SheetColumn("销号日期", "date", width=12),
)  # fmt: skip


def register_file(problems: Sequence[Problem], kind: str, *, title: str, on: date, by: Any) -> IO[bytes]:
    if kind == "docx":
        return io.BytesIO(_docx(problems, title, on, by))
    file = io.BytesIO()
    with BookWriter(file) as book:
        book.add_sheet(
            title, _COLUMNS, (_row(n, one) for n, one in enumerate(problems, 1)), heading=f"{title}（截至{on}）"
        )
    file.seek(0)
    return file


def _row(number: int, one: Problem) -> tuple[Any, ...]:
    return (
        number, one.source, one.severity_label, one.title, one.message, one.place, one.unit, one.owner, one.measures,
        one.found_on, one.due_on, one.status, _done(one), one.closed_on,
    )  # fmt: skip


def _done(one: Problem) -> str:
    if one.closed_on is not None or one.tone == "good":
        return f"逾期{one.late_days}天完成" if one.late_days else "已完成"
    return f"逾期{one.late_days}天" if one.is_late else "正在推进"


def _docx(problems: Sequence[Problem], title: str, on: date, by: Any) -> bytes:
    head = ("序号", "来源", "问题", "责任单位", "整改措施", "整改时限", "完成情况")
    rows = [head] + [
        (str(n), one.source, f"{one.message}（{one.place}）", "、".join(part for part in (one.unit, one.owner) if part),
         one.measures or "—", f"{one.due_on:%Y-%m-%d}" if one.due_on else "—", _done(one))
        for n, one in enumerate(problems, 1)
    ]  # fmt: skip
    late = sum(one.is_late for one in problems)
    done = sum(one.tone == "good" for one in problems)
    said = f"截至{on.year}年{on.month}月{on.day}日，列入本台账的问题{len(problems)}个，已销号{done}个，"
    said += f"未销号{len(problems) - done}个，其中逾期{late}个。"
    blocks = [Block("title", [Run(title)]), Block("body", [Run(said)])]
    if problems:
        blocks.append(Block("table", table=rows))
    now = timezone.localtime()
    return official_bytes(
        blocks, meta=DocMeta(title, str(by), title, datetime(now.year, now.month, now.day, tzinfo=now.tzinfo))
    )
