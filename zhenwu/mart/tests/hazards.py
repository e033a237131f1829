"""Rows of a ledger that copies are made of."""

from datetime import date

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft


def hazard(place, detail: str, **values) -> Add:
    said = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    return Add({**said, "detail": detail, **values}, division=place.pk, review=Review.APPROVED)


def record(by, *operations, ledger: str = "hazard") -> Change:
    return commit(Draft(ledger, by, list(operations), Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 6, 1)))
