"""Child tables through the one door: lines are written, versioned, undone and audited with their row."""

import uuid
from datetime import date

import pytest
from django.db import connection

from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused
from zhenwu.ledgers.lines import values_of_lines
from zhenwu.ledgers.operations import Add, Draft, Edit, ReviewStep, Void
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures
from zhenwu.packs.types import SEALED

LINES = """id = 2
code = "steps"
label = "整改措施"
type = "rows"
[[field.column]]
id = 1
code = "what"
label = "措施"
type = "text"
required = true
[[field.column]]
id = 2
code = "due"
label = "期限"
type = "date"
[[field.column]]
id = 3
code = "tel"
label = "电话"
type = "phone"
privacy = "S2"
[[field.column]]
id = 4
code = "who"
label = "责任人"
type = "person"
[[field.column]]
id = 5
code = "cost"
label = "经费"
type = "money"
"""
PACK = pack("trial", text(1, "name"), LINES, ledger='place = "town"')
FORM = Source(SourceKind.FORM)


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=PACK)["trial"]


@pytest.fixture
def save(lin, trial):
    def saved(*operations, reason=""):
        change = commit(Draft("trial", lin, list(operations), FORM, reason, today=date(2020, 6, 1)))
        return change, trial.rows("test").get(change=change)

    return saved


def said(trial, row):
    """[(措施, 期限)] of a row read afresh."""
    fresh = trial.rows("test").get(pk=row.pk)
    return [(line["what"], line["due"]) for line in values_of_lines(trial, fresh)["steps"] or ()]


def two(**more):
    return [{"what": "清淤", "due": date(2020, 7, 1), "tel": "13800001234"} | more, {"what": "设挡水板", "due": None}]


def test_lines_are_written_with_their_row_and_stand_in_its_history(trial, save):
    _, row = save(Add({"name": "甲", "steps": two()}))
    assert said(trial, row) == [("清淤", date(2020, 7, 1)), ("设挡水板", None)]
    kept = History.objects.get(ledger="trial")
    assert '"steps":[{"cost":null,"due":"2020-07-01"' in kept.values
    assert "13800001234" not in kept.values
    assert len(kept.sealed) == 1
    assert list(verify("trial")) == []


def test_a_line_keeps_its_id_and_what_the_edit_does_not_name(trial, save):
    _, row = save(Add({"name": "甲", "steps": two()}))
    first, second = values_of_lines(trial, row)["steps"]
    save(
        Edit(
            row.pk,
            1,
            {
                "steps": [
                    {"id": second["id"], "due": date(2020, 8, 1)},
                    {"id": first["id"], "tel": SEALED},
                    {"what": "验收"},
                ]
            },
        )
    )
    row = trial.rows("test").get(pk=row.pk)
    now = values_of_lines(trial, row)["steps"]
    assert [one["id"] for one in now[:2]] == [second["id"], first["id"]]
    assert said(trial, row) == [("设挡水板", date(2020, 8, 1)), ("清淤", date(2020, 7, 1)), ("验收", None)]
    line = trial.children["steps"].model.objects.get(pk=first["id"])
    assert trial.children["steps"].types["tel"].from_row(line) == "13800001234"
    assert list(verify("trial")) == []


def test_an_edit_that_says_nothing_of_lines_leaves_them(trial, save):
    _, row = save(Add({"name": "甲", "steps": two()}))
    save(Edit(row.pk, 1, {"name": "乙"}))
    assert len(said(trial, row)) == 2
    assert History.objects.get(version=2, ledger="trial").sealed  # the phone stays restorable from every version
    assert list(verify("trial")) == []


def test_undo_brings_the_lines_back_with_their_ids_and_numbers(trial, save, lin):
    _, row = save(Add({"name": "甲", "steps": two()}))
    before = values_of_lines(trial, row)
    change, _ = save(Edit(row.pk, 1, {"steps": None}))
    assert said(trial, row) == []
    undo(change, by=lin, reason="填错")
    row = trial.rows("test").get(pk=row.pk)
    assert values_of_lines(trial, row) == before
    line = trial.children["steps"].model.objects.get(position=1)
    assert trial.children["steps"].types["tel"].from_row(line) == "13800001234"
    assert list(verify("trial")) == []


def test_voiding_and_reviewing_keep_the_lines(trial, save, leader):
    _, row = save(Add({"name": "甲", "steps": two()}))
    save(ReviewStep(row.pk, 1, "submit"))
    save(Void(row.pk, 2), reason="重复登记")
    assert len(said(trial, row)) == 2
    assert list(verify("trial")) == []


def test_problems_name_line_and_column(trial, save):
    with pytest.raises(CommitRefused) as refused:
        save(Add({"name": "甲", "steps": [{"what": "x" * 600}, {"due": date(2020, 1, 1)}]}, review="submitted"))
    assert [(one.field, one.message[:14]) for one in refused.value.problems] == [
        ("steps.0.what", "“整改措施”第1行“措施”有"), ("steps.1.what", "“整改措施”第2行“措施”没"),
    ]  # fmt: skip
    assert not trial.rows("test").exists()


def test_a_line_cannot_be_taken_from_another_row(trial, save):
    _, row = save(Add({"name": "甲", "steps": two()}))
    taken = values_of_lines(trial, row)["steps"][0]["id"]
    _, other = save(Add({"name": "乙", "steps": [{"id": taken, "what": "偷来的"}]}))
    assert values_of_lines(trial, other)["steps"][0]["id"] != taken
    assert said(trial, row)[0][0] == "清淤"


def test_a_link_in_a_line_must_lead_somewhere(trial, save):
    with pytest.raises(CommitRefused) as refused:
        save(Add({"name": "甲", "steps": [{"what": "x", "who": uuid.uuid4()}]}))
    assert refused.value.problems[0].field == "steps.0.who"


@pytest.mark.parametrize(
    ("sql", "is_found"),
    [
        ("UPDATE lg_trial__steps SET what = '另外的话' WHERE position = 1", True),
        ("DELETE FROM lg_trial__steps WHERE position = 2", True),
        ("UPDATE lg_trial__steps SET position = position + 1", True),
        ("UPDATE lg_trial__steps SET cost = 12.30 WHERE position = 2", True),
        ("UPDATE lg_trial__steps SET tel = NULL WHERE position = 1", True),
        ("UPDATE lg_trial__steps SET what = what", False),
    ],
)
def test_audit_finds_every_silent_change_of_a_line(trial, save, sql, is_found):
    save(Add({"name": "甲", "steps": two()}))
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert ["整改措施" in one.message for one in verify("trial")] == ([True] if is_found else [])


def test_audit_finds_a_line_put_in_silently(trial, save):
    save(Add({"name": "甲", "steps": two()}))
    model = trial.children["steps"].model
    line = model.objects.get(position=2)
    line.pk, line.position = uuid.uuid4(), 3
    line.save(force_insert=True)
    assert ["整改措施" in one.message for one in verify("trial")] == [True]
