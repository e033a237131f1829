"""Acts on rows: marks of a return, many rows at once, taking back within the rules, restoring under the rules of today."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from zhenwu.changes.models import Change, History, Review
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, LedgerError, NotAllowed
from zhenwu.ledgers.marks import marks_in, marks_of
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.transitions import BulkRefused, bulk_transition, restore, take_back, transition
from zhenwu.packs import runtime


@pytest.fixture
def ledger(db):
    return runtime.ledger("site_none")


def edit(row, by, **values):
    from zhenwu.ledgers.transitions import FORM

    change = commit(Draft("site_none", by, [Edit(row.pk, row.version, values)], FORM))
    row.refresh_from_db()
    return change


@pytest.fixture
def returned(ledger, declaration, chen, lin):
    row = declaration(chen, review=Review.SUBMITTED)
    transition(ledger, row, "return", by=lin, marks={"signer": "不是这个人签的", "signed_on": "日期晚了"})
    row.refresh_from_db()
    return row


def test_marks_vanish_one_by_one_as_they_are_corrected(ledger, returned, chen, lin):
    scope = scope_in(chen, ledger)
    assert returned.change.reason == "请改正标出的2栏"
    assert [(one.label, one.says, one.is_done) for one in marks_of(ledger, scope, returned)] == [
        ("签字人", "不是这个人签的", False), ("签字日期", "日期晚了", False),
    ]  # fmt: skip
    edit(returned, chen, signer="陈二")
    assert [one.is_done for one in marks_of(ledger, scope, returned)] == [True, False]
    transition(ledger, returned, "submit", by=chen)
    returned.refresh_from_db()
    assert marks_of(ledger, scope, returned) == []
    kept = marks_in(ledger, scope, Change.objects.values_list("pk", flat=True))
    assert [one.says for marks in kept.values() for one in marks] == ["不是这个人签的", "日期晚了"]


def test_a_second_return_without_marks_does_not_bring_back_the_first_ones(ledger, returned, chen, lin):
    transition(ledger, returned, "submit", by=chen)
    returned.refresh_from_db()
    transition(ledger, returned, "return", by=lin, reason="再核对")
    returned.refresh_from_db()
    assert marks_of(ledger, scope_in(chen, ledger), returned) == []


def test_a_mark_without_words_or_at_no_field_is_refused(ledger, declaration, chen, lin):
    row = declaration(chen, review=Review.SUBMITTED)
    with pytest.raises(CommitRefused, match="请写明哪里不对") as refused:
        transition(ledger, row, "return", by=lin, reason="不对", marks={"signer": " ", "nonsense": "x"})
    assert len(refused.value.problems) == 2
    row.refresh_from_db()
    assert row.review == Review.SUBMITTED


def test_bulk_is_one_change_or_tells_of_each_row(ledger, declaration, chen, lin):
    rows = [declaration(chen, sector=sector) for sector in ("消防", "燃气", "校园")]
    edit(rows[1], chen, signer=None)
    wanted = [(row.pk, row.version) for row in rows]
    with pytest.raises(BulkRefused) as refused:
        bulk_transition(ledger, wanted, "submit", by=chen)
    assert refused.value.problems == {rows[1].pk: ["“签字人”没有填：请填写。"]}
    assert refused.value.fine == [rows[0].pk, rows[2].pk]
    assert not ledger.rows("test").filter(review=Review.SUBMITTED).exists()
    done = bulk_transition(ledger, wanted, "submit", by=chen, leave_out=True)
    assert (done.rows, list(done.left_out)) == ([rows[0].pk, rows[2].pk], [rows[1].pk])
    assert done.change.ledgers == {"site_none": 2}
    assert list(verify("site_none")) == []


def test_bulk_tells_of_every_row_that_was_changed_meanwhile_or_is_not_mine(ledger, declaration, chen, wu, lin):
    mine, theirs, stale = declaration(chen), declaration(wu, "河口村"), declaration(chen, sector="燃气")
    wanted = [(mine.pk, 1), (theirs.pk, 1), (stale.pk, 7)]
    with pytest.raises(BulkRefused) as refused:
        bulk_transition(ledger, wanted, "submit", by=chen)
    assert set(refused.value.problems) == {theirs.pk, stale.pk}
    assert "找不到" in refused.value.problems[theirs.pk][0]
    assert "改过" in refused.value.problems[stale.pk][0]
    nothing = bulk_transition(ledger, wanted[1:], "submit", by=chen, leave_out=True)
    assert (nothing.change, nothing.rows) == (None, [])


def test_what_one_did_one_may_take_back(ledger, declaration, chen, wu, lin):
    row = declaration(chen)
    transition(ledger, row, "submit", by=chen)
    row.refresh_from_db()
    with pytest.raises(NotAllowed):
        take_back(ledger, row, by=wu)
    take_back(ledger, row, by=chen)
    row.refresh_from_db()
    assert (row.review, row.version) == (Review.DRAFT, 3)
    with pytest.raises(CommitRefused, match="不是报送、审核或流程办理"):
        take_back(ledger, row, by=chen)
    assert list(verify("site_none")) == []


def test_an_approval_is_taken_back_by_who_gave_it_only(ledger, declaration, chen, lin, leader):
    row = declaration(chen, review=Review.SUBMITTED)
    transition(ledger, row, "approve", by=lin)
    row.refresh_from_db()
    for other in (chen, leader):
        with pytest.raises(CommitRefused, match="只能由本人撤回"):
            take_back(ledger, row, by=other)
    take_back(ledger, row, by=lin)
    row.refresh_from_db()
    assert row.review == Review.SUBMITTED


def test_after_some_days_an_act_stands(ledger, declaration, chen):
    row = declaration(chen)
    transition(ledger, row, "submit", by=chen)
    row.refresh_from_db()
    with pytest.raises(CommitRefused, match="只能在3天内撤回"):
        take_back(ledger, row, by=chen, today=timezone.localdate() + timedelta(days=4))
    take_back(ledger, row, by=chen, today=timezone.localdate() + timedelta(days=3))


def test_nothing_is_taken_back_that_another_row_builds_on(add_row, places, lin):
    issues = runtime.ledger("eco_issue")
    kinds = issues.types
    said = {code: kinds[code].spec.options[0].value for code in ("found_way", "kind", "level")}
    said |= {"spot_text": "河边", "detail": "垃圾", "found_on": date(2020, 5, 30), "found_by": "陈青"}
    row = add_row(lin, "eco_issue", places["青山村"], **said)
    transition(issues, row, "step:send", by=lin, values={"sent_to": "保洁队", "due_on": date(2020, 7, 1)})
    row.refresh_from_db()
    add_row(lin, "eco_issue", places["青山村"], **said, repeat_of=row.pk)
    with pytest.raises(CommitRefused, match="引用它，不能撤回"):
        take_back(issues, row, by=lin)


def test_restoring_needs_a_reason_and_keeps_to_the_rules_of_today(ledger, declaration, chen, lin, monkeypatch):
    row = declaration(chen)
    edit(row, chen, signer="陈二")
    with pytest.raises(LedgerError, match="写明原因"):
        restore(ledger, row, 1, by=chen, reason=" ")
    restore(ledger, row, 1, by=chen, reason="改错了")
    row.refresh_from_db()
    assert (row.signer, row.version) == ("陈青", 3)
    kind = ledger.types["signer"]
    monkeypatch.setattr(type(kind), "problem_with", lambda self, value: f"“{self.label}”不再可用：请改。")
    with pytest.raises(CommitRefused, match="不再可用"):
        restore(ledger, row, 2, by=chen, reason="再改回去")
    assert History.objects.filter(row=row.pk).count() == 3
