"""A run of checks, reconciled against the findings that are known (design section 8)."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import duckdb
from django.db import transaction
from django.utils import timezone

from zhenwu.checks.messages import key_text, say, shown
from zhenwu.checks.models import UNRESOLVED, ClosedHow, EventKind, Finding, FindingEvent, Severity, Status
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.checks.registry import registry
from zhenwu.mart.engine import window
from zhenwu.mart.errors import QueryTooSlow, SqlBroken
from zhenwu.mart.store import mart

_BATCH = 1000
_SEVERITY = {
    "red": "red", "error": "red", "e": "red", "yellow": "yellow", "warn": "yellow", "w": "yellow", "blue": "blue",
    "info": "blue", "i": "blue",
}  # fmt: skip


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
class _Bad:
    """One bad row, as a finding would say it."""

    key: str
    subject: str
    severity: str
    message: str
    values: dict[str, str]
    row: uuid.UUID | None
    place: uuid.UUID | None


def run(
    codes: Iterable[str] | None = None, *, as_of: date, progress: Callable[[int, int], None] | None = None
) -> RunReport:
    """Run the checks (full codes; None = all) as of a day. Each check is reconciled in its own transaction.

    `progress(done, total)` is told after each check.
    """
    started = time.monotonic()
    report = RunReport(as_of)
    wanted = list(codes) if codes is not None else registry().codes()
    for done, code in enumerate(wanted, 1):
        if progress:
            progress(done, len(wanted))
        try:
            check = registry().prepared(code)
            bad = _bad_rows(check, as_of, as_of.year)
            for year in _years_open(check, before=as_of.year):
                bad = _bad_rows(check, as_of, year) | bad
        except (SqlBroken, QueryTooSlow, duckdb.Error) as error:
            report.errors.append((code, str(error)))
            continue
        _reconcile(check, bad, as_of, report)
        report.checks += 1
    report.seconds = time.monotonic() - started
    return report


def finding_key(code: str, subject: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps([code, *subject], ensure_ascii=False).encode()).hexdigest()


def _years_open(check: PreparedCheck, *, before: int) -> list[int]:
    """Earlier years of which findings still wait: a cell missed in December is not put right by New Year's Day."""
    if not check.bad.params & {"year", "from", "to"}:
        return []
    waiting = Finding.objects.filter(check_code=check.full_code, status__in=UNRESOLVED, year__lt=before)
    return sorted(set(waiting.values_list("year", flat=True)))


def _bad_rows(check: PreparedCheck, as_of: date, year: int) -> dict[str, _Bad]:
    """By key; a subject that the SQL returns twice is one finding."""
    table = mart().query(check.bad, window(as_of, year))
    places = mart().places(as_of).divisions
    found: dict[str, _Bad] = {}
    for row in table.to_pylist():
        subject = [key_text(row[name]) for name in check.subject]
        key = finding_key(check.full_code, subject)
        place = row.get("place")
        said = row.get("severity")
        found[key] = _Bad(
            key,
            json.dumps(subject, ensure_ascii=False),
            _SEVERITY.get(str(said).lower(), check.severity) if said else check.severity,
            say(check.message, row),
            {name: shown(value) for name, value in row.items()},
            _uuid(row.get("row")),
            _uuid(place) if place in places else None,
        )
    return found


@transaction.atomic
def _reconcile(check: PreparedCheck, bad: dict[str, _Bad], as_of: date, report: RunReport) -> None:
    now = timezone.now()
    known = {one.key: one for one in Finding.objects.select_for_update().filter(check_code=check.full_code)}
    events: list[FindingEvent] = []
    changed: list[Finding] = []

    new = [_new(check, one, as_of) for key, one in bad.items() if key not in known]
    _name_ledgers(check, new)
    Finding.objects.bulk_create(new, batch_size=_BATCH)
    events += [FindingEvent(finding=one, at=now, as_of=as_of, kind=EventKind.FOUND, text=one.message) for one in new]
    report.new += len(new)

    for key, finding in known.items():
        if key in bad:
            kind = _found_again(finding, bad[key], as_of)
            report.reopened += kind == EventKind.REOPENED
            report.still += kind is None and finding.status in UNRESOLVED
        else:
            kind = _not_found(finding, as_of)
            report.gone += kind == EventKind.GONE
        changed.append(finding)
        if kind is not None:
            events.append(FindingEvent(finding=finding, at=now, as_of=as_of, kind=kind, text=finding.message))
    fields = ["severity", "message", "values", "label", "seen_on", "status", "times_reopened", "due_on", "division"]
    closing = ["closed_by", "closed_at", "closed_how", "verified_by"]
    changed = [one for one in changed if getattr(one, "_touched", False)]
    Finding.objects.bulk_update(changed, [*fields, *closing], batch_size=_BATCH)
    FindingEvent.objects.bulk_create(events, batch_size=_BATCH)
    Finding.objects.filter(check_code=check.full_code).exclude(seen_on=as_of).update(seen_on=as_of)


def _new(check: PreparedCheck, bad: _Bad, as_of: date) -> Finding:
    return Finding(
        check_code=check.full_code, ledger=check.ledger, label=check.label, subject=bad.subject, key=bad.key,
        severity=bad.severity, message=bad.message, values=bad.values, row=bad.row, division_id=bad.place,
        unit=registry().unit(check.ledger), found_on=as_of, seen_on=as_of, due_on=as_of + timedelta(days=check.due_days),
        year=as_of.year,
    )  # fmt: skip


def _found_again(finding: Finding, bad: _Bad, as_of: date) -> str | None:
    """Still there: say what is true today. Back again: reopened. What was explained and accepted stays closed, unless it
    has become red."""
    before = (finding.message, finding.severity, finding.division_id)
    finding.message, finding.severity, finding.values, finding.division_id = (
        bad.message, bad.severity, bad.values, bad.place,
    )  # fmt: skip
    finding._touched = before != (bad.message, bad.severity, bad.place)  # type: ignore[attr-defined]
    accepted = finding.status == Status.CLOSED and finding.closed_how == ClosedHow.EXPLAINED
    if finding.status in UNRESOLVED or (accepted and bad.severity != Severity.RED):
        return None
    days = finding.due_on - finding.found_on
    finding.status, finding.times_reopened, finding.due_on = Status.REOPENED, finding.times_reopened + 1, as_of + days
    finding.closed_by = finding.closed_at = finding.verified_by = None
    finding.closed_how = ""
    finding._touched = True  # type: ignore[attr-defined]
    return EventKind.REOPENED


def _not_found(finding: Finding, as_of: date) -> str | None:
    if finding.status not in UNRESOLVED:
        return None
    finding.status = Status.GONE
    finding._touched = True  # type: ignore[attr-defined]
    return EventKind.GONE


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


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value)) if value else None
    except ValueError:
        return None
