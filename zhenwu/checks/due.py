"""Who puts a finding right, and by when: the township's own rule for a check, else the pack's, else that of the severity."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from zhenwu.checks.models import Assigned, AssignmentRule
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.checks.registry import registry
from zhenwu.lib.workdays import Calendar, working_calendar
from zhenwu.packs import runtime

_DAYS = 15  # where no parameter is in force on the day


@dataclass(frozen=True)
class Duty:
    """`days` None means those of the severity on the day of finding."""

    unit: str
    assigned: str
    assignee: Any = None
    days: int | None = None

    def due(self, severity: str, on: date, calendar: Calendar | None = None) -> date:
        """The last day, counted in working days; the day of finding is not counted."""
        days = self.days if self.days is not None else days_for(severity, on)
        return (calendar or working_calendar()).provisional_due(on, days).day


def days_for(severity: str, on: date) -> int:
    said = runtime.param(f"finding.days_{severity}", on=on)
    return _DAYS if said is None else int(said)


def duty_of(check: PreparedCheck, rule: AssignmentRule | None = None) -> Duty:
    own = registry().unit(check.ledger)
    if rule is None:
        return Duty(own, check.assign, None, check.due_days)
    return Duty(
        rule.unit or own, rule.assigned, rule.assignee_id, rule.days if rule.days is not None else check.due_days
    )


def duty_for(check: PreparedCheck) -> Duty:
    return duty_of(check, AssignmentRule.objects.filter(check_code=check.full_code).first())


def duty_in_words(duty: Duty) -> str:
    return f"{duty.unit or '未定'}（{Assigned(duty.assigned).label}）"
