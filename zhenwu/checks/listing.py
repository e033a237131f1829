"""The list of findings (问题清零): what was asked, what there is to choose from, and the lines of one page."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.checks.access import HIDDEN_MESSAGE, may_read
from zhenwu.checks.models import UNRESOLVED, WAITING, Assigned, Extension, Finding, Severity, Status
from zhenwu.divisions.models import Division
from zhenwu.divisions.queries import below
from zhenwu.indicators.links import RowName, names_of_rows
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.queries import whose
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import LINE_LABELS

_WORST = Case(When(severity=Severity.RED, then=0), When(severity=Severity.YELLOW, then=1), default=2)
_SORTS = {
    "": ("worst", "due_on", "check_code", "id"), "due": ("due_on", "worst", "id"), "new": ("-found_on", "worst", "id"),
    "place": ("division__code", "worst", "id"), "again": ("-times_reopened", "worst", "id"),
}  # fmt: skip
SORT_LABELS = {
    "": "先红后黄，先急后缓",
    "due": "期限先到的",
    "new": "最近发现的",
    "place": "按村（社区）",
    "again": "反复次数多的",
}
STATUS_CHOICES = {
    "": "未销号", "todo": "待整改", "verify": "待核实", "extend": "待批延期", "look": "待回头看", "accepted": "已认定误报",
    "closed": "已销号", "all": "全部",
}  # fmt: skip
_STATUSES: dict[str, tuple[str, ...]] = {
    "": WAITING, "todo": (Status.OPEN, Status.REOPENED), "verify": (Status.EXPLAINED, Status.GONE),
    "extend": UNRESOLVED, "look": (Status.CLOSED,), "accepted": (Status.ACCEPTED,), "closed": (Status.CLOSED,), "all": tuple(Status.values),
}  # fmt: skip


@dataclass(frozen=True)
class FindingQuery:
    """Unknown words and values are dropped, not errors."""

    severity: str = ""
    source: str = ""  # "check", or a ledger of problems
    status: str = ""
    ledger: str = ""
    line: str = ""
    unit: str = ""
    check: str = ""
    place: uuid.UUID | None = None
    late: bool = False
    mine: bool = False
    sort: str = ""

    @classmethod
    def from_params(cls, said: Mapping[str, str]) -> "FindingQuery":
        def one_of(name: str, known: Any) -> str:
            return said.get(name, "") if said.get(name, "") in known else ""

        return cls(
            severity=one_of("severity", Severity.values), source=_known_source(said.get("source", "")), status=one_of("status", _STATUSES),
            ledger=one_of("ledger", runtime.ledgers()), line=one_of("line", LINE_LABELS), unit=said.get("unit", "")[:60],
            check=said.get("check", "")[:90], place=_uuid(said.get("place", "")), late=said.get("late") == "1",
            mine=said.get("mine") == "1",
            sort=one_of("sort", _SORTS),
        )  # fmt: skip

    def within(
        self, findings: QuerySet[Finding], *, by_severity: bool = True, user: User | None = None
    ) -> QuerySet[Finding]:
        """Unordered; without `by_severity` the counts beside the severities can be made. `user` says what "mine" is."""
        found = findings.filter(status__in=_STATUSES[self.status])
        if self.status == "look":
            found = found.filter(look_on__lte=working_day())
        if self.status == "extend":
            found = found.filter(extensions__state=Extension.State.ASKED)
        if self.mine and user is not None:
            found = found.filter(mine_of(user))
        if by_severity and self.severity:
            found = found.filter(severity=self.severity)
        if self.ledger:
            found = found.filter(ledger=self.ledger)
        if self.line:
            found = found.filter(ledger__in=[c for c, one in runtime.ledgers().items() if one.spec.line == self.line])
        if self.unit:
            found = found.filter(unit=self.unit)
        if self.check:
            found = found.filter(check_code=self.check)
        if self.place:
            found = found.filter(division__in=below([self.place]))
        if self.late:
            found = found.filter(status__in=UNRESOLVED, due_on__lt=F("seen_on"))  # late against the last run's day
        return found

    def ordered(self, findings: QuerySet[Finding]) -> QuerySet[Finding]:
        return findings.alias(worst=_WORST).order_by(*_SORTS[self.sort])


def mine_of(user: User) -> Q:
    """What is this person's to put right: given to them, or to a village or an office that they work in. Who stands in for
    someone has that person's as well."""
    rights = rights_of(user)
    mine = Q(assignee__in=whose(user))
    if rights.village_places:
        mine |= Q(assignee=None, division__in=rights.village_places) & ~Q(assigned=Assigned.UNIT)
    if rights.units:
        mine |= Q(assignee=None, unit__in=rights.units) & ~Q(assigned=Assigned.VILLAGE)
    return mine


@dataclass(frozen=True)
class FindingLine:
    finding: Finding
    message: str
    is_hidden: bool
    row: RowName | None
    ledger: str  # its label

    @property
    def url(self) -> str:
        return reverse("checks:finding", args=[self.finding.pk])


def counts(findings: QuerySet[Finding]) -> dict[str, int]:
    """{severity: how many}, every severity named."""
    found = dict(findings.order_by().values_list("severity").annotate(n=Count("pk")))
    return {severity: found.get(severity, 0) for severity in Severity.values}


def lines_of(user: User, findings: list[Finding]) -> list[FindingLine]:
    shown = {one.pk: may_read(user, one) for one in findings}
    names = names_of_rows(
        user, [(one.row_ledger, one.row) for one in findings if one.row and one.row_ledger and shown[one.pk]]
    )
    return [
        FindingLine(
            one, one.message if shown[one.pk] else HIDDEN_MESSAGE, not shown[one.pk],
            names.get(one.row) if one.row else None, ledger_label(one.ledger),
        )
        for one in findings
    ]  # fmt: skip


def choices(findings: QuerySet[Finding], more: Iterable[Ledger] = ()) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: only what some finding of the user has, and the ledgers of problems."""
    plain = findings.order_by()
    ledgers = {*plain.values_list("ledger", flat=True).distinct(), *(one.code for one in more)}
    checks = plain.values_list("check_code", "label").distinct()
    places = Division.objects.filter(pk__in=plain.filter(division__isnull=False).values("division")).order_by("code")
    lines = {runtime.ledger(code).spec.line for code in ledgers if code in runtime.ledgers()}
    return {
        "line": [(line, label) for line, label in LINE_LABELS.items() if line in lines],
        "ledger": [(code, ledger_label(code)) for code in runtime.ledgers() if code in ledgers],
        "unit": [
            (unit, unit)
            for unit in sorted(
                {*plain.values_list("unit", flat=True).distinct(), *(one.spec.unit for one in more)} - {""}
            )
        ],
        "check": sorted(dict(checks).items(), key=lambda one: one[1]),
        "place": [(one.pk.hex, one.name) for one in places],
    }


def ledger_label(code: str) -> str:
    return runtime.ledger(code).label if code in runtime.ledgers() else code


def _known_source(said: str) -> str:
    ledgers = runtime.ledgers()
    return said if said == "check" or (said in ledgers and ledgers[said].pack.closing is not None) else ""


def _uuid(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said) if said else None
    except ValueError:
        return None
