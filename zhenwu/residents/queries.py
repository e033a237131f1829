"""Who lived in which household on a day. Spells are [from_date, to_date); an unknown beginning is long ago."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from zhenwu.people.models import HouseholdMember


def spells(rows: QuerySet[Any], *, on: date | None = None) -> QuerySet[Any]:
    """The live spells among `rows`; with `on` those in force that day. Persons and households come with them."""
    found = rows.filter(voided_by_change=None).select_related("person", "household", "household__head")
    if on is not None:
        found = found.filter(Q(from_date__isnull=True) | Q(from_date__lte=on))
        found = found.filter(Q(to_date__isnull=True) | Q(to_date__gt=on))
    return found.order_by("rel", "person__birth", "no")


def spells_around(
    persons: Collection[uuid.UUID], households: Collection[uuid.UUID], *, on: date
) -> list[HouseholdMember]:
    """Every spell, of any place, that is not over on the day, of these persons and in these households."""
    rows = HouseholdMember.objects.unscoped("effects").filter(voided_by_change=None)
    rows = rows.filter(Q(person__in=persons) | Q(household__in=households))
    rows = rows.filter(Q(to_date__isnull=True) | Q(to_date__gt=on))
    return list(rows.select_related("person", "household", "household__head").order_by("rel", "no"))
