"""Since when a ledger is kept: before that day its figures are not 0 but unknown."""

# ruff: noqa: S608  names come from the packs' schema

from collections import OrderedDict
from datetime import date
from typing import Any

from zhenwu.indicators.looking import stamp_of
from zhenwu.mart.store import mart
from zhenwu.packs import runtime

_CACHED = 200
_cache: OrderedDict[Any, date | None] = OrderedDict()


def kept_since(ledger: str) -> date | None:
    """The first main date of its rows. None: nobody can say (a registry, a ledger without a main date, or without rows)."""
    spec = runtime.ledger(ledger).spec
    if spec.main_date is None or spec.model:
        return None
    key = (runtime.pack_hash(), ledger, stamp_of([ledger]))
    if key not in _cache:
        sql = f'SELECT min("{spec.main_date}") AS first FROM base."{ledger}"'
        [row] = mart().look_up([ledger], sql, {}).to_pylist()
        _cache[key] = _day(row["first"])
        while len(_cache) > _CACHED:
            _cache.popitem(last=False)
    return _cache[key]


def _day(said: Any) -> date | None:
    """A date, a timestamp or a month (2020-03)."""
    return date.fromisoformat(f"{said}-01"[:10]) if said is not None else None
