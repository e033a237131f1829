"""History of rows whose retention has ended: what it said is gone, that it was there can still be proved.

An erased version keeps its place in the chain: who made it, when, its number and its hash, which the next link covers. What
it said is replaced by a tombstone. So that nobody hides an edit behind a tombstone, the version that erases a row says in
its own values, which the chain covers, a digest of all that the tombstones of the row still say.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from zhenwu.changes.models import History

ACT = "erase"
KEY = "~erased"  # no field code begins like this
TOMBSTONE = '{"~erased":true}'

_Kept = tuple[int, int, str, int, str]  # seq, version, act, change, hash


def digest_of(kept: Iterable[_Kept]) -> str:
    """Of what remains of a row's versions, in the order of the chain."""
    said = json.dumps([list(one) for one in sorted(kept)])
    return hashlib.sha256(said.encode()).hexdigest()


def digests_of(ledger: str, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """{row: the digest that the version erasing it has to say}."""
    found: dict[uuid.UUID, list[_Kept]] = {row: [] for row in rows}
    kept = History.objects.filter(ledger=ledger, row__in=rows)
    for row, *said in kept.values_list("row", "seq", "version", "act", "change_id", "hash"):
        found[row].append(tuple(said))  # type: ignore[arg-type]
    return {row: digest_of(said) for row, said in found.items()}


def bury(ledger: str, versions: Mapping[uuid.UUID, int]) -> None:
    """Replace what the versions before these say; {row: the version that erases it}."""
    for row, version in versions.items():
        History.objects.filter(ledger=ledger, row=row, version__lt=version).update(values=TOMBSTONE, sealed=None)


def is_buried(said: str) -> bool:
    return said == TOMBSTONE


def is_erasing(values: str) -> bool:
    """Whether these are the values of a version that erased its row; a step of a lifecycle may have the same name."""
    return KEY in json.loads(values)


class Graves:
    """What `verify` collects on its way along a chain: tombstones, until the version that erased their row vouches for them."""

    def __init__(self) -> None:
        self._open: dict[str, list[_Kept]] = {}

    def found(self, row: str, kept: _Kept) -> None:
        self._open.setdefault(row, []).append(kept)

    def are_vouched(self, row: str, values: str) -> bool:
        """Whether the version that erased the row speaks of exactly these tombstones."""
        return json.loads(values).get(KEY) == digest_of(self._open.pop(row, []))

    def unvouched(self) -> Iterable[tuple[int, str]]:
        """(seq, row) of tombstones that no erasing version speaks of."""
        for row, kept in self._open.items():
            yield kept[0][0], row
