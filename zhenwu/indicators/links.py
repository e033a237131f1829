"""Addresses of figures and of the rows behind them, and the words that name such rows."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from zhenwu.accounts.models import User
from zhenwu.indicators.figures import Figure
from zhenwu.ledgers.queries import name_of, rows_in, scope_in, shown_fields
from zhenwu.packs import runtime


@dataclass(frozen=True)
class RowName:
    """A row as other rooms' pages name it. `title` is "" where the reader may not see the fields that name it."""

    ledger: str
    label: str
    no: str
    title: str
    url: str
    division: uuid.UUID | None


def figure_url(code: str, **asked: Any) -> str:
    """The page of a figure; what is None or empty stays out of the address."""
    said = {
        name: value.isoformat() if isinstance(value, date) else str(value) for name, value in asked.items() if value
    }
    return reverse("indicators:figure", args=[code]) + (f"?{urlencode(said)}" if said else "")


def statement_url(code: str, **asked: Any) -> str:
    """The page that says how it is worked out."""
    return figure_url(f"{code}/statement", **asked)


def figure_part(figure: Figure, *, text: str | None = None, **asked: Any) -> dict[str, str]:
    """What `_figure.html` takes."""
    shown = figure.text if text is None else text
    unit = figure.show_unit or figure.unit
    known = {"as_of": figure.as_of, "year": figure.year if figure.year != figure.as_of.year else None}
    place = figure.place if figure.place else None
    boundary = "was" if figure.boundary == "was" else None
    return {
        "code": figure.code,
        "label": figure.label,
        "text": shown,
        "unit": "" if shown.endswith(unit) or not shown[-1:].isdigit() else unit,
        "url": figure_url(figure.code, **(known | {"place": place, "boundary": boundary} | asked)),
    }


def row_url(ledger: str, row: uuid.UUID) -> str:
    """The page of a row; "" for a ledger without pages."""
    try:
        return reverse("ledgers:row", args=[ledger, row])
    except NoReverseMatch:
        return ""


def names_of_rows(user: User, rows: Iterable[tuple[str, uuid.UUID]]) -> dict[uuid.UUID, RowName]:
    """Rows by id, as far as the user may see them: one query a ledger."""
    wanted: dict[str, list[uuid.UUID]] = {}
    for code, row in rows:
        wanted.setdefault(code, []).append(row)
    found: dict[uuid.UUID, RowName] = {}
    for code, ids in wanted.items():
        if code not in runtime.ledgers():
            continue
        ledger = runtime.ledger(code)
        scope = scope_in(user, ledger)
        if not scope.read:
            continue
        shown = shown_fields(ledger, scope)
        links = [one for one in ledger.title if one in shown and shown[one].is_link and not shown[one].spec.many]
        named = all(one in shown for one in ledger.title)
        stored: Any = rows_in(ledger, scope, voided=True).filter(pk__in=ids).select_related(*links)
        for one in stored:
            title = name_of(ledger, one) if named else ""
            found[one.pk] = RowName(
                code, ledger.label, one.no, "" if title == one.no else title, row_url(code, one.pk), one.division_id
            )
    return found
