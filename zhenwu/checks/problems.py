"""Everything that waits to be closed, from whatever source, as one list: findings of checks, and rows of ledgers of problems."""

import heapq
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from zhenwu.accounts.models import User
from zhenwu.checks.access import findings_listed_for
from zhenwu.checks.listing import FindingQuery, ledger_label, lines_of
from zhenwu.checks.listing import counts as finding_counts
from zhenwu.checks.models import SEVERITY_LABELS, UNRESOLVED, Finding, Severity, Status
from zhenwu.checks.rows import NEVER, Source, counted, sources_for, within
from zhenwu.indicators.links import RowName, row_url
from zhenwu.ledgers.lines import attach
from zhenwu.ledgers.lines import lines_of as child_lines
from zhenwu.ledgers.queries import lines_text, shown_fields, shown_line_values
from zhenwu.lib.closing import Closing, Rates, closing_rates, due_light

_CHECK = "check"
_HIDDEN = "这一栏你不能查看"


@dataclass(frozen=True)
class Problem:
    """One line of the list and of the 问题整改台账. `finding` where it is one; then acts may be done on it in bulk."""

    source: str  # where it comes from, in words
    title: str
    message: str
    severity: str
    place: str
    unit: str
    owner: str
    measures: str
    found_on: date | None
    due_on: date | None
    closed_on: date | None
    status: str
    tone: str
    url: str
    is_late: bool
    late_days: int = 0
    is_hidden: bool = False
    no: str = ""
    times_reopened: int = 0
    row: RowName | None = None  # the row that a finding is about
    finding: Finding | None = None

    @property
    def severity_label(self) -> str:
        return SEVERITY_LABELS[Severity(self.severity)]


class Problems:
    """What one reader asked for, as of a day."""

    def __init__(self, user: User, query: FindingQuery, on: date) -> None:
        self.user, self.query, self.on = user, query, on
        self.sources = list(sources_for(user))

    def counts(self) -> dict[str, int]:
        """{severity: how many}, whatever severity is asked."""
        found = finding_counts(self._findings(by_severity=False))
        for _, rows in self._rows(by_severity=False):
            for severity, n in counted(rows).items():
                found[severity] += n
        return found

    def page(self, start: int, stop: int) -> list[Problem]:
        """The lines from `start` to `stop`: each source gives its first ones in order, and they are merged."""
        keyed: list[Iterator[tuple[Any, ...]]] = [self._keys(_CHECK, self._ordered_findings(), stop)]
        keyed += [self._keys(source.code, self._ordered(rows), stop) for source, rows in self._rows()]
        wanted = list(heapq.merge(*keyed))[start:stop]
        by_source: dict[str, list[Any]] = {}
        for *_, source, pk in wanted:
            by_source.setdefault(source, []).append(pk)
        lines: dict[str, Problem] = {}
        for source, pks in by_source.items():
            lines |= self._finding_lines(pks) if source == _CHECK else self._row_lines(source, pks)
        return [lines[pk] for *_, pk in wanted if pk in lines]

    def rates(self, year: int) -> list[tuple[str, Rates]]:
        """(source, how much of the year's problems is closed), of all that the reader sees, whatever is asked."""
        every = FindingQuery(status="all", line=self.query.line, unit=self.query.unit, place=self.query.place)
        findings = every.within(findings_listed_for(self.user), user=self.user).exclude(status=Status.ACCEPTED)
        dated = findings.values_list("found_on", "due_on", "status", "closed_at__date")
        said = [Closing(found, due, day if status == Status.CLOSED else None) for found, due, status, day in dated]
        found = [("台账核对发现", closing_rates(said, year, self.on))]
        for source in self.sources:
            rows = within(source, every, self.user, self.on)
            if rows is not None:
                found.append((source.said.source, closing_rates(_closings(source, rows), year, self.on)))
        return found

    def _findings(self, *, by_severity: bool = True) -> QuerySet[Finding]:
        seen = findings_listed_for(self.user)
        if self.query.source not in ("", _CHECK):
            return seen.none()
        return self.query.within(seen, by_severity=by_severity, user=self.user)

    def _rows(self, *, by_severity: bool = True) -> Iterator[tuple[Source, QuerySet[Any]]]:
        for source in self.sources:
            rows = within(source, self.query, self.user, self.on, by_severity=by_severity)
            if rows is not None:
                yield source, rows

    def _ordered_findings(self) -> QuerySet[Any]:
        found = self.query.ordered(self._findings()).annotate(
            p_worst=F("worst"), p_due=F("due_on"), p_found=F("found_on"), p_again=F("times_reopened"),
            p_place=Coalesce(F("division__code"), Value("")),
        )  # fmt: skip
        return _sorted(found, self.query.sort)

    def _ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return _sorted(
            rows.annotate(p_again=Value(0), p_place=Coalesce(F("division__code"), Value(""))), self.query.sort
        )

    def _keys(self, source: str, rows: QuerySet[Any], stop: int) -> Iterator[tuple[Any, ...]]:
        names = _SORTS[self.query.sort]
        for *said, pk in rows.values_list(*(name.lstrip("-") for name in names), "pk")[:stop]:
            yield (
                *(_falling(one) if name.startswith("-") else one for name, one in zip(names, said, strict=True)),
                source,
                pk,
            )

    def _finding_lines(self, pks: list[uuid.UUID]) -> dict[Any, Problem]:
        some = findings_listed_for(self.user).filter(pk__in=pks).select_related("division", "assignee")
        return {line.finding.pk: _of_finding(line, self.on) for line in lines_of(self.user, list(some))}

    def _row_lines(self, code: str, pks: list[uuid.UUID]) -> dict[Any, Problem]:
        source = next(one for one in self.sources if one.code == code)
        links = {one for one in (source.said.owner, source.said.unit) if one and source.ledger.types[one].is_link}
        rows = list(source.rows().filter(pk__in=pks).select_related("division", *links))
        attach(source.ledger, rows, named=True)
        return {row.pk: _of_row(source, row, self.on) for row in rows}


_SORTS = {
    "": ("p_worst", "p_due"), "due": ("p_due", "p_worst"), "new": ("-p_found", "p_worst"), "place": ("p_place", "p_worst"),
    "again": ("-p_again", "p_worst"),
}  # fmt: skip


def _sorted(rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    return rows.order_by(*_SORTS[sort], "pk")


def _falling(value: Any) -> int:
    return -(value.toordinal() if isinstance(value, date) else value)


def _of_finding(line: Any, on: date) -> Problem:
    one: Finding = line.finding
    done = one.closed_at.date() if one.closed_at else None
    light = due_light(one.due_on, on, done_on=done)
    late = one.status in UNRESOLVED and light.light == "red"
    tone = {Status.CLOSED: "good", Status.ACCEPTED: "plain", Status.GONE: "info", Status.EXPLAINED: "info"}
    return Problem(
        ledger_label(one.ledger), one.label, line.message, one.severity, one.division.name if one.division else "全镇",
        "村整改" if one.assigned == "village" else one.unit, str(one.assignee or ""), "" if line.is_hidden else one.measures,
        one.found_on, one.due_on, done, one.get_status_display(), tone.get(Status(one.status), "bad"), line.url, late,
        light.late_days, line.is_hidden, line.row.no if line.row else "", one.times_reopened, line.row,
        one,
    )  # fmt: skip


def _of_row(source: Source, row: Any, on: date) -> Problem:
    said, ledger = source.said, source.ledger
    shown = shown_fields(ledger, source.scope)

    def text(code: str | None) -> str:
        if not code:
            return ""
        if code in ledger.children:
            columns = shown_line_values(ledger, source.scope).get(code, {})
            return lines_text(columns.values(), child_lines(ledger, row, code))
        return shown[code].show_row(row) if code in shown else _HIDDEN

    closed = row.state in source.closed_states or (
        not source.closed_states and bool(said.closed and getattr(row, said.closed))
    )
    done = getattr(row, said.closed) if closed and said.closed else None
    due = None if row.p_due == NEVER else row.p_due
    light = due_light(due, on, done_on=done) if due else None
    late = not closed and light is not None and light.light == "red"
    return Problem(
        said.source, f"{said.source} {row.no}", text(said.content), row.p_severity, row.division.name if row.division_id else "全镇",
        row.p_unit or "", text(said.owner), text(said.measures), row.p_found, due, done,
        ledger.state_label(row.state) if row.state else ("已销号" if closed else "待整改"), "good" if closed else "bad" if late else "info",
        row_url(ledger.code, row.pk), late, light.late_days if light else 0, said.content not in shown, row.no,
    )  # fmt: skip


def _closings(source: Source, rows: QuerySet[Any]) -> Iterator[Closing]:
    closed_on = source.said.closed
    names = ["p_found", "p_due", "state", "changed_at__date", *([closed_on] if closed_on else [])]
    for found, due, state, changed, *day in rows.values_list(*names):
        closed = state in source.closed_states if source.closed_states else bool(day and day[0])
        done = (
            (day[0] if day and day[0] else changed) if closed else None
        )  # where nobody wrote the day: the last change
        yield Closing(found, None if due == NEVER else due, done)


def source_choices(user: User) -> list[tuple[str, str]]:
    rest = [(one.code, one.said.source) for one in sources_for(user)]
    return [(_CHECK, "台账核对发现"), *rest] if rest else []
