"""`audit verify`: recompute every chain, and compare every row with the newest version that history holds."""

import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

from zhenwu.changes.actions import Break, verify_chain
from zhenwu.changes.models import ChainHead, Change, History
from zhenwu.ledgers.snapshot import canonical_of, said_in
from zhenwu.lib.crypto import CryptoError
from zhenwu.packs import runtime
from zhenwu.packs.renames import Renames
from zhenwu.packs.runtime import Ledger

_BATCH = 2000
_IMPLICIT = {"division": "所属地", "review": "审核", "state": "状态", "note": "备注", "void": "作废", "no": "编号"}


def verify(ledger: str) -> Iterator[Break]:
    """Every place in one ledger where rows or history were altered behind the platform's back."""
    yield from verify_chain(ledger)
    if ledger in runtime.ledgers():
        yield from _rows(runtime.ledger(ledger))


def audited_ledgers() -> list[str]:
    return sorted(ChainHead.objects.values_list("ledger", flat=True))


def _rows(ledger: Ledger) -> Iterator[Break]:
    """Rows against history, batch by batch: what is held at once does not grow with the ledger."""
    renames = Renames()
    rows: Iterator[Any] = ledger.model._default_manager.order_by("pk").iterator(chunk_size=_BATCH)
    count = 0
    while batch := list(islice(rows, _BATCH)):
        count += len(batch)
        pks = [row.pk for row in batch]
        newest: dict[uuid.UUID, History] = {}
        first: dict[uuid.UUID, Change] = {}
        versions = History.objects.filter(ledger=ledger.code, row__in=pks).select_related("change")
        for version in versions.order_by("row", "version"):
            first.setdefault(version.row, version.change)
            newest[version.row] = version
        for row in batch:
            if row.pk in newest:
                yield from _compare(ledger, row, newest[row.pk], first[row.pk], renames)
            else:
                yield Break(ledger.code, 0, f"{row.no}没有历史：不是通过平台登记的。")
    known = History.objects.filter(ledger=ledger.code)
    if known.values("row").distinct().count() > count:
        gone = known.exclude(row__in=ledger.model._default_manager.values("pk")).values_list("row", flat=True)
        for pk in gone.order_by().distinct():
            yield Break(ledger.code, 0, f"记录{pk.hex}有历史，但已从表中删除。")


def _compare(ledger: Ledger, row: Any, newest: History, first: Change, renames: Renames) -> Iterator[Break]:
    if row.version != newest.version:
        yield Break(ledger.code, 0, f"{row.no}是第{row.version}版，历史到第{newest.version}版。")
        return
    said = said_in(newest, renames)
    now = canonical_of(ledger, row) | {"no": row.no}
    different = [name for name, value in now.items() if said.get(name) != value]
    labels = [ledger.types[name].label if name in ledger.types else _IMPLICIT.get(name, name) for name in different]
    provenance = {
        "登记人": (row.created_by_id, first.author_id),
        "登记时间": (row.created_at, first.at),
        "修改人": (row.changed_by_id, newest.change.author_id),
        "修改时间": (row.changed_at, newest.change.at),
        "所属变更": (row.change_id, newest.change_id),
    }
    labels += [label for label, (stored, right) in provenance.items() if stored != right]
    labels += [kind.label for code, kind in ledger.stored.items() if kind.always_private and not _is_sealed_value(kind, row)]
    if labels:
        yield Break(ledger.code, 0, f"{row.no}被绕过平台改动：{'、'.join(labels)}。")


def _is_sealed_value(kind: Any, row: Any) -> bool:
    """Whether the ciphertext holds the value whose digest stands beside it: an account number moved over from another row
    opens as well, and money would go there."""
    token, digest = getattr(row, kind.code), getattr(row, f"{kind.code}_hash")
    if not token:
        return not digest
    try:
        return bool(digest) and kind.digest(kind.unseal(token)) == digest
    except CryptoError:
        return False
