"""What a person may see and do with findings. What is not theirs does not exist: 404."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import NOTHING, Rights, Scope, rights_of
from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.models import UNRESOLVED, WAITING, Finding, Severity, Status
from zhenwu.checks.queries import findings_for
from zhenwu.checks.registry import registry
from zhenwu.ledgers.queries import rows_in
from zhenwu.mart.errors import SqlBroken
from zhenwu.packs import runtime

HIDDEN_MESSAGE = "涉及你不能查看的台账，具体情况由经办站所掌握"
_VERIFIERS = frozenset({Role.LEADER, Role.HEAD, Role.DISCIPLINE})
_LEADERS = frozenset({Role.LEADER, Role.HEAD})
_RUNNERS = frozenset({Role.OFFICE, Role.LEADER, Role.HEAD, Role.DISCIPLINE})


def user_of(request: HttpRequest) -> User:
    """Whoever works with findings: everyone with an appointment but the administrator."""
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    if not rights_of(request.user).works:
        raise Http404
    return request.user


def findings_listed_for(user: User) -> QuerySet[Finding]:
    """Whole-town roles see that a finding exists in any ledger; village roles those of their places."""
    if rights_of(user).whole_town:
        return Finding.objects.select_related("division", "assignee")
    return findings_for(user)


def finding_for(user: User, pk: Any) -> Finding:
    found = findings_listed_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_read(user: User, finding: Finding) -> bool:
    """Whether the finding's words may be shown: they may name persons of every ledger that its check reads, and say of
    them what every field means that it looks at."""
    return _reads(rights_of(user), finding)


def may_read_check(user: User, check: str, ledger: str) -> bool:
    return _reads_check(rights_of(user), check, ledger)


def may_verify(user: User, finding: Finding) -> bool:
    """Closing and sending back; maker ≠ checker is the action's to judge."""
    return _verifies(rights_of(user), finding)


def may_run(user: User) -> bool:
    return bool(rights_of(user).roles & _RUNNERS)


def may_set_rules(user: User, ledger: str) -> bool:
    """Who says by rule whose work the findings of a check are."""
    rights = rights_of(user)
    return bool(rights.roles & _LEADERS) or (_scope(rights, ledger).approve and bool(rights.roles & _RUNNERS))


Right = Callable[[Rights, Finding], bool]


def explains(rights: Rights, finding: Finding) -> bool:
    """Says why it is so, asks for more time."""
    return _explains(rights, finding) and finding.status in UNRESOLVED


def notes(rights: Rights, finding: Finding) -> bool:
    return _explains(rights, finding) or _verifies(rights, finding)


def assigns(rights: Rights, finding: Finding) -> bool:
    return finding.status in WAITING and _verifies(rights, finding)


def accepts(rights: Rights, finding: Finding) -> bool:
    """A red one is a false alarm only when a leader or the discipline office says so."""
    if finding.status not in UNRESOLVED or not _reads(rights, finding):
        return False
    if rights.roles & _VERIFIERS:
        return True
    return finding.severity != Severity.RED and _scope(rights, finding.ledger).approve


def closes(rights: Rights, finding: Finding) -> bool:
    return finding.status in (Status.GONE, Status.EXPLAINED) and _verifies(rights, finding)


def reopens(rights: Rights, finding: Finding) -> bool:
    standing = (Status.OPEN, Status.REOPENED)
    return finding.status not in standing and _verifies(rights, finding)


def looks_back(rights: Rights, finding: Finding) -> bool:
    return finding.status == Status.CLOSED and finding.look_on is not None and _verifies(rights, finding)


def decides(rights: Rights, finding: Finding) -> bool:
    """About more time."""
    return finding.status in UNRESOLVED and _verifies(rights, finding)


NOBODY: Any = object()


def stands_for(user: User, finding: Finding, right: Right) -> Any:
    """In whose name the user may act: None is the own, a user is one who is away, NOBODY is not at all."""
    rights = rights_of(user)
    for other in (None, *rights.stood_in_for):
        if right(rights.standing_in_for(other), finding):
            return other
    return NOBODY


def _reads(rights: Rights, finding: Finding) -> bool:
    return _reads_check(rights, finding.check_code, finding.ledger) and _covers(rights, finding)


def _reads_check(rights: Rights, check: str, ledger: str) -> bool:
    try:
        bad = registry().prepared(check).bad
    except (UnknownCheck, SqlBroken):  # a check that is no longer declared keeps its findings
        return _scope(rights, ledger).read
    for code in bad.ledgers | {ledger}:
        scope = _scope(rights, code)
        if not scope.read or not all(scope.shows(privacy) for privacy in _classes(code, bad.names)):
            return False
    return True


def _explains(rights: Rights, finding: Finding) -> bool:
    scope = _scope(rights, finding.ledger)
    return (
        (scope.enter or scope.review)
        and _covers(rights, finding)
        and finding.status in WAITING
        and finding.status != Status.GONE
    )


def _verifies(rights: Rights, finding: Finding) -> bool:
    if not _reads(rights, finding):
        return False
    return _scope(rights, finding.ledger).review or bool(rights.roles & _VERIFIERS)


def _covers(rights: Rights, finding: Finding) -> bool:
    scope = _scope(rights, finding.ledger)
    if scope.covers(finding.division_id):
        return True
    return bool(scope.units) and rows_in(runtime.ledger(finding.ledger), scope).filter(pk=finding.row).exists()


def _scope(rights: Rights, code: str) -> Scope:
    return rights.scope_in(runtime.ledger(code).realm) if code in runtime.ledgers() else NOTHING


def _classes(code: str, names: frozenset[str]) -> frozenset[str]:
    """The privacy classes of those fields of a ledger that are among the names."""
    ledger = runtime.ledgers().get(code)
    kinds = ledger.types.values() if ledger else ()
    return frozenset(kind.spec.privacy for kind in kinds if not names.isdisjoint({kind.code, *kind.mart_columns()}))
