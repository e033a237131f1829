"""Figures as a report cites them: indicators with the rows behind them, and counts of open findings."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from zhenwu.checks.models import UNRESOLVED, Finding, Severity
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.queries import spec_of, value
from zhenwu.indicators.seeing import is_small, small_text
from zhenwu.indicators.tracing import trace
from zhenwu.mart.places import Boundary
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.reports.tree import Cited

_ALL = 10**9
_FINDINGS = "问题清零"
RED = "red."  # codes of figures that count open red findings: red.<line>, red.<check code>

Rows = dict[str, list[str]]  # ledger → row ids


@dataclass(frozen=True)
class Question:
    """What every figure of one report has in common."""

    year: int
    as_of: date
    boundary: Boundary = "now"


@dataclass(frozen=True)
class Quoted:
    """A citation and what was behind it; `of_year`: one of its rows is an event of the year."""

    cited: Cited
    rows: Rows
    of_year: bool = False


def figure(code: str, asked: Question) -> Figure:
    """With its digest: reports cite it."""
    return value(code, as_of=asked.as_of, year=asked.year, boundary=asked.boundary, signed=True)


def quote_figure(found: Figure, asked: Question) -> Quoted:
    """Cite a figure that has a value, with its rows."""
    traced = trace(found.code, as_of=asked.as_of, year=asked.year, boundary=asked.boundary, limit=_ALL).rows
    rows: dict[str, list[str]] = defaultdict(list)
    for one in traced:
        if one.row is not None:
            rows[one.ledger].append(one.row)
    known = runtime.ledgers()
    labels = tuple(known[code].label for code in sorted(rows) if code in known)
    asked_for = urlencode({"as_of": asked.as_of.isoformat(), "year": asked.year, "boundary": asked.boundary})
    hidden = spec_of(found.code).privacy == "S3" and is_small(found)  # a report goes to everyone, and out of the house
    value_said, text, row_count = ("", small_text(), 0) if hidden else (str(found.value), found.text, found.row_count)
    cited = Cited(
        code=found.code, label=found.label, unit=found.unit, definition=found.definition, value=value_said,
        text=text, as_of=found.as_of.isoformat(), year=found.year, boundary=found.boundary,
        pack_hash=found.pack_hash, digest=found.digest, row_count=row_count,
        path=f"/figures/{quote(found.code)}/?{asked_for}", ledgers=labels,
    )  # fmt: skip
    of_year = spec_of(found.code).kind == "flow" and any(
        one.day is not None and one.day.year == asked.year and one.ledger in known and not known[one.ledger].spec.model
        for one in traced
    )
    return Quoted(cited, {ledger: sorted(set(ids)) for ledger, ids in rows.items()}, of_year)


def open_red(found_by: date | None = None) -> list[Finding]:
    """Red findings that nobody has put right (those known by that day); oldest first."""
    waiting = Finding.objects.filter(severity=Severity.RED, status__in=UNRESOLVED)
    if found_by is not None:
        waiting = waiting.filter(found_on__lte=found_by)
    return list(waiting.order_by("found_on", "check_code", "id"))


def quote_findings(code: str, label: str, findings: Iterable[Finding], asked: Question) -> Quoted:
    """How many of these findings are open: `code` is red.<line> or red.<check code>."""
    found = list(findings)
    ids = sorted(one.pk.hex for one in found)
    seen = max(one.seen_on for one in found)
    subject = code.removeprefix(RED)
    filters = {"severity": "red", ("line" if subject in LINE_LABELS else "check"): subject}
    digest = hashlib.sha256("|".join([code, str(asked.as_of), *ids]).encode()).hexdigest()
    cited = Cited(
        code=code, label=label, unit="条", value=str(len(ids)), text=str(len(ids)), as_of=asked.as_of.isoformat(),
        definition=f"台账核对发现、截至统计日尚未整改的差错；最近核对日{seen.isoformat()}，已改正待确认和已销号的不计。",
        year=asked.year, boundary=asked.boundary, pack_hash=runtime.pack_hash(), digest=digest, row_count=len(ids),
        path=f"/findings/?{urlencode(filters)}", ledgers=(_FINDINGS,), finding=True,
    )  # fmt: skip
    return Quoted(cited, {"finding": ids})
