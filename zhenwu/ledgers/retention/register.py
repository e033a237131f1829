"""The order as a book to be signed and kept: it names rows by their number and never says what stood in them."""

from datetime import datetime
from pathlib import Path
from typing import IO

from django.utils import timezone

from zhenwu.ledgers.models import ErasureOrder
from zhenwu.ledgers.retention.due import counted_from
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs.runtime import Ledger

_ROWS = [
    SheetColumn("序号", "integer", width=8), SheetColumn("编号", width=20), SheetColumn("年度", "integer", width=10),
    SheetColumn("保管期限（年）", "integer", width=16), SheetColumn("结果", width=12),
]  # fmt: skip
_SAID = [SheetColumn("项目", width=20), SheetColumn("内容", width=70)]


def facts(order: ErasureOrder, ledger: Ledger) -> list[tuple[str, str]]:
    """What the order says of itself, for the page and the book."""
    years = "、".join(f"{year}年" for year in order.years)
    found = [
        ("清册编号", order.no), ("台账", ledger.label), ("年度", years), ("条数", f"{order.count:,}"),
        ("保管期限", f"{ledger.spec.retention_years}年，从{counted_from(ledger)}的次年1月1日起算"),
        ("依据和原因", order.reason), ("提出", f"{order.proposed_by} {_moment(order.proposed_at)}"),
    ]  # fmt: skip
    if order.decided_by:
        agreed = "不同意" if order.state == ErasureOrder.State.REFUSED else "同意"
        found.append(("审批", f"{order.decided_by} {_moment(order.decided_at)} {agreed} {order.decision}".strip()))
    if order.erased_at:
        kept = f"，{order.kept:,}条因情况有变保留" if order.kept else ""
        found.append(("销毁", f"{_moment(order.erased_at)} 清除{order.erased:,}条{kept}"))
    if order.keys_destroyed_at:
        found.append(("旧密钥", f"{_moment(order.keys_destroyed_at)} 已销毁"))
    if order.backups_by:
        found.append(("旧备份", f"{order.backups}（{order.backups_by} {_moment(order.backups_at)}）"))
    return found


def write_register(order: ErasureOrder, ledger: Ledger, target: Path | IO[bytes]) -> None:
    items = order.items.order_by("year", "no").values_list("no", "year", "outcome")
    labels = {"": "", "erased": "已清除", "kept": "保留"}
    rows = (
        [at, no, year, ledger.spec.retention_years, labels[outcome]]
        for at, (no, year, outcome) in enumerate(items.iterator(chunk_size=5000), 1)
    )
    signed = [("经办人签字", ""), ("审批人签字", ""), ("监销人签字（两人）", ""), ("日期", "")]
    with BookWriter(target, constant_memory=True) as book:
        book.add_sheet("清册", _ROWS, rows, heading=f"{ledger.label}销毁清册（{order.no}）")
        book.add_sheet("审批", _SAID, [*facts(order, ledger), *signed])


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
