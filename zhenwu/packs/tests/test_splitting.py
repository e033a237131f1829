"""One ledger becomes two: the values of some fields move into rows of a new ledger."""

from datetime import date

import pytest
from django.db import connection

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.operations import Add, Draft, ReviewStep, Void
from zhenwu.packs.apply import applied_hash, applied_packs
from zhenwu.packs.errors import ApplyRefused, PacksBroken
from zhenwu.packs.models import Tombstone
from zhenwu.packs.plan import make_plan
from zhenwu.packs.tests.conftest import pack, text

FORM = Source(SourceKind.FORM)
NAME, PHONE, PAID_ON, PAID = (
    text(1, "name"),
    text(2, "tel", type='"phone"', privacy='"S2"'),
    text(3, "paid_on", type='"date"'),
    text(4, "paid", type='"money"'),
)
WHOLE = pack("trial", NAME, PHONE, PAID_ON, PAID)
REST = pack("trial", NAME)
PAYMENTS = pack(
    "trial_payment",
    text(1, "site", type='"ref:trial"', moved_from='"trial.id"'),
    text(2, "day_on", type='"date"', moved_from='"trial.paid_on"'),
    text(3, "amount", type='"money"', moved_from='"trial.paid"'),
    text(4, "phone", type='"phone"', privacy='"S2"', moved_from='"trial.tel"'),
    text(5, "title", moved_from='"trial.name"'),
    text(6, "remark"),
    prefix="ZF",
    ledger='main_date = "day_on"',
)


def enter(by, places, *rows):
    adds = [Add(values, places["青山村"].pk) for values in rows]
    return commit(Draft("trial", by, adds, FORM, today=date(2020, 6, 1)))


def test_values_move_into_rows_of_a_new_ledger(running, applying, lin, places):
    running(a=WHOLE)
    paid = {"name": "甲", "tel": "13800001234", "paid_on": date(2019, 5, 1), "paid": 300}
    first = enter(lin, places, paid, {"tel": "13800001235"}, {"paid": 5}, {})
    wanted = applying.wanted(a=REST, b=PAYMENTS)
    steps = make_plan(applied_packs(), wanted)
    assert [(one.kind, one.ledger, one.rows, one.loses) for one in steps] == [
        ("retire", "trial", 2, False), ("retire", "trial", 1, False), ("retire", "trial", 2, False), ("text", "trial", 0, False),
        ("create", "trial_payment", 0, False), ("move", "trial_payment", 3, False),
    ]  # fmt: skip
    assert steps[5].message == (
        "从“试验台账”分出字段“day_on的名称”、“amount的名称”、“phone的名称”、“title的名称”：新增3行，审核状态照旧。"
    )
    assert "已分到“试验台账”" in steps[0].message
    ledgers = running(a=REST, b=PAYMENTS)
    payments, sites = ledgers["trial_payment"], ledgers["trial"]
    made = list(payments.rows("test").order_by("no"))
    origin = {row.no: row.pk for row in sites.rows("test")}
    assert [(row.no, row.site_id, row.day_on, row.amount, row.title, row.remark) for row in made] == [
        ("ZF-2019-00001", origin["SY-2020-00001"], date(2019, 5, 1), 300, "甲", None),
        (made[1].no, origin["SY-2020-00002"], None, None, None, None),
        (made[2].no, origin["SY-2020-00003"], None, 5, None, None),
    ]
    assert payments.types["phone"].from_row(made[0]) == "13800001234"
    assert {row.division_id for row in made} == {places["青山村"].pk}
    assert made[0].source == "试验台账 SY-2020-00001"
    assert [row.name for row in sites.rows("test").order_by("no")] == ["甲", None, None, None]
    assert [*verify("trial"), *verify("trial_payment")] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT paid FROM lg_trial ORDER BY no")
        assert [value for (value,) in cursor.fetchall()] == [300, None, 5, None]
    assert sorted(Tombstone.objects.values_list("code", flat=True)) == ["paid", "paid_on", "tel"]
    change = Change.objects.latest("pk")
    assert (change.source_kind, change.ledgers) == ("packs", {"trial_payment": 3})
    assert History.objects.get(change=change, row=made[0].pk).act == "move"
    with pytest.raises(LedgerError, match="台账改版"):
        undo(change, by=lin, reason="试")
    undo(first, by=lin, reason="试")  # the rows they came from are still the first change's own
    assert make_plan(applied_packs(), wanted) == []


def test_reviewed_and_voided_rows_arrive_as_they_are(running, lin, leader, places):
    from zhenwu.packs import runtime

    running(a=WHOLE)
    enter(lin, places, {"paid": 1}, {"paid": 2})
    one, two = runtime.ledger("trial").rows("test").order_by("no")
    commit(Draft("trial", lin, [ReviewStep(one.pk, 1, "submit"), Void(two.pk, 1)], FORM, reason="重复"))
    ledgers = running(a=REST, b=PAYMENTS)
    made = ledgers["trial_payment"].rows("test").order_by("no")
    assert [(row.review, row.is_void) for row in made] == [("submitted", False), ("draft", True)]
    assert list(verify("trial_payment")) == []


def test_a_field_that_stays_is_copied_and_one_that_goes_has_moved(running, lin, places):
    running(a=WHOLE)
    enter(lin, places, {"name": "甲", "paid": 1})
    ledgers = running(a=WHOLE, b=PAYMENTS)
    assert ledgers["trial_payment"].rows("test").get().title == "甲"
    assert ledgers["trial"].rows("test").get().name == "甲"


def test_a_township_that_never_kept_the_old_ledger_just_begins(applying):
    assert [one.kind for one in applying(a=REST, b=PAYMENTS)] == ["create", "create"]


def test_a_field_that_is_not_there_is_named(running, applying, lin, places):
    running(a=pack("trial", NAME, PAID))
    steps = make_plan(applied_packs(), applying.wanted(a=REST, b=PAYMENTS))
    said = [one.message for one in steps if one.ledger == "trial_payment"]
    assert "“试验台账”里没有 trial.tel，字段“phone的名称”没有旧值可分。" in said


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        (text(1, "paid", type='"integer"', moved_from='"trial.paid"'), "请先分出，生效后再改类型"),
        (text(1, "name", max_length=1, moved_from='"trial.name"'), "最多1字：“试验台账”里有2行更长"),
        (text(1, "name", unique="true", moved_from='"trial.name"'), "有1个值重复"),
    ],
)
def test_what_can_not_arrive_is_refused(running, applying, lin, places, field, cause):
    running(a=WHOLE)
    enter(lin, places, {"name": "甲甲", "paid": 1}, {"name": "甲甲"})
    was = applied_hash()
    with pytest.raises(ApplyRefused, match=cause):
        applying(a=WHOLE, b=pack("trial_part", field, prefix="ZF"), agreed=True)
    assert applied_hash() == was


def test_a_more_open_ledger_needs_a_persons_agreement(running, applying, lin, places):
    running(a=pack("trial", NAME, text(2, "ill", privacy='"S2"')))
    enter(lin, places, {"ill": "病"})
    sealed = pack("trial_part", text(1, "ill", moved_from='"trial.ill"', privacy='"S3"'), prefix="ZF")
    with pytest.raises(ApplyRefused, match="由文字改为加密文字。请先分出"):
        applying(a=REST, b=sealed)
    part = pack("trial_part", text(1, "ill", moved_from='"trial.ill"'), prefix="ZF")
    with pytest.raises(ApplyRefused, match="分出后的隐私级别由 S2 降为 S1：1行"):
        applying(a=REST, b=part)
    applying(a=REST, b=part, agreed=True)


def test_a_ledger_that_is_there_takes_no_more(running, applying):
    running(a=WHOLE, b=pack("trial_part", text(1, "name"), prefix="ZF"))
    later = pack("trial_part", text(1, "name"), text(2, "paid", type='"money"', moved_from='"trial.paid"'), prefix="ZF")
    with pytest.raises(ApplyRefused, match="只有新建的台账能从别处分出字段"):
        applying(a=WHOLE, b=later)


def test_a_row_altered_behind_the_platforms_back_does_not_move(running, applying, lin, places):
    running(a=WHOLE)
    enter(lin, places, {"paid": 1})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET paid = 100")
    with pytest.raises(ApplyRefused, match="与历史不一致"):
        applying(a=REST, b=PAYMENTS)


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ([text(1, "n", moved_from='"trial.name"'), text(2, "m", moved_from='"trial_x.name"')], "from one other ledger"),
        ([text(1, "n", moved_from='"trial_part.name"')], "from one other ledger"),
        ([text(1, "n", moved_from='"trial.id"'), text(2, "m", moved_from='"trial.name"')], 'Set type = "ref:trial"'),
        ([text(1, "s", type='"ref:trial"', moved_from='"trial.id"')], "no value comes along"),
        ([text(1, "n", moved_from='"name"')], "moved_from"),
    ],
)
def test_what_makes_no_sense_is_said_when_the_file_is_read(applying, fields, cause):
    with pytest.raises(PacksBroken, match=cause):
        applying.wanted(a=REST, b=pack("trial_part", *fields, prefix="ZF"))
