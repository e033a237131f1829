"""From packs to tables: what is planned is done, all of it or nothing, and no value goes out of sight unasked."""

import itertools
import threading
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from zhenwu.changes.actions import Source
from zhenwu.changes.models import History, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime
from zhenwu.packs.apply import applied_hash, applied_packs
from zhenwu.packs.errors import ApplyRefused, RestartNeeded
from zhenwu.packs.models import Applied, Tombstone
from zhenwu.packs.plan import make_plan
from zhenwu.packs.tests.conftest import pack, text

FORM = Source(SourceKind.FORM)


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {one.name for one in connection.introspection.get_table_description(cursor, table)}


def said(table: str, *names: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY no")
        return cursor.fetchall()


def add(by, *rows, ledger="trial"):
    return commit(Draft(ledger, by, [Add(values) for values in rows], FORM, today=date(2020, 6, 1)))


def kinds(steps) -> list[str]:
    return [step.kind for step in steps]


def test_a_new_ledger_becomes_a_table_once(applying):
    packs = {"a": pack("trial", text(1, "name"), text(2, "due", type='"date"'))}
    assert kinds(applying(**packs)) == ["create"]
    assert {"id", "no", "division_id", "review", "name", "due"} <= columns("lg_trial")
    assert applying(**packs) == []
    assert Applied.objects.count() == 2  # the shipped packs, and these


def test_a_field_added_to_rows_is_unknown_in_them(running, lin):
    running(a=pack("trial", text(1, "name")))
    add(lin, {"name": "甲"})
    running(a=pack("trial", text(1, "name"), text(2, "grade")))
    assert said("lg_trial", "name", "grade") == [("甲", None)]
    assert list(verify("trial")) == []


def test_a_renamed_field_keeps_values_history_and_the_way_back(running, lin):
    running(a=pack("trial", text(1, "name"), text(2, "tel", type='"phone"', privacy='"S2"')))
    change = add(lin, {"name": "甲", "tel": "13800001234"})
    row = History.objects.get(change=change).row
    second = commit(Draft("trial", lin, [Edit(row, 1, {"name": "乙"})], FORM))
    ledgers = running(
        a=pack("trial", text(1, "title"), text(2, "mobile", type='"phone"', privacy='"S2"'), text(3, "name"))
    )
    assert said("lg_trial", "title", "name") == [("乙", None)]
    assert list(verify("trial")) == []
    undo(second, by=lin, reason="改错了")
    assert said("lg_trial", "title", "name") == [("甲", None)]
    stored = ledgers["trial"].model.objects.unscoped("test").get()
    assert ledgers["trial"].types["mobile"].from_row(stored) == "13800001234"
    assert list(verify("trial")) == []


def test_two_fields_can_exchange_their_codes(running, lin):
    running(a=pack("trial", text(1, "a"), text(2, "b")))
    add(lin, {"a": "甲", "b": "乙"})
    running(a=pack("trial", text(1, "b"), text(2, "a")))
    assert said("lg_trial", "a", "b") == [("乙", "甲")]
    assert list(verify("trial")) == []


def test_a_link_is_renamed_with_its_column(running, lin, places):
    field = {"type": '"division"'}
    running(a=pack("trial", text(1, "village", **field)))
    add(lin, {"village": places["青山村"].pk})
    ledgers = running(a=pack("trial", text(1, "hamlet", **field)))
    assert ledgers["trial"].model.objects.unscoped("test").get().hamlet_id == places["青山村"].pk


def test_a_wider_text_holds_longer_words_and_retired_columns_stay(running, lin):
    running(a=pack("trial", text(1, "name", max_length=4), text(2, "gone"), text(3, "old")))
    add(lin, {"name": "甲", "gone": "旧值", "old": "丙"})
    running(a=pack("trial", text(1, "name", max_length=4), text(3, "old")), agreed=True)
    steps = [text(1, "name", max_length=40), text(3, "older"), text(4, "fresh")]
    running(a=pack("trial", *steps))
    add(lin, {"name": "甲" * 40, "older": "丁", "fresh": "新"})
    assert said("lg_trial", "name", "gone", "older") == [("甲", "旧值", "丙"), ("甲" * 40, None, "丁")]
    assert list(verify("trial")) == []


def test_values_go_out_of_sight_only_when_a_person_agrees(running, applying, lin):
    before = pack("trial", text(1, "name"), text(2, "grade"))
    running(a=before)
    add(lin, {"name": "甲", "grade": "一般"})
    with pytest.raises(ApplyRefused, match=r"停用字段“grade的名称”（1行有值"):
        applying(a=pack("trial", text(1, "name")))
    assert applied_packs().packs["trial"].field[1].code == "grade"
    assert not Tombstone.objects.exists()
    applying(a=pack("trial", text(1, "name")), agreed=True)
    assert [(one.field_id, one.code) for one in Tombstone.objects.all()] == [(2, "grade")]
    assert said("lg_trial", "grade") == [("一般",)]


def test_an_empty_field_is_retired_without_asking(applying):
    applying(a=pack("trial", text(1, "name"), text(2, "grade")))
    assert kinds(applying(a=pack("trial", text(1, "name")))) == ["retire", "text"]


@pytest.mark.parametrize(
    ("field", "cause"),
    [(text(2, "level"), "编号属于已停用的字段"), (text(9, "grade"), "代码属于已停用的字段，旧值还在库中")],
)
def test_neither_id_nor_code_of_a_retired_field_comes_again(applying, field, cause):
    applying(a=pack("trial", text(1, "name"), text(2, "grade")))
    applying(a=pack("trial", text(1, "name")))
    with pytest.raises(ApplyRefused, match=cause):
        applying(a=pack("trial", text(1, "name"), field))


def test_a_field_can_not_take_the_column_of_one_that_goes_in_the_same_plan(applying):
    applying(a=pack("trial", text(1, "name"), text(2, "grade")))
    with pytest.raises(ApplyRefused, match="沿用原来的编号"):
        applying(a=pack("trial", text(1, "name"), text(3, "grade")))


def test_a_retired_ledger_keeps_its_rows_and_its_code(running, applying, lin):
    running(a=pack("trial", text(1, "name")))
    add(lin, {"name": "甲"})
    with pytest.raises(ApplyRefused, match="1行保留在库中"):
        applying()
    assert kinds(applying(agreed=True)) == ["retire_ledger"]
    assert said("lg_trial", "name") == [("甲",)]
    with pytest.raises(ApplyRefused, match="trial 是停用过的台账"):
        applying(a=pack("trial", text(1, "name")))


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (text(1, "n", type='"money"'), text(1, "n", type='"area_mu"'), "由金额（元）改为面积（亩）：元不能换算成亩"),
        (text(1, "n", max_length=10), text(1, "n", max_length=2), "缩短到2字：有1行更长"),
        (
            text(1, "n", type='"choice"', options='["甲甲甲", "乙"]'),
            text(1, "n", type='"choice"', options='["乙"]'),
            "去掉选项“甲甲甲”：有1行在用",
        ),
        (
            text(1, "n", type='"multichoice"', options='["甲甲甲", "乙"]'),
            text(1, "n", type='"multichoice"', options='["乙"]'),
            "去掉选项“甲甲甲”：有1行在用",
        ),
    ],
)
def test_what_stored_values_can_not_follow_is_refused_and_nothing_changes(running, applying, lin, before, after, cause):
    ledgers = running(a=pack("trial", before))
    kind = ledgers["trial"].types["n"]
    values = {"money": 3, "multichoice": ["甲甲甲"]}
    add(lin, {"n": values.get(kind.name, "甲甲甲")})
    was = applied_hash()
    with pytest.raises(ApplyRefused, match=cause):
        applying(a=pack("trial", after, text(2, "more")))
    assert applied_hash() == was
    assert "more" not in columns("lg_trial")


def test_a_state_in_use_can_not_leave_the_lifecycle(running, applying, lin):
    def life(*states):
        said = ", ".join(f'{{ code = "{one}", label = "{one}态" }}' for one in states)
        acts = "".join(
            f'\n[[lifecycle.transition]]\ncode = "to_{b}"\nlabel = "办"\nfrom = ["{a}"]\nto = "{b}"\nwho = ["office"]\n'
            for a, b in itertools.pairwise(states)
        )
        return pack("trial", text(1, "name"), more=f'[lifecycle]\ninitial = "{states[0]}"\nstates = [{said}]\n{acts}')

    running(a=life("a", "b"))
    add(lin, {"name": "甲"})
    with pytest.raises(ApplyRefused, match="流程去掉状态“a态”：有1行处在这个状态"):
        applying(a=life("b"))


def test_a_field_becomes_unique_only_without_doubles_and_then_stays_so(running, applying, lin):
    unique = pack("trial", text(1, "name", unique="true"))
    running(a=pack("trial", text(1, "name")))
    add(lin, {"name": "甲"}, {"name": "甲"})
    with pytest.raises(ApplyRefused, match="有1个值重复"):
        applying(a=unique)
    ledgers = running(a=pack("trial", text(1, "name")))
    first = ledgers["trial"].model.objects.unscoped("test").order_by("no")[0]
    commit(Draft("trial", lin, [Edit(first.pk, 1, {"name": "乙"})], FORM))
    assert kinds(applying(a=unique)) == ["unique", "text"]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET name = '甲'")
    applying(a=pack("trial", text(1, "name")))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET name = '甲'")


def test_a_new_unique_field_is_unique_in_the_table_too(running, lin):
    running(a=pack("trial", text(1, "name")))
    running(a=pack("trial", text(1, "name"), text(2, "tel", type='"phone"', privacy='"S2"', unique="true")))
    add(lin, {"tel": "13800001234"}, {"tel": "13800001235"})
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET tel_hash = 'x'")


def test_an_apply_that_fails_leaves_everything_as_it_was(running, applying, lin):
    running(a=pack("trial", text(1, "name"), text(2, "grade")))
    add(lin, {"name": "甲", "grade": "一般"})
    was = applied_hash()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE lg_trial_z (id integer)")  # in the way of the last step
    with pytest.raises(DatabaseError):
        applying(
            a=pack("trial", text(1, "title"), text(3, "more")),
            z=pack("trial_z", text(1, "name"), prefix="SZ"),
            agreed=True,
        )
    assert {"name", "grade"} <= columns("lg_trial")
    assert not {"title", "more"} & columns("lg_trial")
    assert (applied_hash(), Tombstone.objects.count()) == (was, 0)
    add(lin, {"name": "乙"})
    assert list(verify("trial")) == []


def test_a_file_that_was_edited_but_not_applied_changes_nothing(running, write, lin):
    running(a=pack("trial", text(1, "name")))
    write(a=pack("trial", text(1, "name"), text(2, "grade", required="true")))
    add(lin, {"name": "甲"})
    assert [one.code for one in applied_packs().packs["trial"].field] == ["name"]
    assert "grade" not in columns("lg_trial")


def test_a_worker_with_older_packs_is_told_to_start_anew(running, applying, lin):
    running(a=pack("trial", text(1, "name")))
    applying(a=pack("trial", text(1, "name"), text(2, "grade")))
    with pytest.raises(RestartNeeded):
        add(lin, {"name": "甲"})
    assert said("lg_trial", "name") == []
    with pytest.raises(RestartNeeded):
        runtime.start_with(applied_packs(), applied_hash())


class Aside(threading.Thread):
    """Does something on a connection of its own; `at` stops it at the first statement that has these words, till `go`."""

    def __init__(self, do, at: str = ""):
        super().__init__()
        self.do, self.at, self.raised = do, at, None
        self.there, self.go = threading.Event(), threading.Event()

    def _held_up(self, execute, sql, params, many, context):
        if self.at and self.at in sql and not self.there.is_set():
            self.there.set()
            self.go.wait(20)
        return execute(sql, params, many, context)

    def run(self):
        try:
            with connection.execute_wrapper(self._held_up):
                self.do()
        except Exception as error:
            self.raised = error
        finally:
            connection.close()


def test_a_commit_that_waits_for_an_apply_is_refused_when_its_turn_comes(running, applying, lin):
    running(a=pack("trial", text(1, "name")))
    applies = Aside(lambda: applying(a=pack("trial", text(1, "name"), text(2, "grade"))), at="ADD COLUMN")
    applies.start()
    assert applies.there.wait(20)
    writes = Aside(lambda: add(lin, {"name": "甲"}))
    writes.start()
    writes.join(0.5)
    assert writes.is_alive()  # it waits at the lock
    applies.go.set()
    applies.join(20)
    writes.join(20)
    assert applies.raised is None
    assert isinstance(writes.raised, RestartNeeded)
    assert said("lg_trial", "name", "grade") == []


def test_an_apply_waits_for_the_commits_under_way(running, applying, lin):
    running(a=pack("trial", text(1, "name")))
    writes = Aside(lambda: add(lin, {"name": "7"}), at='UPDATE "changes_chainhead"')
    writes.start()
    assert writes.there.wait(20)
    applies = Aside(lambda: applying(a=pack("trial", text(1, "name", type='"integer"'))))
    applies.start()
    applies.join(0.5)
    assert applies.is_alive()
    writes.go.set()
    writes.join(20)
    applies.join(20)
    assert (writes.raised, applies.raised) == (None, None)
    assert said("lg_trial", "name", "version") == [(7, 2)]  # the row that came in between was converted too


def test_ledgers_whose_names_differ_late_live_side_by_side(applying):
    first, second = "trial_of_a_name_that_is_long_one", "trial_of_a_name_that_is_long_two"
    field = text(1, "name", unique="true")
    applying(a=pack(first, field), b=pack(second, field, prefix="SZ"))
    assert columns(f"lg_{first}") == columns(f"lg_{second}")


def test_a_new_order_of_fields_is_a_change_too(applying):
    applying(a=pack("trial", text(1, "a"), text(2, "b")))
    assert kinds(applying(a=pack("trial", text(2, "b"), text(1, "a")))) == ["text"]
    assert [one.code for one in applied_packs().packs["trial"].field] == ["b", "a"]


def test_the_plan_says_what_it_does_in_words(applying):
    applying(a=pack("trial", text(1, "name"), text(2, "gone")))
    wanted = applying.wanted(a=pack("trial", text(3, "fresh"), text(1, "title", max_length=900)))
    assert [step.message for step in make_plan(applied_packs(), wanted)] == [
        "字段“name的名称”的代码由 name 改为 title，值不变。",
        "字段“title的名称”放宽到900字。",
        "“试验台账”增加字段“fresh的名称”。",
        "停用字段“gone的名称”（0行有值，值保留在库中，不再显示）。",
        "字段“title的名称”的说明或规则有更新。",
        "“试验台账”的说明、流程、指标、核对、样例或字段次序有更新。",
    ]


def indexed(table: str) -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()
    return {tuple(one["columns"]) for one in found if one["index"] and not one["unique"]}


def test_a_table_has_the_declared_indexes_and_no_other(applying):
    fields = [text(1, "name"), text(2, "due", type='"date"'), text(3, "who", type='"person"')]
    applying(a=pack("trial", *fields, ledger='main_date = "due"'))
    declared = {("division_id", "no"), ("review", "no"), ("due", "no"), ("who_id",)}
    assert indexed("lg_trial") == declared
    with connection.cursor() as cursor:  # as a table looks that an earlier version of the code made
        cursor.execute("DROP INDEX trial_mn_ix")
        cursor.execute("CREATE INDEX trial_old_ix ON lg_trial (change_id)")
    assert applying(a=pack("trial", *fields, ledger='main_date = "due"')) == []
    assert indexed("lg_trial") == declared
    applying(a=pack("trial", *fields))
    assert indexed("lg_trial") == declared - {("due", "no")}
