"""A field changes its type or unit: every value comes along or is named, and history stays whole and readable."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from zhenwu.accounts.scope import rights_of
from zhenwu.changes import followers
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, History, SourceKind
from zhenwu.ledgers import story
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError
from zhenwu.ledgers.operations import Add, Draft, Edit, Restore, Void
from zhenwu.packs.apply import applied_hash, applied_packs
from zhenwu.packs.errors import ApplyRefused
from zhenwu.packs.models import Tombstone
from zhenwu.packs.plan import make_plan, unconverted
from zhenwu.packs.tests.conftest import pack, text

FORM = Source(SourceKind.FORM)
IDNO = "519999198001010017"


def field(kind: str, code: str = "n", number: int = 1, **said: object) -> str:
    return text(number, code, type=f'"{kind}"', **said)


def of(kind: str, **said: object) -> dict:
    return {"type": f'"{kind}"'} | said


def add(by, *values, code="n"):
    adds = [Add({code: value}) for value in values]
    return commit(Draft("trial", by, adds, FORM, today=date(2020, 6, 1)))


def stored(ledgers, code="n") -> list:
    """The field's values, in the order of entry."""
    kind = ledgers["trial"].types[code]
    return [kind.from_row(row) for row in ledgers["trial"].rows("test").order_by("no")]


def said(*columns: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM lg_trial ORDER BY no")
        return cursor.fetchall()


OPTIONS = '["一般", { value = "big", label = "重大" }]'


CONVERSIONS: list[tuple[dict, list, dict, list]] = [
    (of("text"), ["2020-3-15", "去年春天", None], of("date"), [date(2020, 3, 15), None, None]),
    (of("text"), ["12.5", "12亩5分", "12.34567"], of("decimal", unit='"亩"'), [Decimal("12.5"), None, None]),
    (of("text"), ["重大", "一般", "特大"], of("choice", options=OPTIONS), ["big", "一般", None]),
    (of("text"), ["是", "无所谓", "/"], of("bool"), [True, None, None]),
    (of("text"), ["甲" * 90], of("longtext"), ["甲" * 90]),
    (of("text"), [IDNO, "不详"], of("idno", privacy='"S2"'), [IDNO, None]),
    (of("longtext"), ["甲", "乙" * 30], of("text", max_length=20), ["甲", None]),
    (of("integer"), [3], of("decimal"), [Decimal(3)]),
    (of("integer", unit='"元"'), [20000, 12345], of("integer", unit='"万元"'), [2, None]),
    (of("decimal"), [Decimal("12.5"), Decimal(3)], of("text"), ["12.5", "3"]),
    (of("decimal"), [Decimal("12.5"), Decimal(3)], of("integer"), [None, 3]),
    (of("decimal", unit='"公里"'), [Decimal("1.5")], of("decimal", unit='"米"'), [Decimal(1500)]),
    (of("decimal", unit='"万元"'), [Decimal("1.2345")], of("money"), [Decimal(12345)]),
    (of("decimal", unit='"公顷"'), [Decimal("1.5")], of("area_mu"), [Decimal("22.5")]),
    (of("decimal", unit='"亩"'), [Decimal(3), Decimal(1)], of("decimal", unit='"公顷"'), [Decimal("0.2"), None]),
    (of("money"), [Decimal("1234.5")], of("text"), ["1234.50"]),
    (of("money"), [Decimal("12.30")], of("decimal", unit='"万元"'), [None]),
    (of("date"), [date(2020, 3, 15)], of("text"), ["2020-03-15"]),
    (of("date"), [date(2020, 3, 15)], of("month"), ["2020-03"]),
    (of("month"), ["2020-03"], of("text"), ["2020-03"]),
    (of("choice", options=OPTIONS), ["big"], of("text"), ["重大"]),
    (of("choice", options=OPTIONS), ["big"], of("multichoice", options=OPTIONS), [["big"]]),
    (of("multichoice", options=OPTIONS), [["big"], ["big", "一般"]], of("choice", options=OPTIONS), ["big", None]),
    (of("bool"), [True, False, None], of("text"), ["是", "否", None]),
    (of("phone", privacy='"S2"'), ["13800001234"], of("bank_account", privacy='"S2"'), ["13800001234"]),
]


def test_values_come_along_or_are_named(running, applying, lin):
    """Every conversion in one ledger: a field each."""
    number = range(1, len(CONVERSIONS) + 1)
    before = pack("trial", *(text(n, f"f{n}", **one[0]) for n, one in zip(number, CONVERSIONS, strict=True)))
    after = pack("trial", *(text(n, f"f{n}", **one[2]) for n, one in zip(number, CONVERSIONS, strict=True)))
    values = {f"f{n}": [*one[1], None, None][:3] for n, one in zip(number, CONVERSIONS, strict=True)}
    expected = {f"f{n}": [*one[3], None, None][:3] for n, one in zip(number, CONVERSIONS, strict=True)}
    running(a=before)
    rows = [Add({code: said[at] for code, said in values.items()}) for at in range(3)]
    commit(Draft("trial", lin, list(rows), FORM, today=date(2020, 6, 1)))

    wanted = applying.wanted(a=after)
    steps = [one for one in make_plan(applied_packs(), wanted) if one.kind == "convert"]
    lost = {
        code: [was for was, now in zip(values[code], expected[code], strict=True) if now is None and was is not None]
        for code in values
    }
    assert {one.field: (one.rows, one.lost) for one in steps} == {
        code: (sum(value is not None for value in said), len(lost[code])) for code, said in values.items()
    }
    named = list(unconverted(applied_packs(), steps))
    assert sorted(step.field for step, _ in named) == sorted(code for code, said in lost.items() for _ in said)
    was = applied_hash()
    with pytest.raises(ApplyRefused, match="1行转换不了"):
        applying(a=after)
    assert applied_hash() == was
    assert next(iter(said("f1"))) == ("2020-3-15",)

    ledgers = running(a=after, agreed=True)
    assert {code: stored(ledgers, code) for code in values} == expected
    assert list(verify("trial")) == []
    assert make_plan(applied_packs(), wanted) == []
    assert {(one.field_id, one.code, one.column) for one in Tombstone.objects.all()} == {
        (n, f"f{n}", f"f{n}__1") for n in number
    }
    change = Change.objects.latest("pk")
    assert (change.source_kind, change.ledgers) == ("packs", {"trial": 3})  # one new version a row, however many fields


def test_the_old_values_stay_in_the_table_and_in_history(running, lin):
    running(a=pack("trial", field("text")))
    add(lin, "12.5", "12亩5分")
    ledgers = running(a=pack("trial", field("decimal", unit='"亩"')), agreed=True)
    assert said("n__1") == [("12.5",), ("12亩5分",)]
    rows = list(ledgers["trial"].rows("test").order_by("no"))
    assert [row.version for row in rows] == [2, 2]
    ledger, scope = ledgers["trial"], rights_of(lin).scope("safety", "S1")
    versions = History.objects.filter(row=rows[1].pk).order_by("version").select_related("change__author")
    first, second = story.entries(ledger, scope, list(versions))
    assert [(one.was, one.now) for one in first.differences] == [("", "12亩5分")]
    assert [(one.was, one.now) for one in second.differences] == [("12亩5分", "")]
    assert second.act == "改换类型或单位"
    versions = History.objects.filter(row=rows[0].pk).order_by("version").select_related("change__author")
    assert story.entries(ledger, scope, list(versions))[1].differences == []  # 12.5 is still 12.5


def test_a_plan_names_each_value_and_why(running, applying, lin):
    running(a=pack("trial", field("text")))
    add(lin, "2020-3-15", "去年")
    wanted = applying.wanted(a=pack("trial", field("date")))
    (step,) = [one for one in make_plan(applied_packs(), wanted) if one.kind == "convert"]
    assert step.message == "字段“n的名称”由文字改为日期：1行转换，1行转换不了（转换后为空）；旧值留在库中，不再显示。"
    (example,) = step.examples
    assert (example.no, example.value) == ("SY-2020-00002", "去年")
    assert "去年" in example.problem
    assert step.loses
    assert step.as_dict()["examples"][0]["no"] == "SY-2020-00002"


def test_a_plan_says_how_many_values_lose_a_word(running, applying, lin):
    running(a=pack("trial", field("text")))
    add(lin, "约12亩", "2公顷", "12")
    wanted = applying.wanted(a=pack("trial", field("area_mu")))
    (step,) = [one for one in make_plan(applied_packs(), wanted) if one.kind == "convert"]
    assert "3行转换（其中2行是约数、带括注或换算了单位，请核对）" in step.message


def test_many_values_are_counted_and_few_are_shown(running, applying, lin):
    running(a=pack("trial", field("text")))
    add(lin, *(f"约{n}" * 3 for n in range(30)))
    wanted = applying.wanted(a=pack("trial", field("date")))
    steps = make_plan(applied_packs(), wanted)
    (step,) = [one for one in steps if one.kind == "convert"]
    assert (step.rows, step.lost, len(step.examples)) == (30, 30, 10)
    assert len(list(unconverted(applied_packs(), steps))) == 30


def test_personal_values_are_in_no_plan_and_no_longer_readable(running, applying, lin):
    running(a=pack("trial", field("text")))
    add(lin, IDNO, "住在河边的那位")
    wanted = pack("trial", field("idno", privacy='"S2"'))
    (step,) = [one for one in make_plan(applied_packs(), applying.wanted(a=wanted)) if one.kind == "convert"]
    assert "河边" not in str(step.as_dict())
    assert step.examples[0].no == "SY-2020-00002"
    ledgers = running(a=wanted, agreed=True)
    assert said("n__1") == [(None,), ("住在河边的那位",)]
    (token, digest), _ = said("n", "n_hash")
    assert IDNO not in token
    assert digest == ledgers["trial"].types["n"].digest(IDNO)
    newest = History.objects.latest("pk")
    assert "河边" not in newest.values
    assert list(verify("trial")) == []
    row = ledgers["trial"].rows("test").order_by("no")[0]
    commit(Draft("trial", lin, [Edit(row.pk, 2, {"n": None})], FORM))
    commit(Draft("trial", lin, [Restore(row.pk, 3, 1)], FORM))  # from the plain text of before
    assert stored(ledgers) == [IDNO, None]
    assert list(verify("trial")) == []


@pytest.mark.parametrize(
    ("before", "value", "after", "why"),
    [
        (field("idno", privacy='"S2"'), IDNO, field("text"), "号码加密保存，不能改成明文"),
        (field("text"), "张三", field("person"), "一种指向别的记录"),
        (field("decimal", unit='"亩"'), 3, field("money"), "亩不能换算成元"),
        (field("decimal", unit='"亩"'), 3, field("decimal"), "亩不能换算成没有单位的数"),
    ],
)
def test_what_makes_no_sense_is_refused_while_there_are_values(running, applying, lin, before, value, after, why):
    running(a=pack("trial", before))
    applying(a=pack("trial", after))  # nothing to lose yet
    running(a=pack("trial", before))
    add(lin, value)
    with pytest.raises(ApplyRefused, match=why):
        applying(a=pack("trial", after), agreed=True)
    assert list(verify("trial")) == []


def test_a_place_becomes_a_list_of_places_and_back(running, lin, places):
    running(a=pack("trial", field("division")))
    add(lin, places["青山村"].pk)
    ledgers = running(a=pack("trial", field("division", many="true")))
    assert stored(ledgers) == [[places["青山村"].pk]]
    row = ledgers["trial"].rows("test").get()
    commit(Draft("trial", lin, [Edit(row.pk, 2, {"n": [places["青山村"].pk, places["河口村"].pk]})], FORM))
    add(lin, [places["河口村"].pk])
    ledgers = running(a=pack("trial", field("division")), agreed=True)
    assert stored(ledgers) == [None, places["河口村"].pk]
    assert list(verify("trial")) == []


def test_a_field_gets_another_code_and_type_while_another_takes_its_code(running, lin):
    running(a=pack("trial", field("text"), text(2, "other")))
    commit(Draft("trial", lin, [Add({"n": "3", "other": "乙"})], FORM))
    ledgers = running(a=pack("trial", field("integer", "count"), text(2, "n")))
    assert (stored(ledgers, "count"), stored(ledgers, "n")) == ([3], ["乙"])
    assert list(verify("trial")) == []
    row = ledgers["trial"].rows("test").get()
    commit(Draft("trial", lin, [Edit(row.pk, 2, {"count": None, "n": None})], FORM))
    commit(Draft("trial", lin, [Restore(row.pk, 3, 1)], FORM))
    assert (stored(ledgers, "count"), stored(ledgers, "n")) == ([3], ["乙"])
    assert list(verify("trial")) == []


def test_a_version_of_several_types_ago_is_converted_step_by_step(running, lin):
    running(a=pack("trial", field("text"), text(2, "name")))
    add(lin, "3", "许多")
    running(a=pack("trial", field("decimal", unit='"万元"'), text(2, "name")), agreed=True)
    ledgers = running(a=pack("trial", field("money"), text(2, "name")))
    assert stored(ledgers) == [30000, None]
    first, second = ledgers["trial"].rows("test").order_by("no")
    commit(Draft("trial", lin, [Edit(first.pk, 3, {"n": None})], FORM))
    commit(Draft("trial", lin, [Restore(first.pk, 4, 1)], FORM))
    assert stored(ledgers) == [30000, None]
    with pytest.raises(CommitRefused, match="不能恢复到第1版：“n的名称”在那一版里的值，是改换类型或单位之前填的"):
        commit(Draft("trial", lin, [Restore(second.pk, 2, 1)], FORM))
    assert list(verify("trial")) == []


def test_there_and_back_again_keeps_apart_what_was_written_under_the_same_packs(running, lin):
    with_text = pack("trial", field("text"))
    running(a=with_text)
    add(lin, "007")
    running(a=pack("trial", field("integer")))
    ledgers = running(a=with_text)
    assert stored(ledgers) == ["7"]
    row = ledgers["trial"].rows("test").get()
    commit(Draft("trial", lin, [Edit(row.pk, 3, {"n": "第八"})], FORM))
    commit(Draft("trial", lin, [Edit(row.pk, 4, {"n": None})], FORM))
    commit(Draft("trial", lin, [Restore(row.pk, 5, 4)], FORM))
    assert stored(ledgers) == ["第八"]  # written under the same packs as 007, and later
    commit(Draft("trial", lin, [Restore(row.pk, 6, 1)], FORM))
    assert stored(ledgers) == ["7"]
    assert said("n__1", "n__2") == [("007", 7)]
    assert list(verify("trial")) == []


def test_neither_the_conversion_nor_what_came_before_is_undone_as_a_whole(running, lin):
    running(a=pack("trial", field("text")))
    before = add(lin, "3")
    running(a=pack("trial", field("integer")))
    with pytest.raises(LedgerError, match="台账改版时的转换，不能在这里撤销"):
        undo(Change.objects.latest("pk"), by=lin, reason="试")
    with pytest.raises(Conflict, match="有1行在这之后又改过"):
        undo(before, by=lin, reason="试")


def test_a_row_altered_behind_the_platforms_back_stops_the_conversion(running, applying, lin):
    running(a=pack("trial", field("text")))
    add(lin, "3")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lg_trial SET n = '4'")
    with pytest.raises(ApplyRefused, match="SY-2020-00001的“n的名称”与历史不一致"):
        applying(a=pack("trial", field("integer")))
    assert said("n") == [("4",)]


def test_who_follows_changes_is_told_of_a_conversion_too(running, lin, monkeypatch):
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(followers, "_followers", [])
    followers.register_follower(lambda change, ledger: told.append((change.source_kind, ledger)))
    running(a=pack("trial", field("text")))
    add(lin, "3")
    running(a=pack("trial", field("integer")))
    assert told == [("form", "trial"), ("packs", "trial")]


def test_unique_values_stay_unique(running, applying, lin):
    once = {"unique": "true"}
    running(a=pack("trial", field("text", **once)))
    add(lin, "7", "07")
    with pytest.raises(ApplyRefused, match="转换后有1个值重复"):
        applying(a=pack("trial", field("integer", **once)), agreed=True)
    ledgers = running(a=pack("trial", field("text", **once)))
    row = ledgers["trial"].rows("test").order_by("no")[0]
    commit(Draft("trial", lin, [Edit(row.pk, 1, {"n": "8"})], FORM))
    running(a=pack("trial", field("integer", **once)))
    with pytest.raises(CommitRefused, match="相同"):
        add(lin, 7)
    for kind, unique in itertools.product(("text", "integer"), ("false", "true")):
        running(a=pack("trial", field(kind, unique=unique)))
    assert list(verify("trial")) == []


def test_voided_rows_come_along(running, lin):
    ledgers = running(a=pack("trial", field("text")))
    add(lin, "3")
    row = ledgers["trial"].rows("test").get()
    commit(Draft("trial", lin, [Void(row.pk, 1)], FORM, reason="重复"))
    ledgers = running(a=pack("trial", field("integer")))
    assert stored(ledgers) == [3]
    assert list(verify("trial")) == []


def test_less_privacy_needs_a_persons_agreement(running, applying, lin):
    running(a=pack("trial", field("text", privacy='"S2"')))
    add(lin, "病")
    with pytest.raises(ApplyRefused, match="隐私级别由 S2 降为 S0：1行的值今后会有更多人看到"):
        applying(a=pack("trial", field("text")))
    applying(a=pack("trial", field("text")), agreed=True)
