"""The one door: what is written, what is refused, and that history tells the truth."""

from datetime import date

import pytest
from django.db import connection

from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, Conflict, NotAllowed
from zhenwu.ledgers.operations import Add, Draft, Edit, ReviewStep, Void
from zhenwu.packs import indexes, runtime

FORM = Source(SourceKind.FORM)


def draft(by, *operations, ledger="site_none", reason=""):
    return Draft(ledger, by, list(operations), FORM, reason, today=date(2020, 6, 1))


def add_person(by, village, **values):
    values = {"name": "陈一", "sex": "1", "birth": date(1980, 1, 1)} | values
    change = commit(draft(by, Add(values, division=village.pk), ledger="person"))
    return runtime.model_for("person").objects.unscoped("test").get(change=change)


def test_a_row_gets_number_version_and_history(chen, places):
    row = add_person(chen, places["青山村"])
    assert (row.no, row.version, row.review, row.created_by) == ("RK-2020-00001", 1, "draft", chen)
    assert History.objects.get(ledger="person").act == "add"
    assert list(verify("person")) == []


def test_the_id_number_is_sealed_and_answers_birth_and_sex(chen, places):
    row = add_person(chen, places["青山村"], idno="519999195302141012", birth=None, sex=None)
    assert "519999195302141012" not in row.idno
    assert (row.birth, row.sex, row.idno_ok) == (date(1953, 2, 14), "1", True)
    history = History.objects.get(ledger="person")
    assert "519999195302141012" not in history.values
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person WHERE idno LIKE %s", ["%519999195302141012%"])
        assert cursor.fetchone()[0] == 0


def test_the_same_id_number_twice_is_refused_with_the_row_named(chen, places):
    row = add_person(chen, places["青山村"], idno="519999195302141012")
    with pytest.raises(CommitRefused) as refused:
        add_person(chen, places["青山村"], name="陈二", idno="519999195302141012")
    assert row.no in str(refused.value)


def test_another_village_can_not_be_written_or_touched(wu, chen, places):
    with pytest.raises(CommitRefused):
        add_person(wu, places["青山村"])
    row = add_person(chen, places["青山村"])
    with pytest.raises(NotAllowed):
        commit(draft(wu, Edit(row.pk, 1, {"name": "陈二"}), ledger="person"))


def test_two_people_edit_the_same_row_the_second_is_told(chen, lin, places):
    row = add_person(chen, places["青山村"])
    commit(draft(lin, Edit(row.pk, 1, {"name": "陈壹"}), ledger="person"))
    with pytest.raises(Conflict) as conflict:
        commit(draft(chen, Edit(row.pk, 1, {"name": "陈贰"}), ledger="person"))
    assert "林澄" in str(conflict.value)
    row.refresh_from_db()
    assert (row.name, row.version) == ("陈壹", 2)


def test_nothing_is_written_when_one_of_many_rows_is_wrong(chen, places):
    rows = [
        Add({"name": f"人{n}", "sex": "1", "birth": date(1990, 1, 1)}, division=places["青山村"].pk, at=n)
        for n in range(3)
    ]
    rows[1].values["sex"] = "3"
    with pytest.raises(CommitRefused) as refused:
        commit(draft(chen, *rows, ledger="person"))
    assert [problem.at for problem in refused.value.problems] == [1]
    assert runtime.model_for("person").objects.unscoped("test").count() == 0


def test_who_entered_a_row_does_not_approve_it(chen, lin, places):
    row = add_person(
        lin, places["青山村"], hukou_status="here", live_status="stay", labor="normal", idno_kind="none_unregistered"
    )
    commit(draft(lin, ReviewStep(row.pk, 1, "submit"), ledger="person"))
    with pytest.raises(CommitRefused, match="你自己登记的"):
        commit(draft(lin, ReviewStep(row.pk, 2, "approve"), ledger="person"))


def test_a_void_row_can_be_brought_back_by_undoing_the_change(chen, places):
    row = add_person(chen, places["青山村"], phone="13800001234")
    change = commit(draft(chen, Void(row.pk, 1), ledger="person", reason="重复登记"))
    row.refresh_from_db()
    assert row.is_void
    undo(change, by=chen, reason="作废错了")
    row.refresh_from_db()
    assert not row.is_void
    assert runtime.ledger("person").types["phone"].from_row(row) == "13800001234"
    assert list(verify("person")) == []


def test_a_row_changed_behind_the_door_is_found(chen, places):
    row = add_person(chen, places["青山村"])
    runtime.model_for("person").objects.unscoped("test").filter(pk=row.pk).update(name="被改")
    assert [one.message for one in verify("person")] == [f"{row.no}被绕过平台改动：姓名。"]


@pytest.mark.parametrize("tamper", ["values", "delete", "reorder"])
def test_history_that_was_altered_is_found(chen, places, tamper):
    rows = [add_person(chen, places["青山村"], name=f"人{n}") for n in range(3)]
    middle = History.objects.get(ledger="person", row=rows[1].pk)
    if tamper == "values":
        History.objects.filter(pk=middle.pk).update(values=middle.values.replace("人1", "人9"))
    elif tamper == "delete":
        middle.delete()
    else:
        last = History.objects.get(ledger="person", row=rows[2].pk)
        History.objects.filter(pk=last.pk).update(seq=99)
        History.objects.filter(pk=middle.pk).update(seq=last.seq)
        History.objects.filter(pk=last.pk).update(seq=middle.seq)
    assert list(verify("person"))


def test_indexes_built_after_many_rows_are_those_of_before(chen, places, monkeypatch):
    monkeypatch.setattr(indexes, "_MANY", 3)
    model = runtime.model_for("site_none")
    rows = [Add({"signer": f"甲{number}"}, places["青山村"].pk) for number in range(4)]
    commit(draft(chen, *rows))
    assert (model.objects.unscoped("test").count(), indexes.differing(model)) == (4, ([], []))
    with pytest.raises(CommitRefused):
        commit(draft(chen, *rows, *rows, Add({"signer": "甲" * 5000}, places["青山村"].pk)))
    assert (model.objects.unscoped("test").count(), indexes.differing(model)) == (4, ([], []))
    assert list(verify("site_none")) == []
