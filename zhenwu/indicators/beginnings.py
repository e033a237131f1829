"""Since when a ledger is kept: before that day its figures are not 0 but unknown."""

# ruff: noqa: S608  names come from the packs' schema

from datetime import date
from functools import lru_cache
from typing import Any

from zhenwu.indicators.looking import stamp_of
from zhenwu.mart.store import Stamp, mart
from zhenwu.packs import runtime


def kept_since(ledger: str) -> date | None:
    """The first main date of its rows. None: nobody can say (a registry, a ledger without a main date, or without rows)."""
    spec = runtime.ledger(ledger).spec
    if spec.main_date is None or spec.model:
        return None
    return _first_day(ledger, spec.main_date, runtime.pack_hash(), stamp_of([ledger]))


@lru_cache(maxsize=200)
def _first_day(ledger: str, column: str, _packs: str, _stamp: Stamp) -> date | None:
    [row] = mart().look_up([ledger], f'SELECT min("{column}") AS first FROM base."{ledger}"', {}).to_pylist()
    return _day(row["first"])


def _day(said: Any) -> date | None:
    """A date, a timestamp or a month (2020-03)."""
    return date.fromisoformat(f"{said}-01"[:10]) if said is not None else None
