"""A gap of last year is not put right by New Year's Day."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.models import Finding, Status
from zhenwu.checks.running import run
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs import runtime

pytestmark = pytest.mark.django_db


def test_a_missed_cell_waits_into_the_next_year(lin, places):
    values = {
        "name": "青山村党支部", "kind": "党支部", "domain": "村", "founded": date(2015, 1, 1), "has_committee": False,
        "group_count": 0, "term_start": date(2019, 1, 1), "term_end": date(2024, 1, 1),
    }  # fmt: skip
    known = runtime.ledger("party_branch").stored
    row = Add({code: value for code, value in values.items() if code in known}, places["青山村"].pk, Review.DRAFT)
    commit(Draft("party_branch", lin, [row], Source(SourceKind.FORM), today=date(2020, 1, 2)))
    run(["branch_life.BL-01"], as_of=date(2020, 12, 31))
    missed = Finding.objects.filter(check_code="branch_life.BL-01", year=2020, status=Status.OPEN)
    count = missed.count()
    assert count == 22  # a branch without committee and groups owes 22 meetings a year
    run(["branch_life.BL-01"], as_of=date(2021, 1, 5))
    assert missed.count() == count
    assert not Finding.objects.filter(status=Status.GONE).exists()
