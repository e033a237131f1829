"""Who may look at places, plan their reorganisation, and decide on it. Places belong to the line of work that keeps the
register of households: who enters there for the whole township drafts, leaders decide (maker ≠ checker)."""

from django.http import Http404, HttpRequest

from zhenwu.accounts.delegation import is_security
from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import rights_of
from zhenwu.packs import runtime

_REGISTER = "household"


def reader(request: HttpRequest) -> User:
    """Whoever works here; places are public. Raises 404."""
    user = request.user
    assert isinstance(user, User)  # LoginRequiredMiddleware
    if not rights_of(user).works:
        raise Http404
    return user


def may_draft(user: User) -> bool:
    scope = rights_of(user).scope_in(runtime.ledger(_REGISTER).realm)
    return scope.enter and scope.enter_places is None


def may_decide(user: User) -> bool:
    return bool(rights_of(user).roles & {Role.LEADER, Role.HEAD})


def may_see_papers(user: User) -> bool:
    """Minutes and lists of who came hold names: for who plans the event and who decides it."""
    return may_draft(user) or may_decide(user)


def may_see_posts(user: User) -> bool:
    """Who holds which post at the places of an event: for who plans it, who decides it, and who gives rights."""
    return may_draft(user) or may_decide(user) or is_security(user)


def drafter(request: HttpRequest) -> User:
    user = reader(request)
    if not may_draft(user):
        raise Http404
    return user
