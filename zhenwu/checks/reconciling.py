"""What a run found, set against the findings that are known (design section 8): new, kept, gone, back again."""

# ruff: noqa: S608  names come from the packs' schema and from Django's own metadata

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, transaction

from zhenwu.changes.bulk import Inserter, converter
from zhenwu.checks.accepting import Looked, digests_of
from zhenwu.checks.due import Duty, duty_for
from zhenwu.checks.keeping import Act, keep
from zhenwu.checks.models import UNRESOLVED, ClosedHow, EventKind, Finding, Severity, Status
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.lib.workdays import Calendar, working_calendar
from zhenwu.mart.store import mart

_CHUNK = 500
_READ = (
    "id", "key", "status", "severity", "message", "values", "division_id", "due_on", "times_reopened", "closed_how",
    "accepted_until", "accepted_digest", "label",
)  # fmt: skip


@dataclass
class RunReport:
    """Counts of findings; `errors` are (check, message) of checks that could not run: their findings stay as they were."""

    as_of: date
    checks: int = 0
    new: int = 0
    still: int = 0
    gone: int = 0
    reopened: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0


@dataclass
class Bad:
    """One bad row, as a finding would say it."""

    key: str
    subject: str
    severity: str
    message: str
    values: dict[str, str]
    row: uuid.UUID | None
    place: uuid.UUID | None


@dataclass
class _Known:
    """A finding as it is stored, and what of it this run changes."""

    said: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.changed.get(name, self.said[name])

    def set(self, **values: Any) -> None:
        self.changed |= {
            name: value for name, value in values.items() if name not in self.said or self.said[name] != value
        }


_Event = tuple[Any, str, str, Any]  # finding, kind, text, by


@transaction.atomic
def reconcile(
    check: PreparedCheck, bad: Mapping[str, Bad], as_of: date, report: RunReport, *, corrected_by: int | None = None
) -> None:
    known = _known(check, bad)
    duty, calendar = duty_for(check), working_calendar()
    looked = _accepted(check, bad, known.values())
    events: list[_Event] = []
    for key, one in known.items():
        found = bad.get(key)
        if found is None:
            kind = _not_found(one, as_of, corrected_by)
        else:
            kind = _found_again(one, found, as_of, duty, calendar, looked.get(key, ""), check.label)
            report.reopened += kind == EventKind.REOPENED
            report.still += kind is None and one.status in UNRESOLVED
        report.gone += kind == EventKind.GONE
        if kind is not None:
            by = corrected_by if kind == EventKind.GONE else None
            events.append((one.id, str(kind), _text(one, kind, as_of), by))
    due = cache(lambda severity: duty.due(severity, as_of, calendar))
    new = [_new(one, due(one.severity)) for key, one in bad.items() if key not in known]
    _name_ledgers(check, new)
    _insert(check, new, as_of, duty)
    events += [(one.pk, str(EventKind.FOUND), one.message, None) for one in new]
    report.new += len(new)
    _write([one for one in known.values() if one.changed])
    keep([Act(*one) for one in events], as_of=as_of, reason=f"核对：{check.label}")
    Finding.objects.filter(check_code=check.full_code).exclude(seen_on=as_of).update(seen_on=as_of)


def _known(check: PreparedCheck, bad: Collection[str]) -> dict[str, _Known]:
    """What waits, and what is closed but was found again; all of it locked. What is closed and gone is not even read."""
    of_check = Finding.objects.select_for_update(of=("self",)).filter(check_code=check.full_code)
    found = {
        row[1]: _Known(dict(zip(_READ, row, strict=True))) for row in _rows(of_check.exclude(status=Status.CLOSED))
    }
    rest = [key for key in bad if key not in found]
    closed = of_check.filter(status=Status.CLOSED)
    if len(rest) > 10 * _CHUNK:
        some: Iterable[Any] = (row for row in _rows(closed) if row[1] in bad)
    else:
        pieces = (rest[start : start + _CHUNK] for start in range(0, len(rest), _CHUNK))
        some = (row for piece in pieces for row in _rows(closed.filter(key__in=piece)))
    return found | {row[1]: _Known(dict(zip(_READ, row, strict=True))) for row in some}


def _rows(findings: Any) -> Any:
    return findings.values_list(*_READ)


def _new(bad: Bad, due_on: date) -> Finding:
    """What differs from one to the other; the rest is the same for all of a run (`_insert`)."""
    return Finding(
        subject=bad.subject, key=bad.key, severity=bad.severity, message=bad.message, values=bad.values, row=bad.row,
        division_id=bad.place, due_on=due_on,
    )  # fmt: skip


def _found_again(
    one: _Known, bad: Bad, as_of: date, duty: Duty, calendar: Calendar, digest: str, label: str
) -> str | None:
    """Still there: say what is true today. Back again: reopened. What was explained and accepted stays closed, unless it
    has become red; what was accepted as a false alarm stays so while its data and its day hold."""
    one.set(message=bad.message, severity=bad.severity, division_id=bad.place, values=bad.values, label=label)
    if one.status in UNRESOLVED:
        return None
    if one.status == Status.ACCEPTED:
        if one.accepted_digest == digest and as_of <= one.accepted_until:
            return None
        one.set(status=Status.OPEN, due_on=duty.due(bad.severity, as_of, calendar))
        return EventKind.LAPSED
    if one.status == Status.CLOSED and one.closed_how == ClosedHow.EXPLAINED and bad.severity != Severity.RED:
        return None
    one.set(
        status=Status.REOPENED, times_reopened=one.times_reopened + 1, due_on=duty.due(bad.severity, as_of, calendar),
        closed_by_id=None, closed_at=None, verified_by_id=None, closed_how="", look_on=None, corrected_by_id=None,
    )  # fmt: skip
    return EventKind.REOPENED


def _not_found(one: _Known, as_of: date, corrected_by: int | None) -> str | None:
    """A false alarm that is no longer found needs nobody, until its acceptance ends."""
    if one.status == Status.ACCEPTED and as_of <= one.accepted_until:
        return None
    if one.status not in (*UNRESOLVED, Status.ACCEPTED):
        return None
    one.set(status=Status.GONE, corrected_by_id=corrected_by)
    return EventKind.GONE


def _text(one: _Known, kind: str, as_of: date) -> str:
    if kind != EventKind.LAPSED:
        return str(one.message)
    why = "认定的期限已到" if as_of > one.said["accepted_until"] else "涉及的数据有了变动"
    return f"{why}，重新列入待整改。{one.message}"


def _accepted(check: PreparedCheck, bad: Mapping[str, Bad], known: Iterable[_Known]) -> dict[str, str]:
    """{key: digest of today's data} of the findings that are accepted as false alarms and found again."""
    keys = [one.key for one in known if one.status == Status.ACCEPTED and one.key in bad]
    return digests_of(check, {key: Looked(bad[key].severity, bad[key].values) for key in keys})


def _write(changed: Sequence[_Known]) -> None:
    """Each finding's changed columns, by id; findings that change the same ones together."""
    by_columns: dict[tuple[str, ...], list[_Known]] = {}
    for one in changed:
        by_columns.setdefault(tuple(one.changed), []).append(one)
    quote, key = connection.ops.quote_name, converter(Finding._meta.pk)
    for names, some in by_columns.items():
        fields: list[Any] = [Finding._meta.get_field(name.removesuffix("_id")) for name in names]
        sets = ", ".join(f"{quote(one.column)} = %s" for one in fields)
        converts = [converter(one) for one in fields]
        rows = [
            (
                *(value if convert is None or value is None else convert(value)
                  for convert, value in zip(converts, (one.changed[name] for name in names), strict=True)),
                key(one.id) if key else one.id,
            )
            for one in some
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {quote(Finding._meta.db_table)} SET {sets} WHERE id = %s", rows)


def _insert(check: PreparedCheck, new: Sequence[Finding], as_of: date, duty: Duty) -> None:
    """By column, as the database takes them: one object a row of Django's own takes three times as long."""
    constant = {
        "check_code": check.full_code, "ledger": check.ledger, "label": check.label, "unit": duty.unit, "assigned": duty.assigned,
        "assignee_id": duty.assignee, "year": as_of.year, "found_on": as_of, "seen_on": as_of, "status": str(Status.OPEN),
        "times_reopened": 0, "explanation": "", "measures": "", "evidence": [], "accepted_digest": "", "closed_how": "",
    }  # fmt: skip
    columns = ("id", "key", "subject", "severity", "message", "values", "row", "row_ledger", "division_id", "due_on")
    Inserter(Finding, columns, constant).insert(
        len(new), {name: [getattr(one, name) for one in new] for name in columns}
    )


def _name_ledgers(check: PreparedCheck, findings: list[Finding]) -> None:
    """Which ledger each finding's row lies in: the check may look at several."""
    rows = [one for one in findings if one.row]
    if not rows or len(check.bad.ledgers) == 1:
        for one in rows:
            one.row_ledger = next(iter(check.bad.ledgers))
        return
    union = " UNION ALL ".join(f"SELECT id, '{code}' AS ledger FROM base.\"{code}\"" for code in check.bad.ledgers)
    ids = [one.row.hex for one in rows if one.row]
    found = mart().look_up(
        check.bad.ledgers, f"SELECT * FROM ({union}) WHERE id IN (SELECT unnest($ids))", {"ids": ids}
    )
    ledgers = dict(zip(found.column("id").to_pylist(), found.column("ledger").to_pylist(), strict=True))
    for one in rows:
        one.row_ledger = ledgers.get(one.row.hex if one.row else "", "")
