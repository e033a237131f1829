"""`audit verify`: recompute every chain, and compare every row with the newest version that history holds."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from zhenwu.changes.actions import Break, verify_chain
from zhenwu.changes.models import ChainHead, History
from zhenwu.ledgers.snapshot import canonical_of
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_BATCH = 2000


def verify(ledger: str) -> Iterator[Break]:
    """Every place in one ledger where rows or history were altered behind the platform's back."""
    yield from verify_chain(ledger)
    if ledger in runtime.ledgers():
        yield from _rows(runtime.ledger(ledger))


def audited_ledgers() -> list[str]:
    return sorted(ChainHead.objects.values_list("ledger", flat=True))


def _rows(ledger: Ledger) -> Iterator[Break]:
    newest: dict[uuid.UUID, tuple[int, str]] = {}
    versions = History.objects.filter(ledger=ledger.code).order_by("seq").values_list("row", "version", "values")
    for row, version, values in versions.iterator(chunk_size=_BATCH):
        newest[row] = (version, values)
    rows: Any = ledger.model._default_manager.order_by("pk")
    for stored in rows.iterator(chunk_size=_BATCH):
        if stored.pk not in newest:
            yield Break(ledger.code, 0, f"{stored.no}没有历史：不是通过平台登记的。")
            continue
        version, values = newest.pop(stored.pk)
        yield from _compare(ledger, stored, version, json.loads(values))
    for row in newest:
        yield Break(ledger.code, 0, f"记录{row.hex}有历史，但已从表中删除。")


def _compare(ledger: Ledger, stored: Any, version: int, said: dict[str, Any]) -> Iterator[Break]:
    if stored.version != version:
        yield Break(ledger.code, 0, f"{stored.no}是第{stored.version}版，历史到第{version}版。")
        return
    now = canonical_of(ledger, stored) | {"no": stored.no}
    different = [name for name, value in now.items() if said.get(name) != value]
    if different:
        labels = "、".join(ledger.types[name].label if name in ledger.types else name for name in different)
        yield Break(ledger.code, 0, f"{stored.no}被绕过平台改动：{labels}。")
