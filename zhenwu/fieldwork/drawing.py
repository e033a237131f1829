"""Drawing rows from a ledger so that anyone can draw them again: from the seed and the ledger as it was at a point of its
history, whatever happened to it since.

Each row gets the SHA-256 of "<seed>:<row id>"; the rows with the smallest are drawn. No random generator of any language is
part of it, so that the draw can be checked with a pocket script.
"""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhenwu.changes.models import History

Frame = Mapping[uuid.UUID, uuid.UUID | None]  # row → its place


@dataclass(frozen=True)
class Draw:
    rows: tuple[uuid.UUID, ...]
    strata: tuple[tuple[uuid.UUID | None, int, int], ...]  # (place, rows there, rows drawn)
    frame_size: int
    frame_digest: str


def frame_at(ledger: str, seq: int, places: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, uuid.UUID | None]:
    """The rows that the ledger had at that point of its history, not voided, in these places."""
    found: dict[uuid.UUID, uuid.UUID | None] = {}
    history = History.objects.filter(ledger=ledger, seq__lte=seq).order_by("seq").values_list("row", "values")
    for row, said in history.iterator(chunk_size=5000):
        values: dict[str, Any] = json.loads(said) if isinstance(said, str) else said
        place = values.get("division")
        found[row] = uuid.UUID(place) if place else None
        if values.get("void"):
            del found[row]
    if places is None:
        return found
    return {row: place for row, place in found.items() if place in places}


def draw(
    frame: Frame, seed: int, size: int, *, by_place: bool = False, among: Collection[uuid.UUID] | None = None
) -> Draw:
    """`by_place`: each place gives its share of the sample, at least one row while the sample is large enough. `among`: only
    these rows may be drawn (targeted); the frame stays what it is."""
    pool = {row: place for row, place in frame.items() if among is None or row in among}
    rows: list[uuid.UUID] = []
    strata = []
    if by_place:
        places: dict[uuid.UUID | None, list[uuid.UUID]] = {}
        for row, place in pool.items():
            places.setdefault(place, []).append(row)
        ordered = sorted(places, key=lambda one: one.hex if one else "")
        for place, share in zip(ordered, shares([len(places[one]) for one in ordered], size), strict=True):
            rows += _first(places[place], seed, share)
            strata.append((place, len(places[place]), share))
    else:
        rows = _first(pool, seed, size)
    return Draw(tuple(rows), tuple(strata), len(frame), digest_of(frame))


def shares(sizes: Sequence[int], total: int) -> list[int]:
    """`total` split in proportion to the sizes by largest remainder; every part gets one while there are enough."""
    whole = sum(sizes)
    total = min(total, whole)
    if not whole:
        return [0] * len(sizes)
    found = [min(1, size) if total >= len(sizes) else 0 for size in sizes]
    exact = [total * size / whole for size in sizes]
    while sum(found) < total:
        at = max(
            (n for n in range(len(sizes)) if found[n] < sizes[n]), key=lambda n: (exact[n] - found[n], sizes[n], -n)
        )
        found[at] += 1
    return found


def digest_of(frame: Iterable[uuid.UUID]) -> str:
    return hashlib.sha256("\n".join(sorted(row.hex for row in frame)).encode()).hexdigest()


def _first(rows: Iterable[uuid.UUID], seed: int, size: int) -> list[uuid.UUID]:
    return sorted(rows, key=lambda row: hashlib.sha256(f"{seed}:{row.hex}".encode()).digest())[:size]
