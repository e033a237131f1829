"""The write core. A room that stores facts opens a change and appends every row version to its ledger's chain."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from zhenwu.changes.bulk import Inserter
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import ChainHead, Change, History, Serial, SourceKind

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


@dataclass(slots=True)  # not frozen: that costs 1 µs a row
class Version:
    """One new version of one row: `values` are canonical JSON values, `sealed` the ciphertexts of personal ones."""

    row: uuid.UUID
    version: int
    act: str
    values: dict[str, Any]
    sealed: dict[str, str] = field(default_factory=dict)
    text: str = ""  # canonical_json(values), from a caller that has made it already and leaves `values` empty


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
    themselves. `close` must end it: only then is the new end of the chain written."""

    def __init__(self, change: Change, ledger: str) -> None:
        self._change, self._ledger = change, ledger
        self._head = lock_chain(ledger)
        self._seq, self._previous = self._head.seq, self._head.hash
        self._about = change_digest(change)
        self._inserter = Inserter(History, _OWN_COLUMNS, {"ledger": ledger, "change_id": change.pk})

    def add(self, versions: Iterable[Version]) -> None:
        seq, previous = self._seq, self._previous
        records: list[tuple[Any, ...]] = []
        for one in versions:
            seq += 1
            text = one.text or canonical_json(one.values)
            previous = link(previous, self._ledger, seq, self._about, one.row, one.version, one.act, text)
            records.append((seq, one.row, one.version, one.act, text, one.sealed or None, previous))
        self._seq, self._previous = seq, previous
        self._inserter.insert(len(records), dict(zip(_OWN_COLUMNS, zip(*records, strict=True), strict=False)))

    def close(self) -> int:
        """Returns how many versions were appended."""
        count = self._seq - self._head.seq
        ChainHead.objects.filter(ledger=self._ledger).update(seq=self._seq, hash=self._previous)
        self._change.ledgers[self._ledger] = self._change.ledgers.get(self._ledger, 0) + count
        self._change.save(update_fields=["ledgers"])
        return count


def append(change: Change, ledger: str, versions: Iterable[Version]) -> int:
    """Append all versions at once; returns how many. Same transaction as the rows themselves."""
    appender = Appender(change, ledger)
    appender.add(versions)
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


def link(previous: str, ledger: str, seq: int, about: str, row: uuid.UUID, version: int, act: str, values: str) -> str:
    """One link of the chain: a keyed SHA-256 over the previous link and this version. The key lies outside the database,
    so that who can write the database cannot forge a chain."""
    said = "\x1f".join((previous, ledger, str(seq), about, row.hex, str(version), act, values))
    return keyring().chain_digest(said, "history")


@dataclass(frozen=True, slots=True)
class Break:
    ledger: str
    seq: int
    message: str


def verify_chain(ledger: str) -> Iterator[Break]:
    """Recompute a ledger's chain from its first link; yields each place where it does not hold."""
    previous, expected = "", 0
    abouts = {change.pk: change_digest(change) for change in Change.objects.filter(history__ledger=ledger).distinct()}
    chain = History.objects.filter(ledger=ledger).order_by("seq")
    links = chain.values_list("seq", "change_id", "row", "version", "act", "values", "hash")
    for seq, change, row, version, act, values, digest in links.iterator(chunk_size=_BATCH):
        expected += 1
        if seq != expected:
            yield Break(ledger, expected, f"缺少第{expected}至{seq - 1}条历史，可能被删除。")
            expected = seq
        if link(previous, ledger, seq, abouts[change], row, version, act, values) != digest:
            yield Break(ledger, seq, f"第{seq}条历史（记录{row.hex}第{version}版）被改动过。")
        previous = digest
    head = ChainHead.objects.filter(ledger=ledger).first()
    if (head.seq if head else 0) != expected or (head.hash if head else "") != previous:
        yield Break(ledger, expected, "历史末尾与链头不一致，可能有历史被删除。")
