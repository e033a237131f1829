"""`audit verify`: recompute every chain, and compare every row with the newest version that history holds."""

import json
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from zhenwu.accounts.keeping import LEDGERS as KEPT
from zhenwu.accounts.keeping import verify_kept
from zhenwu.changes.actions import Break, verify_chain
from zhenwu.changes.audit import CHAIN as LOG
from zhenwu.changes.audit import verify_log
from zhenwu.changes.models import ChainHead, Change, History
from zhenwu.ledgers.lines import attach, lines_of, under_columns
from zhenwu.ledgers.snapshot import canonical_of
from zhenwu.lib.crypto import CryptoError
from zhenwu.packs import runtime
from zhenwu.packs.renames import Renames
from zhenwu.packs.runtime import Ledger

_BATCH = 2000
_IMPLICIT = {"division": "所属地", "review": "审核", "state": "状态", "note": "备注", "void": "作废", "no": "编号"}


def verify(ledger: str) -> Iterator[Break]:
    """Every place in one ledger where rows or history were altered behind the platform's back."""
    if ledger == LOG:
        yield from verify_log()
        return
    yield from verify_chain(ledger)
    if ledger in KEPT:
        yield from verify_kept(ledger)
    if ledger in runtime.ledgers():
        yield from _rows(runtime.ledger(ledger))


def audited_ledgers() -> list[str]:
    return sorted(ChainHead.objects.values_list("ledger", flat=True))


class _Said(NamedTuple):
    """One version in history."""

    version: int
    values: str
    change: int


def _rows(ledger: Ledger) -> Iterator[Break]:
    """Rows against history, batch by batch: what is held at once does not grow with the ledger."""
    renames = Renames()
    changes = Change.objects.filter(history__ledger=ledger.code).distinct().in_bulk()
    rows: Iterator[Any] = ledger.rows("audit").order_by("pk").iterator(chunk_size=_BATCH)
    known = History.objects.filter(ledger=ledger.code)
    count = 0
    while batch := list(islice(rows, _BATCH)):
        count += len(batch)
        attach(ledger, batch)
        newest: dict[uuid.UUID, _Said] = {}
        first: dict[uuid.UUID, int] = {}
        versions = known.filter(row__in=[row.pk for row in batch]).order_by("row", "version")
        for pk, version, values, change in versions.values_list("row", "version", "values", "change_id"):
            first.setdefault(pk, change)
            newest[pk] = _Said(version, values, change)
        for row in batch:
            said = newest.get(row.pk)
            if said is None:
                yield Break(ledger.code, 0, f"{row.no}没有历史：不是通过平台登记的。")
            elif row.version != said.version:
                yield Break(ledger.code, 0, f"{row.no}是第{row.version}版，历史到第{said.version}版。")
            elif different := _different(ledger, row, said, changes[first[row.pk]], changes[said.change], renames):
                yield Break(ledger.code, 0, f"{row.no}被绕过平台改动：{'、'.join(different)}。")
    if known.values("row").distinct().count() > count:
        gone = known.exclude(row__in=ledger.rows("audit").values("pk")).values_list("row", flat=True)
        for pk in gone.order_by().distinct():
            yield Break(ledger.code, 0, f"记录{pk.hex}有历史，但已从表中删除。")


def _different(
    ledger: Ledger, row: Any, newest: _Said, first: Change, last: Change, renames: Renames
) -> list[str]:  # fmt: skip
    """Labels of what the row says otherwise than its newest version and the changes that made it."""
    said = renames.now(json.loads(newest.values), last.pack_hash, ledger.code)
    said |= under_columns(ledger, said)
    now = canonical_of(ledger, row) | {"no": row.no}
    different = [name for name, value in now.items() if said.get(name) != value]
    labels = [ledger.types[name].label if name in ledger.types else _IMPLICIT.get(name, name) for name in different]
    provenance = (
        ("登记人", row.created_by_id, first.author_id), ("登记时间", row.created_at, first.at),
        ("修改人", row.changed_by_id, last.author_id), ("修改时间", row.changed_at, last.at),
        ("所属变更", row.change_id, last.pk),
    )  # fmt: skip
    labels += [label for label, stored, right in provenance if stored != right]
    private = [kind for kind in ledger.stored.values() if kind.always_private]
    labels += [kind.label for kind in private if not _is_sealed_value(kind, row)]
    labels += [
        ledger.types[code].label for code in ledger.children if code not in different and _lines_lie(ledger, row, code)
    ]
    return labels


def _lines_lie(ledger: Ledger, row: Any, code: str) -> bool:
    """Whether lines say the right values, but their places are not 1, 2, 3 … or a ciphertext is not that of its digest."""
    lines = lines_of(ledger, row, code)
    private = [kind for kind in ledger.children[code].stored.values() if kind.always_private]
    return [line.position for line in lines] != list(range(1, len(lines) + 1)) or any(
        not _is_sealed_value(kind, line) for line in lines for kind in private
    )


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
