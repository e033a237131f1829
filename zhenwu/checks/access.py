"""What a person may see and do with findings. What is not theirs does not exist: 404."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import NOTHING, Scope, rights_of
from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.models import WAITING, Finding, Status
from zhenwu.checks.queries import findings_for
from zhenwu.checks.registry import registry
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.mart.errors import SqlBroken
from zhenwu.packs import runtime

HIDDEN_MESSAGE = "涉及你不能查看的台账，具体情况由经办站所掌握"
_VERIFIERS = frozenset({Role.LEADER, Role.HEAD, Role.DISCIPLINE})
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
        return Finding.objects.select_related("division")
    return findings_for(user)


def finding_for(user: User, pk: Any) -> Finding:
    found = findings_listed_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_read(user: User, finding: Finding) -> bool:
    """Whether the finding's words may be shown: they may name persons of every ledger that its check reads, and say of
    them what every field means that it looks at."""
    return may_read_check(user, finding.check_code, finding.ledger) and _covers(user, finding)


def may_read_check(user: User, check: str, ledger: str) -> bool:
    try:
        bad = registry().prepared(check).bad
    except (UnknownCheck, SqlBroken):  # a check that is no longer declared keeps its findings
        return _scope(user, ledger).read
    for code in bad.ledgers | {ledger}:
        scope = _scope(user, code)
        if not scope.read or not all(scope.shows(privacy) for privacy in _classes(code, bad.names)):
            return False
    return True


def may_explain(user: User, finding: Finding) -> bool:
    scope = _scope(user, finding.ledger)
    return (
        (scope.enter or scope.review)
        and _covers(user, finding)
        and finding.status in WAITING
        and finding.status != Status.GONE
    )


def may_verify(user: User, finding: Finding) -> bool:
    """Closing and sending back; maker ≠ checker is the action's to judge."""
    if not may_read(user, finding):
        return False
    return _scope(user, finding.ledger).review or bool(rights_of(user).roles & _VERIFIERS)


def may_run(user: User) -> bool:
    return bool(rights_of(user).roles & _RUNNERS)


def _covers(user: User, finding: Finding) -> bool:
    scope = _scope(user, finding.ledger)
    if scope.covers(finding.division_id):
        return True
    return bool(scope.units) and rows_in(runtime.ledger(finding.ledger), scope).filter(pk=finding.row).exists()


def _scope(user: User, code: str) -> Scope:
    return scope_in(user, runtime.ledger(code)) if code in runtime.ledgers() else NOTHING


def _classes(code: str, names: frozenset[str]) -> frozenset[str]:
    """The privacy classes of those fields of a ledger that are among the names."""
    ledger = runtime.ledgers().get(code)
    kinds = ledger.types.values() if ledger else ()
    return frozenset(kind.spec.privacy for kind in kinds if not names.isdisjoint({kind.code, *kind.mart_columns()}))
