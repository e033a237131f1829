"""`audit verify`: recompute every chain, and compare every row with the newest version that history holds."""

import json
import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from zhenwu.accounts.keeping import LEDGERS as KEPT
from zhenwu.accounts.keeping import verify_kept
from zhenwu.changes.actions import Break, canonical_json, verify_chain
from zhenwu.changes.audit import CHAIN as LOG
from zhenwu.changes.audit import verify_log
from zhenwu.changes.bulk import raw_batches, reader
from zhenwu.changes.models import ChainHead, Change, History
from zhenwu.divisions.keeping import verify_places
from zhenwu.divisions.queries import LEDGER as PLACES
from zhenwu.ledgers.lines import attach, canonical_of_lines, lines_of, under_columns
from zhenwu.ledgers.snapshot import RowEncoder, StoredColumn
from zhenwu.lib.collector import collector_paused
from zhenwu.lib.columns import by_value
from zhenwu.lib.crypto import CryptoError
from zhenwu.packs import runtime
from zhenwu.packs.past import Past
from zhenwu.packs.runtime import Ledger

_BATCH = 2000
_IMPLICIT = {
    "division": "所属地",
    "review": "审核",
    "state": "状态",
    "note": "备注",
    "files": "附件",
    "void": "作废",
    "no": "编号",
}
_SAID = ("no", "division", "review", "state", "note", "files")
_PROVENANCE = {
    "created_by_id": "登记人", "created_at": "登记时间", "changed_by_id": "修改人", "changed_at": "修改时间",
    "change_id": "所属变更",
}  # fmt: skip
_PLAIN = (*_PROVENANCE, "version", "voided_by_change_id")


def verify(ledger: str) -> Iterator[Break]:
    """Every place in one ledger where rows or history were altered behind the platform's back."""
    with collector_paused():
        yield from _verify(ledger)


def _verify(ledger: str) -> Iterator[Break]:
    if ledger == LOG:
        yield from verify_log()
        return
    yield from verify_chain(ledger)
    if ledger in KEPT:
        yield from verify_kept(ledger)
    if ledger == PLACES:
        yield from verify_places()
    if ledger in runtime.ledgers():
        yield from _rows(runtime.ledger(ledger))
    elif ledger in _OTHERS:
        yield from _OTHERS[ledger]()


_OTHERS: dict[str, Callable[[], Iterator[Break]]] = {}


def register_verifier(ledger: str, verifier: Callable[[], Iterator[Break]]) -> None:
    """How a room above compares its own tables with its chain. Called once, when the room starts."""
    _OTHERS[ledger] = verifier


def audited_ledgers() -> list[str]:
    """With those of the rooms above, which may have rows that nobody chained."""
    return sorted({*ChainHead.objects.values_list("ledger", flat=True), *_OTHERS})


def _rows(ledger: Ledger) -> Iterator[Break]:
    """Rows against history, both in the order of their ids, so that what is held at once does not grow with the ledger."""
    history, past = _History(ledger.code), Past()
    for rows, lies in _Table(ledger).batches():
        versions = history.up_to(rows[-1][0])
        for pk, no, version, text, provenance in rows:
            known = versions.pop(pk, None)
            if known == (version, text, provenance) and pk not in lies:
                continue
            if known is None:
                yield Break(ledger.code, 0, f"{no}没有历史：不是通过平台登记的。")
                continue
            newest, values, right = known
            if version != newest:
                yield Break(ledger.code, 0, f"{no}是第{version}版，历史到第{newest}版。")
                continue
            labels = [] if text == values else _different(ledger, text, values, right[-1], past)
            labels += [
                label for label, now, then in zip(_PROVENANCE.values(), provenance, right, strict=True) if now != then
            ]
            labels += [label for label in lies.get(pk, ()) if label not in labels]
            if labels:
                yield Break(ledger.code, 0, f"{no}被绕过平台改动：{'、'.join(labels)}。")
        yield from _gone(ledger.code, versions)
    yield from _gone(ledger.code, history.up_to(None))


def _gone(ledger: str, rows: Iterable[str]) -> Iterator[Break]:
    for pk in rows:
        yield Break(ledger, 0, f"记录{pk}有历史，但已从表中删除。")


def _different(ledger: Ledger, text: str, values: str, change: int, past: Past) -> list[str]:
    """Labels of what a row says (`text`) otherwise than its newest version. A field added since is empty in history."""
    said = past.now(json.loads(values), change, ledger.code)
    said |= under_columns(ledger, said)
    different = [name for name, value in json.loads(text).items() if said.get(name) != value]
    return [ledger.types[name].label if name in ledger.types else _IMPLICIT[name] for name in different]


_Known = tuple[int, str, tuple[Any, ...]]  # a row's newest version, what it says, the provenance that the row must have


class _Change(NamedTuple):
    author: int | None
    at: datetime


class _History:
    """The history of a ledger in the order of its rows' ids."""

    def __init__(self, ledger: str) -> None:
        versions = History.objects.filter(ledger=ledger).order_by("row", "version")
        self._rest = raw_batches(versions, ("row", "version", "change_id", "values"), _BATCH)
        self._batch: list[tuple[Any, ...]] = next(self._rest, [])
        self._changes: dict[int, _Change] = {}

    def up_to(self, row: str | None) -> dict[str, _Known]:
        """By row: the versions of the rows after those given before, up to this one; None: of all others."""
        versions = self._next(row)
        newest = {one[0]: one for one in versions}  # of a row the last one stays
        first = newest if len(newest) == len(versions) else {one[0]: one for one in reversed(versions)}
        pairs = {(first[pk][2], one[2]) for pk, one in newest.items()}
        self._learn({change for pair in pairs for change in pair})
        right = {(made, changed): (*self._changes[made], *self._changes[changed], changed) for made, changed in pairs}
        return {pk: (version, values, right[first[pk][2], change]) for pk, version, change, values in newest.values()}

    def _next(self, row: str | None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        while self._batch:
            end = len(self._batch) if row is None else bisect_right(self._batch, row, key=itemgetter(0))
            found += self._batch[:end]
            if end < len(self._batch):
                self._batch = self._batch[end:]
                break
            self._batch = next(self._rest, [])
        return found

    def _learn(self, wanted: set[int]) -> None:
        self._changes = {pk: known for pk, known in self._changes.items() if pk in wanted}
        fresh = list(wanted - set(self._changes))
        for start in range(0, len(fresh), _BATCH):
            rows = Change.objects.filter(pk__in=fresh[start : start + _BATCH])
            self._changes |= {one.pk: _Change(one.author_id, one.at) for one in rows}


_Row = tuple[str, str, int, str, tuple[Any, ...]]  # id, number, version, the text history should hold, provenance


class _Table:
    """The rows of a ledger as they are stored, with their lines, in the order of their ids."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._encoder = RowEncoder(ledger)
        self._fields = {code: StoredColumn(ledger, code) for code in (*_SAID, *ledger.stored)}
        self._plain = {name: reader(ledger.model._meta.get_field(name)) for name in _PLAIN}  # type: ignore[arg-type]
        self._private = [kind for kind in ledger.stored.values() if kind.is_sealed]

    def batches(self) -> Iterator[tuple[list[_Row], Mapping[str, Sequence[str]]]]:
        """Rows, and by row the labels of what lies without its text telling: a ciphertext, the place of a line."""
        sealed = [name for kind in self._private for name in (kind.code, f"{kind.code}_hash")]
        names = ["id", *self._plain, *(column.name for column in self._fields.values()), *sealed]
        for batch in raw_batches(self.ledger.rows("audit").order_by("pk"), names, _BATCH):
            ids, *columns = zip(*batch, strict=True)
            count, said = len(self._plain), len(self._plain) + len(self._fields)
            plain = {
                name: by_value(column, read) if read else column
                for (name, read), column in zip(self._plain.items(), columns, strict=False)
            }
            parts: dict[str, Sequence[str]] = {
                code: how.json(column)
                for (code, how), column in zip(self._fields.items(), columns[count:said], strict=True)
            }
            parts["void"] = ["false" if change is None else "true" for change in plain["voided_by_change_id"]]
            lies: dict[str, list[str]] = defaultdict(list)
            for kind, tokens, digests in zip(self._private, columns[said::2], columns[said + 1 :: 2], strict=True):
                for pk, token, digest in zip(ids, tokens, digests, strict=True):
                    if not _is_sealed_value(kind, token, digest):
                        lies[pk].append(kind.label)
            parts |= self._lines(ids, lies)
            texts = self._encoder.filled(parts, len(ids))
            provenance = zip(*(plain[name] for name in _PROVENANCE), strict=True)
            numbers = columns[count + list(self._fields).index("no")]
            yield list(zip(ids, numbers, plain["version"], texts, provenance, strict=True)), lies

    def _lines(self, ids: Sequence[str], lies: dict[str, list[str]]) -> dict[str, list[str]]:
        if not self.ledger.children:
            return {}
        rows = [SimpleNamespace(pk=uuid.UUID(pk)) for pk in ids]
        attach(self.ledger, rows)
        said = [canonical_of_lines(self.ledger, row) for row in rows]
        for pk, row in zip(ids, rows, strict=True):
            lies[pk] += [
                self.ledger.types[code].label for code in self.ledger.children if _lines_lie(self.ledger, row, code)
            ]
        return {code: [canonical_json(one[code]) for one in said] for code in self.ledger.children}


def _lines_lie(ledger: Ledger, row: Any, code: str) -> bool:
    """Whether lines say the right values, but their places are not 1, 2, 3 … or a ciphertext is not that of its digest."""
    lines = lines_of(ledger, row, code)
    private = [kind for kind in ledger.children[code].stored.values() if kind.is_sealed]
    return [line.position for line in lines] != list(range(1, len(lines) + 1)) or any(
        not _is_sealed_value(kind, getattr(line, kind.code), getattr(line, f"{kind.code}_hash"))
        for line in lines
        for kind in private
    )


def _is_sealed_value(kind: Any, token: str | None, digest: str | None) -> bool:
    """Whether the ciphertext holds the value whose digest stands beside it: an account number moved over from another row
    opens as well, and money would go there."""
    if not token:
        return not digest
    try:
        return bool(digest) and kind.digest(kind.unseal(token)) == digest
    except CryptoError:
        return False
