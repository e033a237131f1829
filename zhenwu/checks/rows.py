"""Rows of ledgers that are problems themselves (`[closing]` of their packs), asked the same way as findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, DateField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.checks.models import Severity
from zhenwu.divisions.queries import below
from zhenwu.ledgers.queries import ledgers_for, rows_in, whose
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import ClosingSpec

NEVER = date(9999, 12, 31)
WORST = {Severity.RED: 0, Severity.YELLOW: 1, Severity.BLUE: 2}


@dataclass(frozen=True)
class Source:
    """One such ledger as one reader sees it."""

    ledger: Ledger
    scope: Scope
    said: ClosingSpec

    @property
    def code(self) -> str:
        return self.ledger.code

    def rows(self) -> QuerySet[Any]:
        """Visible rows with p_found, p_due, p_closed (bool), p_severity, p_worst, p_unit."""
        found: Any = TruncDate("created_at") if not self.said.found else F(self.said.found)
        days = [code for code in (self.said.extended, self.said.due) if code]
        due: Any = (
            Coalesce(*days, Value(NEVER), output_field=DateField()) if days else Value(NEVER, output_field=DateField())
        )
        rows = rows_in(self.ledger, self.scope).exclude(state__in=self.said.dropped_states)
        return rows.annotate(
            p_found=Coalesce(found, TruncDate("created_at"), output_field=DateField()), p_due=due,
            p_severity=self._severity(), p_unit=self._unit(),
        ).annotate(
            p_worst=Case(
                *(When(p_severity=one, then=n) for one, n in WORST.items()), default=1, output_field=IntegerField()
            ),
        )  # fmt: skip

    def is_closed(self) -> Q:
        states = self.closed_states
        closed = Q(state__in=states) if states else Q(pk__in=())
        if self.said.closed and not states:
            closed = Q(**{f"{self.said.closed}__isnull": False})
        return closed

    @property
    def closed_states(self) -> tuple[str, ...]:
        finals = tuple(state.code for state in self.ledger.states.values() if state.final)
        return self.said.closed_states or tuple(one for one in finals if one not in self.said.dropped_states)

    def mine(self, user: User) -> Q:
        rights = rights_of(user)
        mine = Q(pk__in=())
        if rights.village_places:
            mine |= Q(division__in=rights.village_places)
        if rights.units:
            mine |= Q(p_unit__in=rights.units)
        if self.said.owner and self.ledger.types[self.said.owner].name == "user":
            mine |= Q(**{f"{self.said.owner}__in": whose(user)})
        return mine

    def _severity(self) -> Any:
        by = self.said.severity_by
        cases = []
        if by:
            cases = [
                When(**{f"{by}__in": self.said.red}, then=Value("red")),
                When(**{f"{by}__in": self.said.blue}, then=Value("blue")),
            ]
        return Case(*cases, default=Value(self.said.severity), output_field=CharField())

    def _unit(self) -> Any:
        own = Value(self.ledger.spec.unit)
        code = self.said.unit
        if not code:
            return own
        path = f"{code}__label" if self.ledger.types[code].name == "unit" else code
        return Case(When(**{f"{path}__gt": ""}, then=F(path)), default=own, output_field=CharField())


def sources_for(user: User) -> Iterator[Source]:
    """The ledgers of problems that this person may read."""
    for ledger, scope in ledgers_for(user):
        if ledger.pack.closing is not None:
            yield Source(ledger, scope, ledger.pack.closing)


def within(source: Source, query: Any, user: User, on: date, *, by_severity: bool = True) -> QuerySet[Any] | None:
    """The rows that a FindingQuery asks for; None where it asks for something that only findings have."""
    if query.source not in ("", source.code):
        return None
    if query.check or query.status in ("verify", "extend", "look", "accepted"):
        return None
    if query.ledger not in ("", source.code) or query.line not in ("", source.ledger.spec.line):
        return None
    rows = source.rows()
    if query.status in ("", "todo"):
        rows = rows.exclude(source.is_closed())
    elif query.status == "closed":
        rows = rows.filter(source.is_closed())
    if by_severity and query.severity:
        rows = rows.filter(p_severity=query.severity)
    if query.unit:
        rows = rows.filter(p_unit=query.unit)
    if query.place:
        rows = rows.filter(division__in=below([query.place]))
    if query.late:
        rows = rows.exclude(source.is_closed()).filter(p_due__lt=on)
    if query.mine:
        rows = rows.filter(source.mine(user))
    return rows


def counted(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("p_severity").annotate(n=Count("pk")))
