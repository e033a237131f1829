"""What a step of one ledger does in others. Higher rooms register it at start; `commit` does both as one change.

An effect turns a lifecycle step of a stored row into values for that row and drafts for other ledgers. Rows of a ledger
whose pack says `changes_by` change in no other way, once they are in force.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.errors import CommitRefused, LedgerError, RowProblem
from zhenwu.ledgers.operations import Draft, Edit, OnRow, ReviewStep, Step
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Transition

_UNFINISHED = (Review.DRAFT, Review.RETURNED)


@dataclass(frozen=True)
class Cause:
    """The step that has an effect: of which stored row, with which values, by whom and on which day."""

    ledger: Ledger
    row: Any
    step: Step
    by: User
    today: date


@dataclass
class Effect:
    """`values` go into the row of the step, `drafts` into other ledgers."""

    values: dict[str, Any] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)


class EffectRefused(LedgerError):
    """The step cannot have its effect. `problems`: (field code, what is wrong), all of them."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(message for _, message in problems))


Make = Callable[[Cause], Effect]
_effects: dict[tuple[str, str], tuple[Make, frozenset[str]]] = {}


def register_effect(ledger: str, transition: str, make: Make, *, writes: Sequence[str] = ()) -> None:
    """`make` is called under the locks of the chains of `ledger` and `writes`, the ledgers it may have drafts for."""
    _effects[ledger, transition] = (make, frozenset(writes))


def writes_of(draft: Draft) -> frozenset[str]:
    """The ledgers that a draft may write into, by what it says and by its effects."""
    found = {draft.ledger}.union(*(writes_of(one) for one in draft.others))
    for one in _with_effect(draft):
        found |= _effects[draft.ledger, one.transition][1]
    return frozenset(found)


def with_effects(draft: Draft, today: date) -> Draft:
    """The draft with what its steps do in other ledgers. Raises CommitRefused with every reason against."""
    steps = list(_with_effect(draft))
    if not steps:
        return draft
    ledger = runtime.ledger(draft.ledger)
    rows = {row.pk: row for row in ledger.rows("commit").filter(pk__in=[one.row for one in steps])}
    said: dict[int, Step] = {}
    drafts: list[Draft] = []
    problems: list[RowProblem] = []
    for one in steps:
        row = rows.get(one.row)
        if row is None or row.version != one.version or one.transition not in _possible(ledger, row):
            continue  # the step itself says what is wrong
        make, _ = _effects[draft.ledger, one.transition]
        try:
            effect = make(Cause(ledger, row, one, draft.by, today))
        except EffectRefused as refused:
            problems += [RowProblem(one.at, code, message) for code, message in refused.problems]
            continue
        said[id(one)] = replace(one, values=one.values | effect.values)
        drafts += effect.drafts
    if problems:
        raise CommitRefused(problems)
    operations = [said.get(id(one), one) for one in draft.operations]
    return replace(draft, operations=operations, others=[*draft.others, *drafts])


def _with_effect(draft: Draft) -> Iterator[Step]:
    if not any(ledger == draft.ledger for ledger, _ in _effects):
        return
    for one in draft.operations:
        if isinstance(one, Step) and (draft.ledger, one.transition) in _effects:
            yield one


def _possible(ledger: Ledger, row: Any) -> set[str]:
    steps: Sequence[Transition] = ledger.lifecycle.transition if ledger.lifecycle else ()
    return {one.code for one in steps if row.state in one.from_}


def closed_by_hand(ledger: Ledger, row: Any = None) -> str:
    """Why rows of this ledger (or this row) are not written by hand; "" when they are."""
    spec = ledger.spec
    if not spec.changes_by or spec.changes_by_fields or (row is not None and row.review in _UNFINISHED):
        return ""
    return f"{spec.label}只随“{_label(spec.changes_by)}”变动：请登记一件变动，生效后这里自动更新。"


def refusal_of_new(ledger: Ledger, draft: Draft) -> str:
    """Why these rows may not be added; "" when they may. What a register brings (an import) is the start."""
    return "" if draft.within or draft.source.kind == SourceKind.IMPORT else closed_by_hand(ledger)


def refusal_of(ledger: Ledger, draft: Draft, one: OnRow, row: Any) -> str:
    """Why a stored row may not be changed so; "" when it may."""
    spec = ledger.spec
    if not spec.changes_by or draft.within or draft.undoes is not None or row.review in _UNFINISHED:
        return ""
    if isinstance(one, ReviewStep):
        leaves = one.act == "return" and row.review == Review.APPROVED and not spec.changes_by_fields
        return closed_by_hand(ledger) if leaves else ""
    if not spec.changes_by_fields:
        return closed_by_hand(ledger)
    if isinstance(one, Edit) and (said := _touched(ledger, one, row)):
        return f"{'、'.join(f'“{label}”' for label in said)}只随“{_label(spec.changes_by)}”变动：请登记一件变动。"
    return ""


def _touched(ledger: Ledger, one: Edit, row: Any) -> list[str]:
    return [
        ledger.types[code].label
        for code in ledger.spec.changes_by_fields
        if code in one.values
        and ledger.types[code].canonical(one.values[code]) != ledger.types[code].canonical_of_row(row)
    ]


def _label(code: str) -> str:
    return runtime.ledger(code).label if code in runtime.ledgers() else code
