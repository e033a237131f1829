"""What a person may see and do with plans. What is not theirs does not exist: 404."""

import uuid

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from zhenwu.accounts.models import Role, User
from zhenwu.accounts.scope import rights_of
from zhenwu.plans.models import AnnualPlan, Task

_EDITORS = frozenset({Role.OFFICE, Role.LEADER, Role.HEAD})
_PUBLISHERS = frozenset({Role.LEADER, Role.HEAD})
_STATING = frozenset({Role.OFFICE, Role.FINANCE})


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware
    if not rights_of(request.user).works:
        raise Http404
    return request.user


def plans_for(user: User) -> QuerySet[AnnualPlan]:
    """Published plans are for everyone who works here; drafts for the whole-town roles."""
    plans = AnnualPlan.objects.all()
    return plans if rights_of(user).whole_town else plans.filter(state=AnnualPlan.State.PUBLISHED)


def plan_for(user: User, pk: uuid.UUID) -> AnnualPlan:
    found = plans_for(user).filter(pk=pk).select_related("created_by", "published_by").first()
    if found is None:
        raise Http404
    return found


def task_for(user: User, plan: AnnualPlan, pk: uuid.UUID) -> Task:
    found = plan.tasks.filter(pk=pk).select_related("lead", "plan").first()
    if found is None:
        raise Http404
    return found


def may_edit(user: User) -> bool:
    """Upload a document and correct the draft."""
    return bool(rights_of(user).roles & _EDITORS)


def may_publish(user: User) -> bool:
    return bool(rights_of(user).roles & _PUBLISHERS)


def may_state(user: User, task: Task) -> bool:
    """State progress: the office that leads the task; while none is named, an office of its line."""
    rights = rights_of(user)
    if (
        task.plan.state != AnnualPlan.State.PUBLISHED
        or task.status == Task.Status.DROPPED
        or not rights.roles & _STATING
    ):
        return False
    if task.lead is not None:
        return task.lead.label in rights.units
    return bool(task.line) and rights.scope(task.line, "S3").review


def is_mine(user: User, task: Task) -> bool:
    """Led by an office the user works in."""
    return task.lead is not None and task.lead.label in rights_of(user).units
