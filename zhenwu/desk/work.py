"""What waits for one person: rows, findings, tasks. Nothing here counts or ranks people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from zhenwu.accounts.models import Role, Unit, User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.models import Review
from zhenwu.checks.access import findings_listed_for, may_verify
from zhenwu.checks.listing import lines_of
from zhenwu.checks.listing import mine_of as mine_of_findings
from zhenwu.checks.models import UNRESOLVED, Extension, Status
from zhenwu.checks.queries import open_findings
from zhenwu.indicators.links import names_of_rows
from zhenwu.ledgers.deadlines import due_of, escalated, has_deadlines, overdue, with_starts
from zhenwu.ledgers.escalation import ROLES as ESCALATED_TO
from zhenwu.ledgers.escalation import escalates
from zhenwu.ledgers.queries import counts_for, ledgers_for, rows_in, whose
from zhenwu.lib.workdays import working_calendar
from zhenwu.packs.runtime import Ledger
from zhenwu.plans.access import is_mine
from zhenwu.plans.models import AnnualPlan
from zhenwu.plans.queries import task_states
from zhenwu.plans.showing import TaskLine
from zhenwu.plans.showing import lines_of as task_lines

TOP = 8
_TODO = (Status.OPEN, Status.REOPENED)
SOON = timedelta(days=7)
_LIGHT_ORDER = {"red": 0, "yellow": 1, "green": 2, None: 3}


@dataclass(frozen=True)
class Item:
    """One row on the desk. `tone` colours `note` as a pill."""

    no: str
    title: str
    url: str
    label: str  # the ledger's
    note: str = ""
    tone: str = "plain"


@dataclass
class Block:
    """One list of the desk: the first TOP, how many there are, and where all of them are."""

    total: int = 0
    items: list[Any] = field(default_factory=list)
    more: list[tuple[str, int, str]] = field(default_factory=list)  # (ledger, how many, list of them)

    @property
    def is_long(self) -> bool:
        return self.total > len(self.items)


def my_drafts(user: User) -> Block:
    """Rows I began and did not hand in, and those that came back to me; returned ones first."""
    wanted = {code: one.my_drafts for code, one in counts_for(user).items() if one.my_drafts}

    def rows(ledger: Ledger, scope: Scope) -> QuerySet[Any]:
        mine = rows_in(ledger, scope).filter(created_by__in=whose(user), review__in=(Review.RETURNED, Review.DRAFT))
        return mine.order_by("-review", "-no")  # returned before draft

    return _gathered(user, wanted, rows, {"mine": "1"}, _review_note)


def for_review(user: User) -> Block:
    """Submitted rows of others that I may review."""
    wanted = {code: one.waiting for code, one in counts_for(user).items() if one.waiting}

    def rows(ledger: Ledger, scope: Scope) -> QuerySet[Any]:
        return (
            rows_in(ledger, scope)
            .filter(review=Review.SUBMITTED)
            .exclude(created_by__in=whose(user))
            .order_by("changed_at")
        )

    return _gathered(user, wanted, rows, {"review": Review.SUBMITTED.value}, lambda ledger, row: ("", "plain"))


def due_rows(user: User, on: date) -> Block:
    """Rows in my hands whose state's deadline has passed or falls due within a week, the latest first."""
    found: list[tuple[date, Item]] = []
    block = Block()
    calendar = working_calendar()
    for ledger, scope in ledgers_for(user):
        if not has_deadlines(ledger) or not (scope.enter or scope.review):
            continue
        late = with_starts(ledger, rows_in(ledger, scope)).filter(overdue(ledger, on=on + SOON + timedelta(days=1)))
        number = late.order_by().count()
        if not number:
            continue
        block.total += number
        block.more.append((ledger.label, number, _list_url(ledger.code, overdue="1")))
        kept = sorted(
            ((due.day, row.pk, due) for row in late[:500] if (due := due_of(ledger, row, on=on, calendar=calendar))),
            key=lambda one: one[0],
        )[:TOP]
        names = names_of_rows(user, [(ledger.code, pk) for _, pk, _ in kept])
        for day, pk, due in kept:
            if pk in names:
                tone = "bad" if due.light == "red" else "warn"
                found.append((day, Item(names[pk].no, names[pk].title, names[pk].url, ledger.label, due.text, tone)))
    block.items = [item for _, item in sorted(found, key=lambda one: one[0])[:TOP]]
    return block


def escalated_rows(user: User, on: date) -> Block:
    """Overdue rows that have become the business of a leader or the head, because nobody moved them."""
    block, calendar = Block(), working_calendar()
    roles = [role for role in ESCALATED_TO if role in rights_of(user).roles]
    found: list[tuple[date, Item]] = []
    for ledger, scope in ledgers_for(user):
        wanted = Q(pk__in=())
        for role in roles:
            if escalates(ledger, role):
                wanted |= escalated(ledger, role, on=on)
        if not wanted.children or not any(escalates(ledger, role) for role in roles):
            continue
        rows = with_starts(ledger, rows_in(ledger, scope)).filter(wanted)
        if not (number := rows.order_by().count()):
            continue
        block.total += number
        block.more.append((ledger.label, number, _list_url(ledger.code, overdue="1")))
        kept = [(due, row.pk) for row in rows[:500] if (due := due_of(ledger, row, on=on, calendar=calendar))]
        kept = sorted(kept, key=lambda one: one[0].day)[:TOP]
        names = names_of_rows(user, [(ledger.code, pk) for _, pk in kept])
        found += [
            (due.day, Item(names[pk].no, names[pk].title, names[pk].url, ledger.label, due.text, "bad"))
            for due, pk in kept if pk in names
        ]  # fmt: skip
    block.items = [item for _, item in sorted(found, key=lambda one: one[0])[:TOP]]
    return block


def my_findings(user: User) -> Block:
    """Findings that wait to be put right: given to me, to my village, to the offices I work in."""
    rights = rights_of(user)
    if rights.whole_town and not rights.roles & {Role.OFFICE, Role.FINANCE}:
        todo = open_findings(findings_listed_for(user), statuses=_TODO).filter(assignee__in=whose(user))
    else:
        todo = open_findings(findings_listed_for(user), statuses=_TODO).filter(mine_of_findings(user))
    return Block(todo.count(), lines_of(user, list(todo[:TOP])))


def for_verification(user: User) -> Block:
    """Findings put right or explained by others, to be confirmed by me."""
    waiting = open_findings(findings_listed_for(user), statuses=(Status.GONE, Status.EXPLAINED))
    return _of_verifier(user, waiting.exclude(explained_by__in=whose(user)).exclude(corrected_by__in=whose(user)))


def for_extension(user: User) -> Block:
    """Findings for which others ask for more time."""
    asked = Q(extensions__state=Extension.State.ASKED) & ~Q(extensions__asked_by__in=whose(user))
    return _of_verifier(user, open_findings(findings_listed_for(user), statuses=UNRESOLVED).filter(asked))


def to_look_back(user: User, on: date) -> Block:
    """Findings closed a while ago, to be looked at again."""
    closed = open_findings(findings_listed_for(user), statuses=(Status.CLOSED,)).filter(look_on__lte=on)
    return _of_verifier(user, closed.exclude(explained_by__in=whose(user)).exclude(corrected_by__in=whose(user)))


def _of_verifier(user: User, waiting: QuerySet[Any]) -> Block:
    rights = rights_of(user)
    if not rights.whole_town:
        return Block()
    if rights.roles <= {Role.OFFICE, Role.FINANCE}:
        waiting = waiting.filter(unit__in=rights.units)
    some = [one for one in waiting[: TOP * 4] if may_verify(user, one)][:TOP]
    return Block(waiting.count() if some else 0, lines_of(user, some))


def current_plan(on: date) -> AnnualPlan | None:
    """The published plan of the day's year, else the last one before."""
    plans = AnnualPlan.objects.filter(state=AnnualPlan.State.PUBLISHED, year__lte=on.year).defer("outline")
    return plans.order_by("-year").first()


def tasks_of(user: User, plan: AnnualPlan, on: date) -> list[TaskLine]:
    """Open tasks first by light: red, yellow, green."""
    lines = task_lines(user, task_states(plan, on=on))
    return sorted(lines, key=lambda line: (_LIGHT_ORDER[line.state.light], line.task.order))


def mine_of(user: User, lines: Iterable[TaskLine]) -> Block:
    mine = [line for line in lines if is_mine(user, line.task) and line.task.status == line.task.Status.OPEN]
    return Block(len(mine), mine[:TOP])


def red_by_unit(user: User) -> list[tuple[str, int]]:
    """How many red findings wait in each office (an office, never a person), in the offices' own order: no league table."""
    red = open_findings(findings_listed_for(user), severity="red")
    found = dict(red.order_by().values_list("unit").annotate(n=Count("pk")))
    known = list(Unit.objects.values_list("label", flat=True))
    ordered = [*(unit for unit in known if unit in found), *sorted(set(found) - set(known))]
    return [(unit, found[unit]) for unit in ordered]


def finding_counts(user: User) -> dict[str, int]:
    red = open_findings(findings_listed_for(user))
    return {severity: red.filter(severity=severity).count() for severity in ("red", "yellow", "blue")}


def _gathered(user: User, wanted: dict[str, int], rows: Any, asked: dict[str, str], note: Any) -> Block:
    """The first rows of the ledgers that have some; one query a ledger, and none for the others."""
    block = Block(sum(wanted.values()))
    for ledger, scope in ledgers_for(user):
        if not wanted.get(ledger.code):
            continue
        block.more.append((ledger.label, wanted[ledger.code], _list_url(ledger.code, **asked)))
        if len(block.items) >= TOP:
            continue
        found = list(rows(ledger, scope)[: TOP - len(block.items)])
        names = names_of_rows(user, [(ledger.code, row.pk) for row in found])
        for row in found:
            if (name := names.get(row.pk)) is not None:
                block.items.append(Item(name.no, name.title, name.url, ledger.label, *note(ledger, row)))
    return block


def _review_note(ledger: Ledger, row: Any) -> tuple[str, str]:
    return ("已退回", "bad") if row.review == Review.RETURNED else ("草稿", "draft")


def _list_url(code: str, **asked: str) -> str:
    return f"{reverse('ledgers:list', args=[code])}?{urlencode(asked)}"
