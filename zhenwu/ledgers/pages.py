"""Pages of their own that a higher room has for the rows of a ledger. Registered at start; templates lead there."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.packs.runtime import Ledger


@dataclass(frozen=True)
class OwnPage:
    """A URL name with its label. `row` pages take the row's id."""

    name: str
    label: str


_rows: dict[str, OwnPage] = {}
_new: dict[str, OwnPage] = {}
_lists: dict[str, list[OwnPage]] = {}


def register_pages(
    ledger: str, *, row: OwnPage | None = None, new: OwnPage | None = None, beside: tuple[OwnPage, ...] = ()
) -> None:
    """`beside`: what the list of the ledger offers besides."""
    if row:
        _rows[ledger] = row
    if new:
        _new[ledger] = new
    _lists[ledger] = list(beside)


def row_page(ledger: Ledger, row: Any) -> tuple[str, str] | None:
    """(address, label) of the row's own page."""
    known = _rows.get(ledger.code)
    return (reverse(known.name, args=[row.pk]), known.label) if known else None


def new_page(ledger: Ledger) -> tuple[str, str]:
    """(address, label) of where a new row is entered: the ledger's own page, its form, or that of what changes it."""
    code = ledger.spec.changes_by if closed_by_hand(ledger) and ledger.spec.changes_by else ledger.code
    known = _new.get(code)
    if known:
        return reverse(known.name), known.label
    return reverse("ledgers:new", args=[code]), "新增" if code == ledger.code else "登记变动"


def pages_beside(ledger: Ledger) -> list[tuple[str, str]]:
    return [(reverse(one.name), one.label) for one in _lists.get(ledger.code, ())]
