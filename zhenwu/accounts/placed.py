"""Posts and grants that name a place: whoever reorganises places asks how many (divisions.following)."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Model
from django.utils import timezone

from zhenwu.accounts.models import Appointment, Grant
from zhenwu.accounts.scope import in_force
from zhenwu.divisions.following import Count as PlaceCount

_KINDS: tuple[tuple[type[Model], str, str], ...] = ((Appointment, "appointment", "任职"), (Grant, "grant", "授权"))


def count_posts(places: Collection[uuid.UUID], since: datetime | None) -> list[PlaceCount]:
    """Posts and grants in force. They keep no time of their making: with `since` none is counted."""
    if since is not None:
        return []
    found = []
    for model, key, label in _KINDS:
        held = model._default_manager.filter(in_force(timezone.localdate()), division__in=places).order_by()
        by_place = held.values_list("division_id").annotate(rows=Count("pk"))
        found += [PlaceCount(key, label, place, rows, standing=True) for place, rows in by_place]
    return found
