"""The write core. A room that stores facts opens a change and appends every row version to its ledger's chain."""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from zhenwu.changes.bulk import Inserter, raw_batches
from zhenwu.changes.erasing import ACT, Graves, is_buried, is_erasing
from zhenwu.changes.feed import announce_change
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import ChainHead, Change, History, Serial, SourceKind
from zhenwu.lib.crypto import Digester

_BATCH = 2000
_OWN_COLUMNS = (
    "seq",
    "row",
    "version",
    "act",
    "values",
    "sealed",
    "hash",
)  # of History; the others are the same in a change
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Source:
    kind: SourceKind
    name: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One new version of one row: `values` are canonical JSON values, `sealed` the ciphertexts of personal ones."""

    row: uuid.UUID
    version: int
    act: str
    values: dict[str, Any]
    sealed: dict[str, str] = field(default_factory=dict)


def open_change(
    *,
    author: Any,
    reason: str,
    source: Source,
    pack_hash: str = "",
    undoes: Change | None = None,
    stands_for: Any = None,
) -> Change:
    """Start a change inside the caller's transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("open_change needs a transaction: no change without its rows.")
    announce_change()
    keyring().refresh()  # whoever seals in this change uses the newest data key
    return Change.objects.create(
        author=author,
        at=timezone.now(),
        reason=reason[:500],
        source_kind=source.kind,
        source_name=source.name[:300],
        source_hash=source.hash,
        pack_hash=pack_hash,
        undoes=undoes,
        stands_for=stands_for,
    )


def lock_chain(ledger: str) -> ChainHead:
    """The end of the chain, locked until the transaction ends: one writer per ledger at a time."""
    ChainHead.objects.get_or_create(ledger=ledger)
    return ChainHead.objects.select_for_update().get(ledger=ledger)


class Appender:
    """Appends versions of rows to one ledger's history and chain, batch by batch, in the transaction of the rows
    themselves. `close` must end it: only then is the new end of the chain written. `head` comes from `lock_chain`."""

    def __init__(self, change: Change, head: ChainHead) -> None:
        self._change, self._head = change, head
        self._seq, self._previous = head.seq, head.hash
        self._about = change_digest(change)
        self._digest = chain_digester()
        self._inserter = Inserter(History, _OWN_COLUMNS, {"ledger": head.ledger, "change_id": change.pk})

    def add(self, versions: Sequence[Version]) -> None:
        self.add_columns(
            [one.row.hex for one in versions],
            [one.version for one in versions],
            [one.act for one in versions],
            [canonical_json(one.values) for one in versions],
            [one.sealed or None for one in versions],
        )

    def add_columns(
        self, rows: Sequence[str], versions: Sequence[int], acts: Sequence[str], values: Sequence[str],
        sealed: Sequence[dict[str, str] | None],
    ) -> None:  # fmt: skip
        """Versions by column: `rows` are ids as hex digits, `values` canonical JSON."""
        count = len(rows)
        seqs = range(self._seq + 1, self._seq + count + 1)
        digest, ledger, about, previous = self._digest, self._head.ledger, self._about, self._previous
        hashes = []
        for seq, row, version, act, said in zip(seqs, rows, versions, acts, values, strict=True):
            previous = digest(link(previous, ledger, about, seq, row, version, act, said))
            hashes.append(previous)
        self._seq, self._previous = self._seq + count, previous
        self._inserter.insert(
            count, dict(zip(_OWN_COLUMNS, (seqs, rows, versions, acts, values, sealed, hashes), strict=True))
        )

    def close(self) -> int:
        """Returns how many versions were appended."""
        ledger, count = self._head.ledger, self._seq - self._head.seq
        ChainHead.objects.filter(ledger=ledger).update(seq=self._seq, hash=self._previous)
        self._change.ledgers[ledger] = self._change.ledgers.get(ledger, 0) + count
        self._change.save(update_fields=["ledgers"])
        return count


def append(change: Change, ledger: str, versions: Iterable[Version]) -> int:
    """Append all versions at once; returns how many. Same transaction as the rows themselves."""
    appender = Appender(change, lock_chain(ledger))
    appender.add(list(versions))
    return appender.close()


def next_numbers(prefix: str, count: int) -> Sequence[int]:
    """`count` numbers never given out before under this prefix, in order."""
    Serial.objects.get_or_create(prefix=prefix)
    serial = Serial.objects.select_for_update().get(prefix=prefix)
    first = serial.last + 1
    Serial.objects.filter(prefix=prefix).update(last=serial.last + count)
    return range(first, first + count)


def canonical_json(values: Any) -> str:
    return _ENCODER.encode(values)


def change_digest(change: Change) -> str:
    """What the chain covers of the change itself: who, when, why, from where."""
    said = [
        change.pk, change.author_id, change.at.isoformat(), change.reason, change.source_kind, change.source_name,
        change.source_hash, change.pack_hash, change.undoes_id,
    ]  # fmt: skip
    if change.stands_for_id is not None:  # not always: the chains of before keep their links
        said.append(change.stands_for_id)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def link(previous: str, ledger: str, about: str, seq: int, row: str, version: int, act: str, values: str) -> str:
    """What one link of the chain covers: the link before, the change, and this version."""
    return f"{previous}\x1f{ledger}\x1f{seq}\x1f{about}\x1f{row}\x1f{version}\x1f{act}\x1f{values}"


def chain_digester() -> Digester:
    """What makes the hash of a link. Its key lies outside the database."""
    return keyring().chain_digester("history")


@dataclass(frozen=True, slots=True)
class Break:
    ledger: str
    seq: int
    message: str


def verify_chain(ledger: str) -> Iterator[Break]:
    """Recompute a ledger's chain from its first link; yields each place where it does not hold."""
    previous, expected, graves = "", 0, Graves()
    digest_of = chain_digester()
    for batch in _links(ledger):
        abouts = _change_digests({change for change, *_ in batch})
        for change, digest, seq, row, version, act, values in batch:
            expected += 1
            if seq != expected:
                yield Break(ledger, expected, f"缺少第{expected}至{seq - 1}条历史，可能被删除。")
                expected = seq
            if is_buried(values):
                graves.found(row, (seq, version, act, change, digest))
            elif digest_of(link(previous, ledger, abouts[change], seq, row, version, act, values)) != digest:
                yield Break(ledger, seq, f"第{seq}条历史（记录{row}第{version}版）被改动过。")
            elif act == ACT and is_erasing(values) and not graves.are_vouched(row, values):
                yield Break(ledger, seq, f"第{seq}条历史：记录{row}清除之前的历史被改动过。")
            previous = digest
    for seq, row in graves.unvouched():
        yield Break(ledger, seq, f"第{seq}条历史的内容被抹去，但没有清除的记录（记录{row}）。")
    head = ChainHead.objects.filter(ledger=ledger).first()
    if (head.seq if head else 0) != expected or (head.hash if head else "") != previous:
        yield Break(ledger, expected, "历史末尾与链头不一致，可能有历史被删除。")


def _links(ledger: str) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (change, digest, and what `link` covers in its order)."""
    chain = History.objects.filter(ledger=ledger).order_by("seq")
    yield from raw_batches(chain, ("change_id", "hash", "seq", "row", "version", "act", "values"), _BATCH)


def _change_digests(changes: Collection[int]) -> dict[int, str]:
    return {pk: change_digest(change) for pk, change in Change.objects.in_bulk(changes).items()}
