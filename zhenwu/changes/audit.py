"""The audit log: who looked at, took out or administered what. Beside the ledgers' own history, in a chain of its own."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.changes.actions import Break, canonical_json, chain_digester, link, lock_chain
from zhenwu.changes.models import AuditEntry, ChainHead, Watched

CHAIN = "audit_log"
_BATCH = 2000


@transaction.atomic
def record(
    kind: Watched, said: str, *, by: Any = None, about: Any = None, ledger: str = "", row: uuid.UUID | None = None,
    address: str = "",
) -> AuditEntry:  # fmt: skip
    """Append one entry. `said` in words, without personal values. Joins the caller's transaction, so that what was
    undone was not done."""
    head = lock_chain(CHAIN)
    entry = AuditEntry(
        seq=head.seq + 1, at=timezone.now(), kind=kind, by=by, about=about, ledger=ledger, row=row,
        said=said.replace("\x00", "")[:500], address=address[:45],
    )  # fmt: skip
    entry.hash = _link(head.hash, entry)
    entry.save(force_insert=True)
    ChainHead.objects.filter(ledger=CHAIN).update(seq=entry.seq, hash=entry.hash)
    return entry


def took_out(what: str, *, by: Any, ledger: str = "", address: str = "") -> AuditEntry:
    """Rows or figures leave the platform, as a file or many at once to a program; `what` and how many, in words. The one
    function that whoever hands them out calls."""
    return record(Watched.EXPORT, f"导出{what}", by=by, ledger=ledger, address=address)


def verify_log() -> Iterator[Break]:
    """Every place where the audit log's chain does not hold."""
    previous, expected = "", 0
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=_BATCH):
        expected += 1
        if entry.seq != expected:
            yield Break(CHAIN, expected, f"审计日志缺少第{expected}至{entry.seq - 1}条，可能被删除。")
            expected = entry.seq
        if _link(previous, entry) != entry.hash:
            yield Break(CHAIN, entry.seq, f"审计日志第{entry.seq}条被改动过。")
        previous = entry.hash
    head = ChainHead.objects.filter(ledger=CHAIN).first()
    if (head.seq if head else 0) != expected or (head.hash if head else "") != previous:
        yield Break(CHAIN, expected, "审计日志末尾与链头不一致，可能有记录被删除。")


def _link(previous: str, entry: AuditEntry) -> str:
    values = canonical_json({
        "at": entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(), "by": entry.by_id, "about": entry.about_id,
        "ledger": entry.ledger, "said": entry.said, "address": entry.address,
    })  # fmt: skip
    row = entry.row or uuid.UUID(int=0)
    return chain_digester()(link(previous, CHAIN, "", entry.seq, row.hex, 1, entry.kind, values))
