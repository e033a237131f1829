"""Acts on rows as pages, the API and the command line call them: one row or many, with everything wrong said by row.

An act is one of `submit approve return void`, or `step:<code>` for a transition of the ledger's lifecycle.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction as database

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.marks import check_marks, keep_marks
from zhenwu.ledgers.operations import Draft, Operation, Restore, ReviewStep, Step, TakeBack, Void
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.ledgers.restoring import problems_in_version
from zhenwu.packs.runtime import Ledger

STEP = "step:"
REVIEW_LABELS = {"submit": "报送", "approve": "审核通过", "return": "退回", "void": "作废"}
FORM = Source(SourceKind.FORM)


@dataclass(frozen=True)
class Done:
    """What a bulk act did. `left_out`: {row: why it was not done}; `change` None when nothing could be done."""

    change: Change | None
    rows: list[uuid.UUID]
    left_out: dict[uuid.UUID, list[str]] = field(default_factory=dict)


class BulkRefused(LedgerError):
    """Nothing was written. `problems`: {row: why it cannot be done}; `fine`: the rows that could be."""

    def __init__(self, problems: dict[uuid.UUID, list[str]], fine: Sequence[uuid.UUID]) -> None:
        self.problems, self.fine = problems, list(fine)
        super().__init__("\n".join(dict.fromkeys(says for one in problems.values() for says in one)))


def is_act(ledger: Ledger, act: str) -> bool:
    return act in REVIEW_LABELS or (act.removeprefix(STEP) in step_labels(ledger) and act.startswith(STEP))


def act_label(ledger: Ledger, act: str) -> str:
    return REVIEW_LABELS.get(act) or step_labels(ledger)[act.removeprefix(STEP)]


def step_labels(ledger: Ledger) -> dict[str, str]:
    return {one.code: one.label for one in ledger.lifecycle.transition} if ledger.lifecycle else {}


def operation_of(
    act: str, row: uuid.UUID, version: int, values: Mapping[str, Any] | None = None, at: int = 0
) -> Operation:
    """The operation that `commit` takes for an act. `values` fill what a lifecycle step needs."""
    if act.startswith(STEP):
        return Step(row, version, act.removeprefix(STEP), dict(values or {}), at)
    return Void(row, version, at) if act == "void" else ReviewStep(row, version, act, at)


@database.atomic
def transition(
    ledger: Ledger, row: Any, act: str, *, by: Any, reason: str = "", values: Mapping[str, Any] | None = None,
    marks: Mapping[str, str] | None = None, version: int | None = None, source: Source = FORM,
    today: date | None = None,
) -> Change:  # fmt: skip
    """Do one act on one row. `version` is the one that the person saw (default: the row's). `marks`, of a return only:
    {field code: what is wrong with it}; with them the reason may be left empty.

    Raises what `commit` raises: CommitRefused, Conflict, NotAllowed.
    """
    said = check_marks(ledger, scope_in(by, ledger), marks or {}) if act == "return" else {}
    if said and not reason.strip():
        reason = f"请改正标出的{len(said)}栏"
    operation = operation_of(act, row.pk, row.version if version is None else version, values)
    change = commit(Draft(ledger.code, by, [operation], source, reason, today=today))
    keep_marks(ledger, row.pk, change, said)
    return change


def take_back(
    ledger: Ledger, row: Any, *, by: Any, reason: str = "", version: int | None = None, source: Source | None = None,
    today: date | None = None,
) -> Change:  # fmt: skip
    """Take back the last act on a row, within its rules (see takeback.py). Raises what `commit` raises."""
    operation = TakeBack(row.pk, row.version if version is None else version)
    said = source or Source(SourceKind.UNDO, "撤回")
    return commit(Draft(ledger.code, by, [operation], said, reason, today=today))


def bulk_transition(
    ledger: Ledger, rows: Sequence[tuple[uuid.UUID, int]], act: str, *, by: Any, reason: str = "",
    values: Mapping[str, Any] | None = None, leave_out: bool = False, source: Source = FORM, today: date | None = None,
) -> Done:  # fmt: skip
    """Do one act on many rows [(row, version)] as one change: all of them or none.

    `values` fill what is empty in a row. `leave_out` does it on the rows where it can be done and tells of the others.
    Raises BulkRefused with the problems of each row.
    """
    fine, problems = list(rows), dict[uuid.UUID, list[str]]()
    while fine:
        draft = _draft(ledger, fine, act, by, reason, values, source, today)
        try:
            change = commit(draft)
        except LedgerError:
            found = refusals(draft)
            problems |= found
            fine = [one for one in fine if one[0] not in found]
            if not found:
                raise
            if not leave_out:
                break
        else:
            return Done(change, [row for row, _ in fine], problems)
    if leave_out:
        return Done(None, [], problems)
    raise BulkRefused(problems, [row for row, _ in fine])


def bulk_problems(
    ledger: Ledger, rows: Sequence[tuple[uuid.UUID, int]], act: str, *, by: Any, reason: str = "",
    values: Mapping[str, Any] | None = None, today: date | None = None,
) -> dict[uuid.UUID, list[str]]:  # fmt: skip
    """{row: why the act cannot be done on it now}; writes nothing."""
    return refusals(_draft(ledger, rows, act, by, reason, values, FORM, today))


def restore(
    ledger: Ledger, row: Any, to: int, *, by: Any, reason: str, version: int | None = None,
    source: Source | None = None, today: date | None = None,
) -> Change:  # fmt: skip
    """Bring a row back to what version `to` said, as a new version: rights, and the field rules of today, hold as for an
    edit. The reason is needed; raises what `commit` raises."""
    if not reason.strip():
        raise LedgerError("恢复旧版本要写明原因。没有改动任何内容。")
    old = History.objects.filter(ledger=ledger.code, row=row.pk, version=to).select_related("change").first()
    if old is not None and (problems := problems_in_version(ledger, old)):
        raise CommitRefused(problems)
    operation = Restore(row.pk, row.version if version is None else version, to)
    said = source or Source(SourceKind.UNDO, f"恢复第{to}版")
    return commit(Draft(ledger.code, by, [operation], said, reason, today=today))


def refusals(draft: Draft) -> dict[uuid.UUID, list[str]]:
    """{row: why not}: what `commit` would say to each row of a draft. Writes nothing."""
    try:
        _try(draft)
    except CommitRefused as refused:
        rows = {place: one.row for place, one in enumerate(draft.operations) if hasattr(one, "row")}
        found: dict[uuid.UUID, list[str]] = {}
        for problem in refused.problems:
            said = found.setdefault(rows[problem.at], [])
            if problem.message not in said:
                said.append(problem.message)
        return found
    except LedgerError:  # a right or another's change: said of the first row only, so that each is asked alone
        return {
            row: [str(refused)] if not isinstance(refused, CommitRefused) else [one.message for one in refused.problems]
            for row, refused in _each(draft)
        }
    return {}


def _each(draft: Draft) -> list[tuple[uuid.UUID, LedgerError]]:
    found = []
    for one in draft.operations:
        try:
            _try(Draft(draft.ledger, draft.by, [one], draft.source, draft.reason, draft.today))
        except LedgerError as refused:
            found.append((one.row, refused))  # type: ignore[union-attr]  # drafts of this file hold stored rows only
    return found


def _try(draft: Draft) -> None:
    """Commit and take it back."""
    with database.atomic():
        commit(draft)
        database.set_rollback(True)


def _draft(
    ledger: Ledger, rows: Sequence[tuple[uuid.UUID, int]], act: str, by: Any, reason: str,
    values: Mapping[str, Any] | None, source: Source, today: date | None,
) -> Draft:  # fmt: skip
    empty = _empty_in(ledger, [row for row, _ in rows], by, values or {})
    operations = [operation_of(act, row, version, empty.get(row), at) for at, (row, version) in enumerate(rows)]
    return Draft(ledger.code, by, operations, source, reason, today=today)


def _empty_in(
    ledger: Ledger, rows: Sequence[uuid.UUID], by: Any, values: Mapping[str, Any]
) -> dict[uuid.UUID, dict[str, Any]]:
    """{row: those of the values whose field is empty in it}."""
    if not values:
        return {}
    columns = {code: next(iter(ledger.stored[code].columns())) for code in values if code in ledger.stored}
    stored = rows_in(ledger, scope_in(by, ledger)).filter(pk__in=rows)
    return {
        one["pk"]: {code: said for code, said in values.items() if code not in columns or one[columns[code]] is None}
        for one in stored.values("pk", *columns.values())
    }
