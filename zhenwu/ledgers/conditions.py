"""Conditions on rows: words typed into a search box, the value of one field, a span of days."""

import json
import uuid
from datetime import date
from typing import Any

from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Contains

from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType


def met_by_words(ledger: Ledger, shown: dict[str, FieldType], said: str) -> Q:
    """Every word must be met: in the number, the title, a text of the list, the name of a linked person, the place."""
    paths = ["no"]
    for code, kind in shown.items():
        if kind.is_sealed or not (code in ledger.title or code in ledger.in_list or kind.name == "person"):
            continue
        if kind.name in ("text", "name", "longtext", "person", "uscc", "ref") and len(kind.list_paths()) == 1:
            paths.append(kind.list_paths()[0])
    found = Q()
    for word in said.split()[:5]:
        one = Q()
        for path in paths:
            one |= Q(**{f"{path}__icontains": word})
        found &= one
    return found


def field_condition(kind: FieldType, value: str) -> Q | None:
    """The condition of one field filter; None when the field cannot be filtered or the value is none of its own."""
    if value == "-" and not kind.is_sealed:
        return Q(**{f"{kind.code}__isnull": True})
    if kind.has_options:
        if value not in {option.value for option in kind.spec.options}:
            return None
        return held_in(kind.code, value) if kind.widget == "multiselect" else Q(**{kind.code: value})
    if kind.name == "bool":
        return Q(**{kind.code: value == "true"}) if value in ("true", "false") else None
    if kind.is_link and not kind.spec.many:
        found: Any = as_number(value, 0) or None if kind.name in ("unit", "user") else as_uuid(value)
        return Q(**{f"{kind.code}_id": found}) if found else None
    return None


def held_in(column: str, value: str) -> Q:
    """A JSON list holds the value: by its text, since SQLite knows no containment; written with \\u there, plainly in jsonb."""
    text = Cast(F(column), TextField())
    return Q(Contains(text, json.dumps(value))) | Q(Contains(text, f'"{value}"'))


def between(kind: FieldType, since: date | None, until: date | None) -> Q:
    if kind.name == "month":
        first, last = iso(since)[:7], iso(until)[:7]
        return (Q(**{f"{kind.code}__gte": first}) if first else Q()) & (
            Q(**{f"{kind.code}__lte": last}) if last else Q()
        )
    path = f"{kind.code}__date" if kind.name == "datetime" else kind.code
    return (Q(**{f"{path}__gte": since}) if since else Q()) & (Q(**{f"{path}__lte": until}) if until else Q())


def as_number(said: str | None, default: int) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 10 else default


def iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def as_uuid(said: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(said or "")
    except ValueError:
        return None
