"""Overdue rows that went up to a leader: noted once for each deadline and level, so that it stays on record."""

from datetime import date
from typing import Any

from zhenwu.ledgers.deadlines import due_of, escalated, with_starts
from zhenwu.ledgers.models import Escalation
from zhenwu.ledgers.queries import live
from zhenwu.lib.workdays import working_calendar
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

ROLES = ("leader", "head")


def escalates(ledger: Ledger, role: str) -> bool:
    """Whether overdue rows of this ledger ever become the business of the role."""
    deadlines = [state.deadline for state in ledger.states.values() if state.deadline and not state.final]
    return any(level.to == role for deadline in deadlines for level in deadline.escalate)


def note_escalations(on: date) -> int:
    """Note every level that a row has reached by this day and that is not noted yet; returns how many were new. Safe to
    run again."""
    calendar = working_calendar()
    found: list[Escalation] = []
    for ledger in runtime.ledgers().values():
        for role in ROLES:
            if not escalates(ledger, role):
                continue
            rows = with_starts(ledger, ledger.rows("deadlines")).filter(live(), escalated(ledger, role, on=on))
            for row in rows.iterator(chunk_size=2000):
                due = due_of(ledger, row, on=on, calendar=calendar)
                since = dict(due.escalated).get(role) if due else None
                if due and since:
                    found.append(
                        Escalation(ledger=ledger.code, row=row.pk, state=row.state, due_on=due.day, to=role, on=since)
                    )
    before = Escalation.objects.count()
    Escalation.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)
    return Escalation.objects.count() - before


def escalations_of(ledger: Ledger, row: Any) -> list[Escalation]:
    """What was noted of one row, oldest first."""
    return list(Escalation.objects.filter(ledger=ledger.code, row=row.pk).order_by("on", "pk"))
