"""What people do with events. Every write ends in `ledgers.commit`."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction as database

from zhenwu.accounts.models import User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.transitions import transition
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.residents.proposals import Proposed

EVENT = "household_event"
FORM = Source(SourceKind.FORM)


def event_ledger() -> Ledger:
    return runtime.ledger(EVENT)


def report_event(
    values: dict[str, Any], *, division: uuid.UUID | None, by: User, note: str | None = None, submit: bool = True,
    source: Source = FORM, today: date | None = None,
) -> Any:  # fmt: skip
    """Enter an event. Raises what `commit` raises."""
    review = Review.SUBMITTED if submit else Review.DRAFT
    change = commit(Draft(EVENT, by, [Add(values, division, review, note=note)], source, today=today))
    return event_ledger().rows("effects").get(change=change)


@database.atomic
def bring_into_force(event: Any, *, by: User, reason: str = "", today: date | None = None) -> Change:
    """Approve, confirm and give effect, as far as the event is not there yet: all of it or nothing."""
    ledger = event_ledger()
    change: Change | None = None
    for act in _ahead(event):
        change = transition(ledger, event, act, by=by, reason=reason, today=today)
        event.refresh_from_db()
    assert change is not None  # at least the effect is ahead
    return change


def _ahead(event: Any) -> list[str]:
    steps = ["approve"] if event.review not in (Review.APPROVED, Review.LOCKED) else []
    steps += ["step:confirm"] if event.state == "reported" else []
    return [*steps, "step:effect"]


def keep_relations(event: Any, household: Any, rows: Sequence[tuple[Proposed, str, bool]], *, by: User) -> Change:
    """Put the table of one household into the event: (proposal, the code that a person chose, whether it is confirmed)."""
    kept = [
        {"id": one.pk}
        for one in lines_of(event_ledger(), event, "relations")
        if one.household_id not in (household.pk, None)
    ]
    lines = kept + [
        {"household": household.pk, "person": one.person.pk, "rel": rel or None, "sure": sure}
        for one, rel, sure in rows
    ]
    edit = Edit(event.pk, event.version, {"relations": lines or None})
    return commit(Draft(EVENT, by, [edit], FORM))


def finish_todo(event: Any, line: uuid.UUID, *, done: bool, result: str, by: User) -> Change:
    lines = [
        {"id": one.pk} | ({"done": done, "result": result[:200] or None} if one.pk == line else {})
        for one in lines_of(event_ledger(), event, "todos")
    ]
    return commit(Draft(EVENT, by, [Edit(event.pk, event.version, {"todos": lines})], FORM))
