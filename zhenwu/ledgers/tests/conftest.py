"""Builders of this room's tests: each makes what is missing, so that a test states only what matters to it."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs import runtime


@pytest.fixture
def add_row():
    """`add_row(user, ledger, place, review="draft", **values)` → the stored row."""

    def add(by, ledger: str, place, review: str = "draft", **values: Any):
        by_events = runtime.ledger(ledger).spec.changes_by  # such rows come in with a roster, later with their events
        source = Source(SourceKind.IMPORT if by_events else SourceKind.FORM)
        change = commit(Draft(ledger, by, [Add(values, place.pk, review)], source, today=date(2020, 6, 1)))
        return runtime.model_for(ledger).objects.unscoped("test").get(change=change)

    return add


@pytest.fixture
def declaration(add_row, places):
    """A row of `site_none`: no private fields, no lifecycle."""

    def make(by, village: str = "青山村", review: str = "draft", **values: Any):
        said = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": date(2020, 1, 5)} | values
        return add_row(by, "site_none", places[village], review, **said)

    return make


@pytest.fixture
def person(add_row, places):
    def make(by, village: str = "青山村", **values: Any):
        return add_row(
            by, "person", places[village], **({"name": "陈一", "sex": "1", "birth": date(1980, 1, 1)} | values)
        )

    return make


@pytest.fixture
def sheet():
    """`sheet(rows)` → the bytes of an xlsx with these rows, the header among them."""

    def make(rows: list[list[Any]], name: str = "Sheet1") -> bytes:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                page.write(number, column, value)
        book.close()
        return target.getvalue()

    return make
