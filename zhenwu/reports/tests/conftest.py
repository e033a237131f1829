"""A small year: three hazards in two villages, one of them closed; committed as anyone would."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.reports.actions import draft_report

AS_OF = date(2020, 12, 31)


@pytest.fixture
def add_hazard(lin, places) -> Callable[..., None]:
    def add(village: str, found_on: str, *, review: Review = Review.APPROVED, **values: Any) -> None:
        said = {"found_by_way": "排查", "sector": "消防", "found_on": date.fromisoformat(found_on), "finder": "张青"}
        said |= {"detail": f"{village}{found_on}通道堵塞", "kind": "管理"}
        row = Add({**said, **values}, division=places[village].pk, review=review)
        source = Source(SourceKind.SYSTEM)
        commit(Draft("hazard", lin, [row], source, reason="试验", today=date(2020, 6, 30)))

    return add


@pytest.fixture
def year(add_hazard) -> None:
    closed = {"close_on": date(2020, 2, 1), "fixed_on": date(2020, 1, 30), "recheck_on": date(2020, 1, 31)}
    add_hazard("青山村", "2020-01-05", **closed)
    add_hazard("青山村", "2020-03-06")
    add_hazard("河口村", "2020-03-07", sector="燃气")


@pytest.fixture
def report(year, lin):
    return draft_report(2020, AS_OF, lin)
