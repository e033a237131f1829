"""How the copies stand, and all of them anew: for the command line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from zhenwu.mart.copying import START, Unit, heads, make_copy, newest_copy
from zhenwu.mart.files import Shelf
from zhenwu.mart.store import running_schema


@dataclass(frozen=True)
class Standing:
    """One unit: the rows in its newest copy (None: nobody has asked for it yet), and versions written since."""

    unit: str
    ledger: str
    rows: int | None
    behind: int
    size: int  # bytes of all its files
    made: datetime | None


def standing(ledgers: Sequence[str] = ()) -> list[Standing]:
    shelf, now = _shelf(), heads()
    found = []
    for unit in _units(ledgers):
        head = now.get(unit.ledger, START)
        copy = newest_copy(shelf, unit, head)
        made = datetime.fromtimestamp(copy.made / 1e9, timezone.get_default_timezone()) if copy else None
        behind = head.seq - (copy.state.seq if copy else 0)
        found.append(
            Standing(unit.code, unit.ledger, copy.rows if copy else None, behind, shelf.size(unit.tables), made)
        )
    return found


def rebuild(ledgers: Sequence[str] = ()) -> Iterator[Standing]:
    """All copies from nothing. Whoever reads one meanwhile goes on with the new one."""
    shelf = _shelf()
    for unit in _units(ledgers):
        shelf.drop(unit.tables)
        copy = make_copy(shelf, unit)
        made = datetime.fromtimestamp(copy.made / 1e9, timezone.get_default_timezone())
        yield Standing(unit.code, unit.ledger, copy.rows, 0, shelf.size(unit.tables), made)


def unit_codes(ledgers: Sequence[str] = ()) -> list[str]:
    return [unit.code for unit in _units(ledgers)]


def _units(ledgers: Sequence[str]) -> list[Unit]:
    schema = running_schema()
    units = [Unit.of(schema, code) for code in schema.units]
    return [unit for unit in units if not ledgers or unit.ledger in ledgers]


def _shelf() -> Shelf:
    return Shelf(Path(settings.INSTANCE) / "mart")
