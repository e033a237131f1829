"""Answers over whole copies, kept until the copy or anything else that the statement reads is another one."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from zhenwu.lib.recent import Recent
from zhenwu.mart.files import Copy
from zhenwu.mart.overlay import Shown
from zhenwu.mart.statements import Prepared

_KEPT = 1000
Run = Callable[[Prepared], pa.Table]


@dataclass(frozen=True)
class Parts:
    """An answer in parts: that of the copy, without that of its rows that are no longer so, with that of what they are now. Two
    parts are None where nothing is laid over the copy."""

    base: pa.Table
    old: pa.Table | None = None
    new: pa.Table | None = None


class Kept:
    """The answers of this process. What is kept was worked out of exactly what its key names, so it is never wrong, only unused."""

    def __init__(self) -> None:
        self._answers: Recent[pa.Table] = Recent(_KEPT)

    def parts(
        self, prepared: Prepared, asked: Hashable, shown: Mapping[str, Shown], shared: Hashable, run: Run
    ) -> Parts:
        """`asked` is all that the answer depends on besides the ledgers, `shared` the state of the tables of no ledger, and
        `shown` are the units as `run` sees them."""
        keys = dict(_keys(prepared, asked, shown, shared))
        ledger = next((one for one, key in keys.items() if key in self._answers), None) or _largest(keys, shown)
        if ledger is None:
            return Parts(run(prepared))
        changed = shown[ledger].changed
        base = self._answers.get(keys[ledger])
        if base is None:
            base = run(prepared.over(ledger, "base")) if changed else run(prepared)
            self._answers.keep(keys[ledger], base)
        if not changed:
            return Parts(base)
        return Parts(base, run(prepared.over(ledger, "old")), run(prepared.over(ledger, "new")))


def _keys(
    prepared: Prepared, asked: Hashable, shown: Mapping[str, Shown], shared: Hashable
) -> Iterator[tuple[str, Hashable]]:
    """For each ledger that the statement adds up over: its copy, and how far all else is."""
    for ledger in sorted(prepared.adds_up):
        others = tuple((unit, shown[unit].state) for unit in sorted(prepared.units - {ledger}))
        yield ledger, (prepared.sql, asked, ledger, _name(shown[ledger].copy), others, shared)


def _name(copy: Copy) -> Hashable:
    return copy.unit, copy.state, copy.made


def _largest(keys: Mapping[str, Hashable], shown: Mapping[str, Shown]) -> str | None:
    return max(keys, key=lambda ledger: shown[ledger].copy.rows) if len(keys) > 1 else next(iter(keys), None)
