"""Child tables in packs: what the reader refuses, and how their tables follow the packs."""

from datetime import date

import pytest
from django.db import connection

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.lines import values_of_lines
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.reader import read_packs_with_problems
from zhenwu.packs.tests.conftest import pack, text


def column(number: int, code: str, **said: object) -> str:
    keys = {"id": number, "code": f'"{code}"', "label": f'"{code}列"', "type": '"text"'} | said
    return "[[field.column]]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items())


def lines(*columns: str, code: str = "steps", **more: object) -> str:
    said = "\n".join(f"{key} = {value}" for key, value in more.items())
    return f'id = 2\ncode = "{code}"\nlabel = "措施"\ntype = "rows"\n{said}\n' + "\n".join(columns)


def trial(*columns: str, **more: object) -> str:
    return pack("trial", text(1, "name"), lines(*columns, **more), ledger='place = "town"')


WHAT, COST = column(1, "what"), column(2, "cost", type='"money"')


def add(by, **values):
    draft = Draft("trial", by, [Add(values)], Source(SourceKind.FORM), today=date(2020, 6, 1))
    return commit(draft)


def columns() -> set[str]:
    with connection.cursor() as cursor:
        return {one.name for one in connection.introspection.get_table_description(cursor, "lg_trial__steps")}


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (lines(), "a child table needs columns"),
        (text(2, "steps") + "\n" + WHAT, "has no columns"),
        (lines(column(1, "what", type='"rows"')), "a line has no child table"),
        (lines(column(1, "what"), column(1, "cost")), "is given 2 times"),
        (lines(column(1, "position", type='"integer"')), "has a column position already"),
        (lines(column(1, "what", type='"choice"')), "needs options"),
        (lines(column(1, "tel", type='"phone"')), "is personal data"),
        (lines(column(1, "site", type='"ref:nowhere"')), "there is no ledger nowhere"),
        (lines(WHAT, unique="true"), "not for a child table"),
        (lines(column(1, "what", unique="true")), "a line has no"),
        (lines(WHAT, retired="[1]"), "belonged to a removed field"),
    ],
)
def test_the_reader_says_what_is_wrong_with_a_child_table(write, said, cause):
    _, problems = read_packs_with_problems([write(trial=pack("trial", text(1, "name"), said))])
    assert any(cause in str(one) for one in problems), problems


def test_a_child_table_is_created_and_gets_columns(applying, running, lin, places):
    steps = applying(trial=trial(WHAT))
    assert [(one.kind, one.ledger) for one in steps] == [("create", "trial"), ("create", "trial__steps")]
    assert [one.kind for one in applying(trial=trial(WHAT, COST)) if one.ledger == "trial__steps"] == ["add", "text"]
    assert {"id", "parent_id", "position", "what", "cost"} == columns()
    assert not applying(trial=trial(WHAT, COST))


def test_a_child_table_added_later_leaves_rows_as_they_are(running, lin, places):
    running(trial=pack("trial", text(1, "name"), ledger='place = "town"'))
    add(lin, name="甲")
    ledger = running(trial=trial(WHAT))["trial"]
    assert list(verify("trial")) == []
    row = ledger.rows("test").get()
    form = Source(SourceKind.FORM)
    change = commit(Draft("trial", lin, [Edit(row.pk, 1, {"steps": [{"what": "清淤"}]})], form))
    undo(change, by=lin, reason="填错")
    assert values_of_lines(ledger, ledger.rows("test").get()) == {"steps": None}
    assert list(verify("trial")) == []


def test_renamed_columns_and_tables_keep_their_values_and_history(running, lin, places):
    running(trial=trial(WHAT, column(3, "tel", type='"phone"', privacy='"S2"')))
    add(lin, name="甲", steps=[{"what": "清淤", "tel": "13800001234"}])
    running(trial=trial(column(1, "measure"), column(3, "call", type='"phone"', privacy='"S2"')))
    assert list(verify("trial")) == []
    ledger = running(
        trial=trial(column(1, "measure"), column(3, "call", type='"phone"', privacy='"S2"'), code="actions")
    )["trial"]
    assert list(verify("trial")) == []
    row = ledger.rows("test").get()
    assert values_of_lines(ledger, row)["actions"][0]["measure"] == "清淤"
    form = Source(SourceKind.FORM)
    change = commit(Draft("trial", lin, [Edit(row.pk, 1, {"actions": None})], form))
    undo(change, by=lin, reason="填错")
    line = ledger.children["actions"].model.objects.get()
    assert ledger.children["actions"].types["call"].from_row(line) == "13800001234"
    assert list(verify("trial")) == []


def test_a_new_name_and_new_columns_at_once_are_refused(applying):
    applying(trial=trial(WHAT))
    with pytest.raises(ApplyRefused, match="先改代码"):
        applying(trial=trial(WHAT, COST, code="actions"))


def test_a_retired_column_keeps_its_values_and_its_id(running, applying, lin, places):
    running(trial=trial(WHAT, COST))
    add(lin, name="甲", steps=[{"what": "清淤", "cost": 12}])
    with pytest.raises(ApplyRefused, match="cost列"):
        applying(trial=trial(WHAT))
    running(trial=trial(WHAT, retired="[2]"), agreed=True)
    assert list(verify("trial")) == []
    assert "cost" in columns()
    with pytest.raises(ApplyRefused, match="已停用的字段"):
        applying(trial=trial(WHAT, column(2, "money", type='"money"')))


def test_a_retired_child_table_needs_agreement_while_it_has_lines(running, applying, lin, places):
    running(trial=trial(WHAT))
    add(lin, name="甲", steps=[{"what": "清淤"}])
    without = pack("trial", text(1, "name"), ledger='place = "town"', more="")
    with pytest.raises(ApplyRefused, match="停用字段“措施”"):
        applying(trial=without)
    running(trial=without, agreed=True)
    assert list(verify("trial")) == []
    with pytest.raises(ApplyRefused):
        applying(trial=trial(WHAT))
