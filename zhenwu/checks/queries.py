"""Reading findings: what is open, for whom; what stands in the way of an approval; a coverage as a heat map."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, When

from zhenwu.accounts.scope import rights_of
from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.messages import key_text, shown
from zhenwu.checks.models import UNRESOLVED, WAITING, Finding, Severity
from zhenwu.checks.registry import registry
from zhenwu.checks.running import run
from zhenwu.ledgers.queries import rows_in
from zhenwu.mart.engine import window
from zhenwu.mart.errors import SqlBroken
from zhenwu.mart.store import mart
from zhenwu.packs import runtime

_CHUNK = 500
_WORST = Case(When(severity=Severity.RED, then=0), When(severity=Severity.YELLOW, then=1), default=2)


def findings_for(user: Any) -> QuerySet[Finding]:
    """Every finding this user may see: of ledgers in their lines, in their places."""
    rights = rights_of(user)
    seen = Q(pk__in=())
    whole: list[str] = []
    for code, ledger in runtime.ledgers().items():
        scope = rights.scope_in(ledger.realm)
        if not scope.read:
            continue
        if scope.places is None:
            whole.append(code)
        else:
            seen |= Q(ledger=code, division__in=scope.places)
            if scope.units:
                seen |= Q(ledger=code, row__in=rows_in(ledger, scope).values("pk"))
    return Finding.objects.filter(seen | Q(ledger__in=whole)).select_related("division", "assignee")


def open_findings(
    within: QuerySet[Finding] | None = None,
    *,
    severity: str = "",
    ledger: str = "",
    places: Collection[Any] | None = None,
    unit: str = "",
    statuses: Iterable[str] = WAITING,
) -> QuerySet[Finding]:
    """Findings that wait for someone, worst and oldest first. `within` is `findings_for(user)` on pages."""
    found = (Finding.objects.select_related("division", "assignee") if within is None else within).filter(
        status__in=tuple(statuses)
    )
    if severity:
        found = found.filter(severity=severity)
    if ledger:
        found = found.filter(ledger=ledger)
    if places is not None:
        found = found.filter(division__in=places)
    if unit:
        found = found.filter(unit=unit)
    return found.alias(worst=_WORST).order_by("worst", "due_on", "check_code")


def overdue(on: date, within: QuerySet[Finding] | None = None) -> QuerySet[Finding]:
    return open_findings(within, statuses=UNRESOLVED).filter(due_on__lt=on)


def counts_by(field: str, within: QuerySet[Finding] | None = None) -> dict[Any, dict[str, int]]:
    """{value of the field: {severity: how many wait}}, e.g. by "ledger", "division_id", "unit", "check_code"."""
    rows = open_findings(within).order_by().values_list(field, "severity").annotate(n=Count("pk"))
    found: dict[Any, dict[str, int]] = {}
    for value, severity, n in rows:
        found.setdefault(value, {})[severity] = n
    return found


def open_red_for(ledger: str, rows: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """{row: why it may not be approved}. The checks concerned are run again first, so that what was just put right no longer
    stands in the way."""
    found, declared = _open_red(rows), set(registry().codes())  # a check no longer declared keeps its findings
    for as_of in {one.seen_on for one in found}:
        run(sorted({one.check_code for one in found if one.seen_on == as_of} & declared), as_of=as_of)
    if found:
        found = _open_red(rows)
    reasons: dict[uuid.UUID, list[str]] = {}
    for one in found:
        if one.row is not None:
            reasons.setdefault(one.row, []).append(f"{one.label}：{one.message}" if _is_own(one, ledger) else one.label)
    return {row: "有未整改的差错——" + "；".join(said) for row, said in reasons.items()}


def _is_own(finding: Finding, ledger: str) -> bool:
    """Whether the words tell nothing but what stands in the ledger itself: here it is not known who will read them."""
    try:
        return registry().prepared(finding.check_code).bad.ledgers <= {ledger}
    except (UnknownCheck, SqlBroken):
        return False


def _open_red(rows: Sequence[uuid.UUID]) -> list[Finding]:
    found: list[Finding] = []
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        found += Finding.objects.filter(row__in=some, severity=Severity.RED, status__in=UNRESOLVED)
    return found


@dataclass(frozen=True)
class Cell:
    """What should exist at one crossing: `met` of `expected`."""

    expected: int
    met: int
    rows: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        return self.met >= self.expected


@dataclass(frozen=True)
class Matrix:
    """A coverage: keys and what they are called, down and across, and the cells that are expected at all."""

    code: str
    label: str
    down: dict[str, str]
    across: dict[str, str]
    cells: dict[tuple[str, str], Cell]

    @property
    def expected(self) -> int:
        return sum(cell.expected for cell in self.cells.values())

    @property
    def met(self) -> int:
        return sum(cell.met for cell in self.cells.values())


def coverage_codes() -> list[str]:
    """Full codes of the coverages of all packs."""
    return [f"{code}.{one.code}" for code, ledger in runtime.ledgers().items() for one in ledger.pack.coverage]


def coverage_matrix(code: str, *, as_of: date, places: Collection[Any] | None = None) -> Matrix:
    """`places`: only what is expected there. Names come from the SQL's columns <down>_name, <across>_label or the like."""
    check = registry().prepared(code)
    if check.cells is None:
        raise ValueError(f"{code} 不是应有尽有类检查，没有覆盖矩阵。")
    divisions = mart().places(as_of).divisions
    allowed = {one.hex if isinstance(one, uuid.UUID) else str(one) for one in places} if places is not None else None
    down: dict[str, str] = {}
    across: dict[str, str] = {}
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in mart().query(check.cells, window(as_of)).to_pylist():
        if allowed is not None and row.get("place") not in allowed:
            continue
        here = (key_text(row[check.down]), key_text(row[check.across]))
        down.setdefault(here[0], _name(row, check.down, divisions))
        across.setdefault(here[1], _name(row, check.across, divisions))
        cells.setdefault(here, []).append(row)
    counted = {
        here: Cell(len(some), sum(one["met"] for one in some), tuple(one["row"] for one in some if one["row"]))
        for here, some in cells.items()
    }
    return Matrix(code, check.label, dict(sorted(down.items())), dict(sorted(across.items())), counted)


def _name(row: dict[str, Any], column: str, divisions: Any) -> str:
    for name in (f"{column}_name", f"{column}_label"):
        if row.get(name) is not None:
            return shown(row[name])
    value = row[column]
    return str(divisions[value]["name"]) if value in divisions else shown(value)
