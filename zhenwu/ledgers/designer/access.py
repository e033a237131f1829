"""Who may propose a ledger, and who may apply one. What is not yours does not exist: 404."""

import uuid

from django.http import Http404

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.ledgers.designer.samples import has_sample
from zhenwu.packs.models import DesignDraft
from zhenwu.packs.spec import LINE_LABELS


def lines_for(user: User) -> list[str]:
    """The lines of work whose ledgers this user may propose: those that the user enters; an administrator's are all."""
    rights = rights_of(user)
    return [line for line in LINE_LABELS if rights.is_admin or rights.scope(line, "S1").enter]


def may_propose(user: User) -> bool:
    return bool(lines_for(user))


def may_apply(user: User) -> bool:
    """Tables are altered by who administers the system, and by nobody else."""
    return rights_of(user).is_admin


def may_change(user: User, line: str) -> bool:
    return line in lines_for(user)


def draft_for(user: User, pk: uuid.UUID) -> DesignDraft:
    """One's own draft; an administrator also sees what was handed in and what was applied."""
    found = DesignDraft.objects.select_related("by", "applied_by").filter(pk=pk).first()
    status = DesignDraft.Status
    if found is None or not (
        found.by_id == user.pk or (may_apply(user) and found.status in (status.SENT, status.APPLIED))
    ):
        raise Http404
    return found


def waiting_for(user: User) -> list[DesignDraft]:
    """What this user has to do next: enable what was handed in; import the rows of a ledger that was enabled."""
    status = DesignDraft.Status
    found = DesignDraft.objects.select_related("by").order_by("changed_at")
    enabled = found.filter(by=user, status=status.APPLIED, job=None).exclude(sheets=[])
    return [*(found.filter(status=status.SENT) if may_apply(user) else []), *filter(has_sample, enabled)]


def drafts_for(user: User) -> list[DesignDraft]:
    """What is under way, newest first: one's own, and what waits for an administrator."""
    status = DesignDraft.Status
    found = DesignDraft.objects.select_related("by").exclude(status=status.DROPPED)
    waiting = list(found.filter(status=status.SENT).exclude(by=user)) if may_apply(user) else []
    return [*waiting, *found.filter(by=user)[:30]]
