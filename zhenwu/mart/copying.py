"""Making copies of ledgers, and judging whether one can be built on. Whoever needs one: a figure, the background, an operator."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zhenwu.changes.models import ChainHead, History
from zhenwu.mart.extract import Tables, pages, rows_of
from zhenwu.mart.files import Copy, Shelf, State
from zhenwu.mart.history import state_rows
from zhenwu.mart.raw import one_moment
from zhenwu.mart.schema import MartSchema, Table
from zhenwu.packs import runtime

START = State(0, "")
_FEW = 2000  # versions written since a copy was made that are always laid over it
_SHARE = 10  # … and one in so many of its rows
_FEW_AT_REST = 200  # the background makes a new copy from here on …
_SHARE_AT_REST = 50  # … or from one in so many of its rows


@dataclass(frozen=True)
class Unit:
    """What is copied together: a ledger with its lists and lines, or the history of its states."""

    code: str
    ledger: str
    tables: tuple[Table, ...]

    @classmethod
    def of(cls, schema: MartSchema, code: str) -> "Unit":
        tables = schema.of_unit(code)
        return cls(code, tables[0].ledger, tuple(tables))

    @property
    def is_states(self) -> bool:
        return self.tables[0].kind == "states"

    def pages(self) -> Iterator[Tables]:
        if self.is_states:
            return iter([{self.code: state_rows(self.ledger)}])
        return pages(runtime.ledger(self.ledger), self.tables)

    def rows_of(self, ids: Sequence[uuid.UUID]) -> Tables:
        """The rows of these ids as they are now."""
        if self.is_states:
            return {self.code: state_rows(self.ledger, ids)}
        return rows_of(runtime.ledger(self.ledger), self.tables, ids)


def heads() -> dict[str, State]:
    return {
        ledger: State(seq, digest) for ledger, seq, digest in ChainHead.objects.values_list("ledger", "seq", "hash")
    }


def is_before(ledger: str, point: State, head: State) -> bool:
    """Whether the point lies on the chain that ends in `head` (one rolled back, or another database's, does not)."""
    if point.seq >= head.seq:
        return point.seq == head.seq and point.short == head.short
    if point.seq == 0:
        return True
    there = History.objects.filter(ledger=ledger, seq=point.seq).values_list("hash", flat=True).first()
    return there is not None and there[:16] == point.short


def newest_copy(shelf: Shelf, unit: Unit, head: State) -> Copy | None:
    return next((copy for copy in shelf.copies(unit.tables) if is_before(unit.ledger, copy.state, head)), None)


def is_far_behind(copy: Copy, head: State, *, at_rest: bool = False) -> bool:
    """Whether so much was written since that a new copy is better than laying it over this one. `at_rest`: while nobody waits."""
    few, share = (_FEW_AT_REST, _SHARE_AT_REST) if at_rest else (_FEW, _SHARE)
    written = head.seq - copy.state.seq
    return written > few and written > max(few, copy.rows // share)


def make_copy(shelf: Shelf, unit: Unit, *, unless: int = 0) -> Copy:
    """A new copy of how it is now; the one that is there when it was made after `unless` and is near enough."""
    with shelf.lock(unit.code):
        if unless and (copy := newest_copy(shelf, unit, heads().get(unit.ledger, START))) and copy.made > unless:
            return copy
        with one_moment():
            return shelf.put(unit.tables, heads().get(unit.ledger, START), unit.pages())
