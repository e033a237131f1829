"""The history of spot checks: each draw is a version in the chain `spot_plan`, each noting, correcting or erasing of what a
visit found one in `spot_result`. `audit verify` compares the tables with them. What was read and found stands there as keyed
digests, as it may have to be erased. The verdicts are rows of the ledger `spot_check`, with a history of their own."""

import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.db import transaction

from zhenwu.changes.actions import Break, Source, Version, append, open_change
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import ChainHead, Change, SourceKind
from zhenwu.changes.queries import last_said, newest_versions, read_version
from zhenwu.fieldwork.models import Found, SpotPlan

PLANS, RESULTS = "spot_plan", "spot_result"
SOURCE = Source(SourceKind.FORM, "账实核查")
_PLAN = (
    "title", "ledger", "method", "check_code", "seed", "seq", "size", "frame_size", "frame_digest", "strata", "fields", "by_id",
)  # fmt: skip


def keep_plan(plan: SpotPlan, change: Change) -> None:
    append(change, PLANS, [Version(plan.pk, 1, "draw", _plan(plan))])


def keep_results(change: Change, act: str, visits: Collection[uuid.UUID]) -> None:
    """What these visits found, as it stands now."""
    if visits:
        newest = newest_versions(RESULTS, visits)
        said = _results(visits)
        append(
            change, RESULTS, [Version(one, newest.get(one, 0) + 1, act, {"found": said.get(one, {})}) for one in visits]
        )


@transaction.atomic
def adopt() -> None:
    """Take the draws and results from before there was a history of them into the chains, once: after an upgrade."""
    plans = [] if ChainHead.objects.filter(ledger=PLANS).exists() else list(SpotPlan.objects.order_by("pk"))
    visits = [] if ChainHead.objects.filter(ledger=RESULTS).exists() else list(_results())
    if plans or visits:
        change = open_change(author=None, reason="升级：原有的账实核查开始记入历史", source=SOURCE)
        for plan in plans:
            append(change, PLANS, [Version(plan.pk, 1, "adopt", _plan(plan))])
        keep_results(change, "adopt", visits)


def _plan(plan: SpotPlan) -> dict[str, Any]:
    said = {name: getattr(plan, name) for name in _PLAN}
    place = plan.division_id
    return said | {"method": str(plan.method), "division": place and place.hex, "drawn_on": plan.drawn_on.isoformat()}


def _results(visits: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, dict[str, Any]]:
    """{visit: {field: [result, digest of what was read, digest of what was found, change that corrected it]}}"""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    rows = Found.objects.all() if visits is None else Found.objects.filter(visit__in=list(visits))
    for visit, plan, field, result, said, value, change in rows.order_by("visit", "field").values_list(
        "visit", "plan", "field", "result", "said", "value", "change"
    ):
        found.setdefault(visit, {})[field] = [plan.hex, result, _digest(said), _digest(value), change]
    return found


def _digest(words: str) -> str:
    return keyring().index(words, "spot check") if words else ""


def verify_plans() -> Iterator[Break]:
    now = {plan.pk: (f"核查方案“{plan}”", _plan(plan)) for plan in SpotPlan.objects.order_by("pk")}
    yield from _compared(PLANS, "核查方案", now, lambda values: values)


def verify_results() -> Iterator[Break]:
    now = {visit: (f"核查{visit.hex}的结果", said) for visit, said in _results().items()}
    yield from _compared(RESULTS, "核查结果", now, lambda values: values.get("found"))


def _compared(
    ledger: str, what: str, now: Mapping[uuid.UUID, tuple[str, Any]], read: Callable[[dict[str, Any]], Any]
) -> Iterator[Break]:
    newest = last_said(ledger)
    for row, (name, said) in now.items():
        last = newest.pop(row, None)
        if last is None:
            yield Break(ledger, 0, f"{name}没有历史：不是通过平台登记的。")
        elif read(read_version(last[1])) != json.loads(json.dumps(said)):
            yield Break(ledger, 0, f"{name}被绕过平台改动。")
    for row, (_, values) in newest.items():
        if read(read_version(values)):  # a visit of which nothing is left to say is no longer in the table
            yield Break(ledger, 0, f"{what}{row.hex}有历史，但已从表中删除。")
