"""Runs of checks: all of them, some, or those that read what was changed since they last looked."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import duckdb

from zhenwu.changes.models import Change, History
from zhenwu.changes.queries import ledger_seqs
from zhenwu.checks.messages import key_text, say, shown
from zhenwu.checks.models import UNRESOLVED, CheckedUpTo, Finding
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.checks.reconciling import Bad, RunReport, reconcile
from zhenwu.checks.registry import registry
from zhenwu.mart.engine import window
from zhenwu.mart.errors import QueryFailed, QueryTooSlow, SqlBroken
from zhenwu.mart.source import Source
from zhenwu.mart.store import mart
from zhenwu.packs import runtime

_SEVERITY = {
    "red": "red", "error": "red", "e": "red", "yellow": "yellow", "warn": "yellow", "w": "yellow", "blue": "blue",
    "info": "blue", "i": "blue",
}  # fmt: skip
Authors = Mapping[str, frozenset[int]]


def run(
    codes: Iterable[str] | None = None,
    *,
    as_of: date,
    progress: Callable[[int, int], None] | None = None,
    authors: Authors | None = None,
    source: Source | None = None,
) -> RunReport:
    """Run the checks (full codes; None = all) as of a day. Each check is reconciled in its own transaction.

    `progress(done, total)` is told after each check. `authors`: who changed each ledger since it was last looked at.
    `source`: the same rows on another engine.
    """
    started = time.monotonic()
    report = RunReport(as_of)
    seqs = ledger_seqs() if codes is None else {}
    wanted = list(codes) if codes is not None else registry().codes()
    for done, code in enumerate(wanted, 1):
        if progress:
            progress(done, len(wanted))
        try:
            check = registry().prepared(code)
            bad = bad_rows(check, as_of, as_of.year, source)
            for year in _years_open(check, before=as_of.year):
                bad = bad_rows(check, as_of, year, source) | bad
        except (SqlBroken, QueryTooSlow, QueryFailed, duckdb.Error) as error:
            report.errors.append((code, str(error)))
            continue
        reconcile(check, bad, as_of, report, corrected_by=_only_author(check, authors))
        report.checks += 1
    _looked_at(seqs)
    report.seconds = time.monotonic() - started
    return report


def run_changed(*, as_of: date) -> RunReport:
    """Run the checks that read a ledger in which something was written since they last looked."""
    heads = {code: seq for code, seq in ledger_seqs().items() if code in runtime.ledgers()}
    known = dict(CheckedUpTo.objects.values_list("ledger", "seq"))
    moved = {code: known.get(code, 0) for code, seq in heads.items() if seq != known.get(code, 0)}
    report = run(codes_reading(moved), as_of=as_of, authors=_authors_since(moved)) if moved else RunReport(as_of)
    _looked_at({code: heads[code] for code in moved})
    return report


def codes_reading(ledgers: Iterable[str]) -> list[str]:
    """The checks whose statements read one of these ledgers."""
    wanted, found = set(ledgers), []
    for code in registry().codes():
        try:
            if registry().prepared(code).bad.ledgers & wanted:
                found.append(code)
        except SqlBroken:
            continue  # told by the run of all checks
    return found


def units_of(code: str) -> frozenset[str]:
    """What of the mart the check reads; nothing when its SQL is broken, which its run tells."""
    try:
        return registry().prepared(code).bad.units
    except SqlBroken:
        return frozenset()


def finding_key(code: str, subject: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps([code, *subject], ensure_ascii=False).encode()).hexdigest()


def _authors_since(moved: Mapping[str, int]) -> dict[str, frozenset[int]]:
    found = {}
    for code, seq in moved.items():
        changes = History.objects.filter(ledger=code, seq__gt=seq).values("change")
        found[code] = frozenset(Change.objects.filter(pk__in=changes).values_list("author_id", flat=True))
    return found


def _only_author(check: PreparedCheck, authors: Authors | None) -> int | None:
    """Who put right what this run no longer finds, where it can only have been one person."""
    found = frozenset().union(*((authors or {}).get(code, frozenset()) for code in check.bad.ledgers))
    return next(iter(found)) if len(found) == 1 else None


def _looked_at(seqs: Mapping[str, int]) -> None:
    rows = [CheckedUpTo(ledger=code, seq=seq) for code, seq in seqs.items() if code in runtime.ledgers()]
    CheckedUpTo.objects.bulk_create(rows, update_conflicts=True, unique_fields=["ledger"], update_fields=["seq"])


def _years_open(check: PreparedCheck, *, before: int) -> list[int]:
    """Earlier years of which findings still wait: a cell missed in December is not put right by New Year's Day."""
    if not check.bad.params & {"year", "from", "to"}:
        return []
    waiting = Finding.objects.filter(check_code=check.full_code, status__in=UNRESOLVED, year__lt=before)
    return sorted(set(waiting.values_list("year", flat=True)))


def bad_rows(check: PreparedCheck, as_of: date, year: int, source: Source | None = None) -> dict[str, Bad]:
    """By key; a subject that the SQL returns twice is one finding."""
    source = source or mart()
    table = source.query(check.bad, window(as_of, year))
    places = source.places(as_of).divisions
    found: dict[str, Bad] = {}
    for row in table.to_pylist():
        subject = [key_text(row[name]) for name in check.subject]
        key = finding_key(check.full_code, subject)
        place = row.get("place")
        said = row.get("severity")
        found[key] = Bad(
            key,
            json.dumps(subject, ensure_ascii=False),
            _SEVERITY.get(str(said).lower(), check.severity) if said else check.severity,
            say(check.message, row),
            {name: shown(value) for name, value in row.items()},
            _uuid(row.get("row")),
            _uuid(place) if place in places else None,
        )
    return found


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value)) if value else None
    except ValueError:
        return None
