"""How long rows have been in their state, as history tells it: who brought them there and when."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from zhenwu.changes.models import Change, History
from zhenwu.packs.runtime import Ledger

STATE_SINCE = "state_since"


@dataclass(frozen=True)
class Stay:
    """One state that a row came into, by which change. The last of them is where it is."""

    state: str
    change: Change


def with_state_since(ledger: Ledger, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with `state_since`: when they came into the state they are in (sent back and in again counts anew).

    The canonical text of a version holds `"state":"<code>"` once; the version after the last that says otherwise is the
    one that brought the row there.
    """
    other = (
        History.objects.filter(ledger=ledger.code, row=OuterRef("row"))
        .exclude(values__contains=Concat(Value('"state":"'), OuterRef("in_state"), Value('"')))
        .order_by("-version")
        .values("version")[:1]
    )
    came = (
        History.objects.filter(ledger=ledger.code, row=OuterRef("pk"))
        .annotate(in_state=OuterRef("state"))
        .filter(version__gt=Coalesce(Subquery(other), 0))
        .order_by("version")
        .values("change__at")[:1]
    )
    return rows.annotate(**{STATE_SINCE: Subquery(came, output_field=DateTimeField())})


def state_since(ledger: Ledger, row: Any) -> datetime | None:
    """When one row came into its state."""
    passed = stays(ledger, row.pk)
    return passed[-1].change.at if passed else None


def stays(ledger: Ledger, row: uuid.UUID) -> list[Stay]:
    """Every state the row came into, in order."""
    found: list[Stay] = []
    kept = History.objects.filter(ledger=ledger.code, row=row).select_related("change__author", "change__stands_for")
    for one in kept.order_by("version"):
        state = json.loads(one.values).get("state") or ""
        if not found or found[-1].state != state:
            found.append(Stay(state, one.change))
    return found
