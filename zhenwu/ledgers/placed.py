"""How many rows of the ledgers are recorded at a place: whoever reorganises places asks it (divisions.following)."""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, TextField
from django.db.models.functions import Cast

from zhenwu.divisions.following import Count as PlaceCount
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger


def count_rows(places: Collection[uuid.UUID], since: datetime | None) -> list[PlaceCount]:
    """By ledger, rows of the place; and by field, rows (or lines of child tables) that name it elsewhere."""
    return [count for ledger in runtime.ledgers().values() for count in _of_ledger(ledger, places, since)]


def _of_ledger(ledger: Ledger, places: Collection[uuid.UUID], since: datetime | None) -> Iterator[PlaceCount]:
    rows = ledger.rows("places").filter(voided_by_change=None)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    standing = bool(ledger.spec.model)
    for place, count in _grouped(rows, "division_id", places):
        yield PlaceCount(ledger.code, ledger.label, place, count, standing)
    yield from _of_fields(ledger, rows, places, f"{ledger.code}.", ledger.label, standing)
    for code, child in ledger.children.items():
        if any(kind.name == "division" for kind in child.stored.values()):
            lines = child.model._default_manager.filter(parent__in=rows.values("pk"))
            yield from _of_fields(child, lines, places, f"{ledger.code}.{code}.", ledger.label, standing)


def _of_fields(
    table: Ledger, rows: QuerySet[Any], places: Collection[uuid.UUID], key: str, label: str, standing: bool
) -> Iterator[PlaceCount]:
    for code, kind in table.stored.items():
        if kind.name != "division":
            continue
        words = f"{label}（{kind.label}）"
        if kind.spec.many:
            texts = rows.annotate(said=Cast(code, TextField()))
            counted = [(place, texts.filter(said__contains=place.hex).count()) for place in places]
        else:
            counted = _grouped(rows, f"{code}_id", places)
        yield from (PlaceCount(f"{key}{code}", words, place, count, standing) for place, count in counted if count)


def _grouped(rows: QuerySet[Any], column: str, places: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, int]]:
    return list(rows.filter(**{f"{column}__in": places}).order_by().values_list(column).annotate(rows=Count("pk")))
