"""Rows of a ledger that figures are made of."""

from datetime import date

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.divisions.models import Division
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft


def hazard(place: Division, found_on: str, *, review: Review = Review.APPROVED, **values: object) -> Add:
    said = {"found_by_way": "排查", "sector": "消防", "found_on": date.fromisoformat(found_on), "finder": "张青"}
    said |= {"detail": f"{place.name}{found_on}通道堵塞", "kind": "管理"}
    return Add({**said, **values}, division=place.pk, review=review)


def record(by, *operations, on: date = date(2020, 6, 30)) -> None:
    source = Source(SourceKind.SYSTEM)
    commit(Draft("hazard", by, list(operations), source, reason="试验", today=on))
