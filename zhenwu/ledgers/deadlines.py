"""By when a row must leave its state: the day, its light, and which rows are late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Q
from django.utils import timezone

from zhenwu.lib.workdays import add_months, default_calendar
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Deadline

Light = Literal["green", "yellow", "red"]
_SOON = 3
_LOOK_BACK = 4000  # days; no deadline is longer


@dataclass(frozen=True)
class Due:
    day: date
    light: Light
    text: str


def due_of(ledger: Ledger, row: Any, *, on: date) -> Due | None:
    """When the row must have left its state. None when the state has no deadline or its date is not filled."""
    state = ledger.states.get(row.state)
    if state is None or state.final or state.deadline is None or row.is_void:
        return None
    start = as_date(getattr(row, state.deadline.field))
    if start is None:
        return None
    day = _last_day(state.deadline, start)
    left = (day - on).days
    if left < 0:
        return Due(day, "red", f"已超期{-left}天")
    if left <= _SOON:
        return Due(day, "yellow", "今天到期" if left == 0 else f"还有{left}天")
    return Due(day, "green", f"还有{left}天")


def overdue(ledger: Ledger, *, on: date) -> Q:
    """The rows whose state's deadline has passed. Matches nothing when no state has one."""
    late = Q(pk__in=())
    for state in ledger.states.values():
        if state.deadline is None or state.final:
            continue
        field = state.deadline.field
        first_not_late = _first_start_not_late(state.deadline, on)
        late |= Q(state=state.code) & Q(**{f"{field}__lt": _as_column(ledger, field, first_not_late)})
    return late


def deadline_fields(ledger: Ledger) -> tuple[str, ...]:
    """The columns that deadlines run from."""
    return tuple(dict.fromkeys(state.deadline.field for state in ledger.states.values() if state.deadline))


def is_late(ledger: Ledger, state: str, starts: Mapping[str, Any], *, on: date) -> bool:
    """Whether a row in this state, with these values of `deadline_fields`, should have left it before `on`."""
    known = ledger.states.get(state)
    if known is None or known.final or known.deadline is None:
        return False
    start = as_date(starts[known.deadline.field])
    return start is not None and _last_day(known.deadline, start) < on


def has_deadlines(ledger: Ledger) -> bool:
    return any(state.deadline and not state.final for state in ledger.states.values())


def _last_day(deadline: Deadline, start: date) -> date:
    days = deadline.days
    if deadline.parameter:
        said = runtime.param(deadline.parameter, on=start)
        days = int(said) if said is not None else days
    day = add_months(start, deadline.months) if deadline.months else start
    if deadline.working:
        return default_calendar().provisional_due(day, days).day
    return day + timedelta(days=days)


def _first_start_not_late(deadline: Deadline, on: date) -> date:
    """The earliest start whose last day is not before `on`; the last day never falls when the start rises."""
    early, late = on - timedelta(days=_LOOK_BACK), on + timedelta(days=1)
    while _last_day(deadline, late) < on:  # negative days: due before the date itself
        late += timedelta(days=90)
    while (late - early).days > 1:
        middle = early + (late - early) // 2
        if _last_day(deadline, middle) < on:
            early = middle
        else:
            late = middle
    return late


def as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localdate(value) if timezone.is_aware(value) else value.date()
    if isinstance(value, str):
        return date.fromisoformat(f"{value}-01") if len(value) == 7 else None
    return value


def _as_column(ledger: Ledger, field: str, day: date) -> Any:
    match ledger.types[field].name:
        case "datetime":
            return timezone.make_aware(datetime(day.year, day.month, day.day))
        case "month":
            return day.isoformat()[:7]
    return day
