"""Pairs of registrations that may be one person: exact rules first, then likeness. Proposed, never joined by themselves."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import QuerySet
from rapidfuzz.distance import DamerauLevenshtein

from zhenwu.changes.keys import keyring
from zhenwu.lib.pinyin import syllables
from zhenwu.lib.text import name_key
from zhenwu.residents.models import NotSame

_BLOCK = 60  # persons that share a key; more say that the key tells nothing (a common name of a whole county)


@dataclass(frozen=True)
class Known:
    id: uuid.UUID
    name: str
    birth: date | None
    sex: str | None
    place: uuid.UUID | None
    idno_hash: str | None
    idno: str | None  # ciphertext


@dataclass(frozen=True)
class Pair:
    """`score` 100: by rule the same; less: alike. `low` is the smaller id."""

    low: uuid.UUID
    high: uuid.UUID
    score: int
    why: str


def pairs(rows: QuerySet[Any], *, most: int = 200) -> list[Pair]:
    """The likeliest pairs among `rows` (the user's live persons) that nobody has told apart."""
    columns = ("pk", "name", "birth", "sex", "division_id", "idno_hash", "idno")
    people = [Known(*one) for one in rows.order_by().values_list(*columns).iterator(chunk_size=5000)]
    apart = set(NotSame.objects.values_list("low", "high"))
    found: dict[tuple[uuid.UUID, uuid.UUID], Pair] = {}
    for pair in _candidates(people):
        key = (pair.low, pair.high)
        if key not in apart and (key not in found or found[key].score < pair.score):
            found[key] = pair
    return sorted(found.values(), key=lambda one: (-one.score, one.low, one.high))[:most]


def _candidates(people: Sequence[Known]) -> Iterator[Pair]:
    named = [one for one in people if one.name]
    for a, b in _blocks(people, lambda one: one.idno_hash):
        yield _pair(a, b, 100, "身份证号相同")
    for a, b in _blocks(named, lambda one: name_key(one.name)):
        if found := _same_name(a, b):
            yield found
    for a, b in _blocks(named, lambda one: one.birth and (one.birth, one.place, one.sex)):
        if found := _same_day(a, b):
            yield found


def _blocks(people: Iterable[Known], key: Any) -> Iterator[tuple[Known, Known]]:
    blocks: dict[Any, list[Known]] = defaultdict(list)
    for one in people:
        if said := key(one):
            blocks[said].append(one)
    for block in blocks.values():
        if 1 < len(block) <= _BLOCK:
            yield from combinations(block, 2)


def _same_name(a: Known, b: Known) -> Pair | None:
    here = a.place == b.place
    if a.birth and a.birth == b.birth and here:
        if _one_is_missing(a, b):
            return _pair(a, b, 100, "同村、同名、同日出生，没有身份证号可以比对")
        return _pair(a, b, 95, "同村、同名、同日出生，身份证号不同")
    if a.birth and b.birth and _day_is_mistyped(a.birth, b.birth) and (here or _idno_is_mistyped(a, b)):
        return _pair(a, b, 85, f"同名，出生日期{a.birth:%Y-%m-%d}与{b.birth:%Y-%m-%d}像是填错一位或颠倒")
    if _idno_is_mistyped(a, b):
        return _pair(a, b, 90, "同名，身份证号只差一位或相邻两位颠倒")
    return None


def _same_day(a: Known, b: Known) -> Pair | None:
    """Born on one day in one village: names that sound alike or differ in one character."""
    if name_key(a.name) == name_key(b.name):
        return None
    if syllables(a.name) == syllables(b.name):
        return _pair(a, b, 85, "同村、同日出生，姓名同音")
    apart = DamerauLevenshtein.distance(name_key(a.name), name_key(b.name))
    if (
        apart == 1
        and len(name_key(a.name)) >= 3
        and a.name[0] == b.name[0]
        and (_one_is_missing(a, b) or _idno_is_mistyped(a, b))
    ):
        return _pair(a, b, 70, "同村、同日出生，姓名只差一个字")
    return None


def _one_is_missing(a: Known, b: Known) -> bool:
    return a.idno_hash is None or b.idno_hash is None


def _day_is_mistyped(a: date, b: date) -> bool:
    return a != b and _one_slip(f"{a:%Y%m%d}", f"{b:%Y%m%d}")


def _idno_is_mistyped(a: Known, b: Known) -> bool:
    if not a.idno or not b.idno or a.idno_hash == b.idno_hash:
        return False
    opened = [keyring().open(one, aad=b"idno") for one in (a.idno, b.idno)]
    return _one_slip(*opened)


def _one_slip(a: str, b: str) -> bool:
    """One digit differs, or two neighbours changed places (the check digit may follow)."""
    if len(a) != len(b):
        return False
    body = slice(0, 17) if len(a) == 18 else slice(None)
    return DamerauLevenshtein.distance(a[body], b[body], score_cutoff=1) == 1 or (a[body] == b[body] and a != b)


def _pair(a: Known, b: Known, score: int, why: str) -> Pair:
    low, high = sorted((a.id, b.id))
    return Pair(low, high, score, why)
