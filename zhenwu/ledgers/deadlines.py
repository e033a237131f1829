"""By when a row must leave its state: the day, its light, which rows are late, and whose business they have become."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhenwu.ledgers.stays import STATE_SINCE, state_since, with_state_since
from zhenwu.lib.workdays import Calendar, add_months, working_calendar
from zhenwu.lib.workdays import Due as LastDay
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import Deadline, StateSpec

Light = Literal["green", "yellow", "red"]
_SOON = 3
_LOOK_BACK = 4000  # days; no deadline is longer


@dataclass(frozen=True)
class Due:
    """`warning`: why the day may still move; `escalated`: (role, since when) whose business it has become, in order."""

    day: date
    light: Light
    text: str
    warning: str = ""
    escalated: tuple[tuple[str, date], ...] = ()

    @property
    def escalated_to(self) -> tuple[str, ...]:
        return tuple(role for role, _ in self.escalated)


def due_of(ledger: Ledger, row: Any, *, on: date, calendar: Calendar | None = None) -> Due | None:
    """When the row must have left its state. None when the state has no deadline or its date is not filled.

    Who asks for many rows fetches them by `with_starts` and hands over the calendar, else each row costs a query.
    """
    state = _timed(ledger, row.state)
    if state is None or row.is_void:
        return None
    assert state.deadline is not None
    field = state.deadline.field
    said = getattr(row, field) if field != STATE_SINCE or hasattr(row, field) else state_since(ledger, row)
    start = as_date(said)
    if start is None:
        return None
    calendar = calendar or working_calendar()
    day, guessed = last = _last_day(state.deadline, start, calendar)
    left = (day - on).days
    to = tuple((role, since) for role, since in _levels(state.deadline, day, calendar) if since <= on)
    if left < 0:
        return Due(day, "red", f"已超期{-left}天", last.warning, to)
    text = "今天到期" if left == 0 else f"还有{left}天"
    return Due(day, "yellow" if left <= _SOON else "green", text, last.warning if guessed else "", to)


def with_starts(ledger: Ledger, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with every day that a deadline may run from."""
    return with_state_since(ledger, rows) if STATE_SINCE in deadline_fields(ledger) else rows


def overdue(ledger: Ledger, *, on: date) -> Q:
    """The rows (`with_starts`) whose state's deadline has passed. Matches nothing when no state has one."""
    late, calendar = Q(pk__in=()), working_calendar()
    for state in _all_timed(ledger):
        deadline = state.deadline
        late |= _started_before(
            ledger, state, _first_start(on, lambda day, of=deadline: _last_day(of, day, calendar).day)
        )
    return late


def escalated(ledger: Ledger, role: str, *, on: date) -> Q:
    """The rows (`with_starts`) that are the business of the role, because nobody has moved them."""
    late, calendar = Q(pk__in=()), working_calendar()
    for state in _all_timed(ledger):
        deadline = state.deadline
        assert deadline is not None
        if any(one.to == role for one in deadline.escalate):
            since = lambda day, of=deadline: dict(_levels(of, _last_day(of, day, calendar).day, calendar))[role]  # noqa: E731
            late |= _started_before(ledger, state, _first_start(on + timedelta(days=1), since))
    return late


def deadline_fields(ledger: Ledger) -> tuple[str, ...]:
    """The columns that deadlines run from; `state_since` comes from `with_starts`."""
    return tuple(dict.fromkeys(state.deadline.field for state in _all_timed(ledger) if state.deadline))


def is_late(ledger: Ledger, state: str, starts: Mapping[str, Any], *, on: date, calendar: Calendar) -> bool:
    """Whether a row in this state, with these values of `deadline_fields`, should have left it before `on`."""
    known = _timed(ledger, state)
    if known is None or known.deadline is None:
        return False
    start = as_date(starts[known.deadline.field])
    return start is not None and _last_day(known.deadline, start, calendar).day < on


def has_deadlines(ledger: Ledger) -> bool:
    return bool(_all_timed(ledger))


def _timed(ledger: Ledger, state: str) -> StateSpec | None:
    known = ledger.states.get(state)
    return None if known is None or known.final or known.deadline is None else known


def _all_timed(ledger: Ledger) -> list[StateSpec]:
    return [state for state in ledger.states.values() if state.deadline and not state.final]


def _last_day(deadline: Deadline | None, start: date, calendar: Calendar) -> LastDay:
    assert deadline is not None
    days = deadline.days
    if deadline.parameter:
        said = runtime.param(deadline.parameter, on=start)
        days = int(said) if said is not None else days
    day = add_months(start, deadline.months) if deadline.months else start
    if deadline.working:
        return calendar.provisional_due(day, days)
    return calendar.period_end(day, days, moves=deadline.moves)


def _levels(deadline: Deadline, day: date, calendar: Calendar) -> list[tuple[str, date]]:
    """[(role, the first day on which the row is its business)] of a row that was due on `day`."""
    return [
        (one.to, (calendar.provisional_due(day, one.after).day if one.working else day + timedelta(days=one.after))
         + timedelta(days=1))
        for one in deadline.escalate
    ]  # fmt: skip


def _started_before(ledger: Ledger, state: StateSpec, first_not_late: date) -> Q:
    assert state.deadline is not None
    field = state.deadline.field
    early = _as_column(ledger, field, first_not_late)
    if field == STATE_SINCE:  # not before the row was made, nor after its last change: between them history is asked
        late = Q(changed_at__lt=early) | Q(**{f"{STATE_SINCE}__lt": early})
        return Q(state=state.code, created_at__lt=early) & late
    return Q(state=state.code) & Q(**{f"{field}__lt": early})


def _first_start(on: date, day_of: Any) -> date:
    """The earliest start whose day (by `day_of`, which never falls when the start rises) is not before `on`."""
    early, late = on - timedelta(days=_LOOK_BACK), on + timedelta(days=1)
    while day_of(late) < on:  # negative days: due before the date itself
        late += timedelta(days=90)
    while (late - early).days > 1:
        middle = early + (late - early) // 2
        if day_of(middle) < on:
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
    kind = ledger.types[field].name if field in ledger.types else "datetime"  # created_at and state_since
    match kind:
        case "datetime":
            return timezone.make_aware(datetime(day.year, day.month, day.day))
        case "month":
            return day.isoformat()[:7]
    return day
