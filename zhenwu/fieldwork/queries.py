"""Reading spot checks: who may plan, what was drawn, what the sample says of the ledger."""

import time
import uuid
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.divisions.queries import below
from zhenwu.fieldwork.drawing import Draw, draw, frame_at
from zhenwu.fieldwork.estimating import Estimate, estimate
from zhenwu.fieldwork.models import Method, SpotPlan
from zhenwu.ledgers.queries import ledgers_for, rows_in, scope_in, shown_fields
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

SPOT = "spot_check"
_UNFIT = frozenset({"files", "rows", "geo", "multichoice"})


def spot_ledger() -> Ledger:
    """Raises Http404 where the township does not keep it."""
    if SPOT not in runtime.ledgers():
        raise Http404
    return runtime.ledger(SPOT)


def plans_in(user: User) -> list[Ledger]:
    """The ledgers for which this person may draw: those they review, where they may also enter visits."""
    if SPOT not in runtime.ledgers():
        return []
    spot = scope_in(user, spot_ledger())
    if not spot.enter or not (spot.enter_places is None or spot.enter_units):
        return []
    return [
        ledger for ledger, scope in ledgers_for(user) if scope.review and ledger.code != SPOT and not ledger.spec.model
    ]


def checkable(user: User, ledger: Ledger) -> dict[str, FieldType]:
    """The fields that a visit can look at: shown to the person, no secrets (S3), no sealed numbers, no files."""
    shown = shown_fields(ledger, scope_in(user, ledger))
    return {
        code: kind for code, kind in shown.items()
        if kind.name not in _UNFIT and not kind.is_sealed and kind.spec.privacy != "S3" and not kind.spec.many
    }  # fmt: skip


def plans_for(user: User) -> list[SpotPlan]:
    """The plans of which the person sees visits, or whose ledger they read; newest first."""
    spot_ledger()
    read = [ledger.code for ledger, _ in ledgers_for(user)]
    return list(SpotPlan.objects.filter(ledger__in=read).select_related("by", "division"))


def plan_for(user: User, pk: uuid.UUID) -> SpotPlan:
    found = next((one for one in plans_for(user) if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


def visit_for(user: User, pk: uuid.UUID) -> Any:
    """One drawn row (of spot_check) that the person sees."""
    ledger = spot_ledger()
    found = rows_in(ledger, scope_in(user, ledger)).filter(pk=pk).select_related("division", "checker").first()
    if found is None:
        raise Http404
    return found


def target_of(user: User, visit: Any) -> tuple[SpotPlan, Ledger, Any]:
    """(plan, ledger, the row that was drawn, None where the person does not see it)."""
    plan = SpotPlan.objects.filter(pk=uuid.UUID(visit.plan_id)).first() if visit.plan_id else None
    if plan is None or plan.ledger not in runtime.ledgers():
        raise Http404
    ledger = runtime.ledger(plan.ledger)
    scope = scope_in(user, ledger)
    if not scope.read:
        return plan, ledger, None
    links = {kind.code for kind in shown_fields(ledger, scope).values() if kind.is_link and not kind.spec.many}
    return plan, ledger, rows_in(ledger, scope).filter(pk=uuid.UUID(visit.row_id)).select_related(*links).first()


def redraw(plan: SpotPlan) -> Draw:
    """The same draw once more, from the seed and the ledger's history: it must come to the same rows. Of a targeted plan only
    the frame can be made again; which findings were open that day is told by the plan's rows."""
    places = below([plan.division_id]) if plan.division_id else None
    frame = frame_at(plan.ledger, plan.seq, places)
    among = set(drawn_rows(plan)) if plan.method == Method.TARGETED else None
    return draw(frame, plan.seed, plan.size, by_place=plan.method == Method.BY_PLACE, among=among)


def drawn_rows(plan: SpotPlan) -> list[uuid.UUID]:
    rows = spot_ledger().rows("fieldwork").filter(plan_id=plan.pk.hex).order_by("no")
    return [uuid.UUID(row) for row in rows.values_list("row_id", flat=True)]


def estimate_of(plan: SpotPlan) -> Estimate | None:
    """What the visits so far say of the whole; None of a targeted plan, whose rows were no random ones."""
    if plan.method == Method.TARGETED:
        return None
    rows = spot_ledger().rows("fieldwork").filter(plan_id=plan.pk.hex, voided_by_change=None)
    found = rows.aggregate(
        checked=Count("pk", filter=Q(verdict__gt="")), wrong=Count("pk", filter=Q(verdict__gt="") & ~Q(verdict="相符"))
    )
    return estimate(found["wrong"], found["checked"], plan.frame_size)


_KEPT_FOR = 60  # seconds: a list page does not ask for it each time
_beside: dict[str, tuple[float, list[tuple[str, str]]]] = {}


def error_rate_beside(user: User, ledger: Ledger) -> list[tuple[str, str]]:
    """(words, address) beside the ledger's name: what the last random spot check of the whole township found."""
    known = _beside.get(ledger.code)
    if known is None or time.monotonic() - known[0] > _KEPT_FOR:
        known = _beside[ledger.code] = time.monotonic(), _last_rate(ledger)
    return known[1]


def forget_rates() -> None:
    """After a draw or a visit; other workers learn of it within a minute."""
    _beside.clear()


def _last_rate(ledger: Ledger) -> list[tuple[str, str]]:
    plans = SpotPlan.objects.filter(ledger=ledger.code, division=None).exclude(method=Method.TARGETED)
    for plan in plans[:3]:
        if SPOT in runtime.ledgers() and (found := estimate_of(plan)) and found.checked:
            return [(f"账实核查：{found.text}", reverse("fieldwork:plan", args=[plan.pk]))]
    return []
