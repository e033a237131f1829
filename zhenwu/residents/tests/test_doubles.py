"""Doubles: exact rules and likeness propose, a person decides; a merger loses nothing and is split again."""

from datetime import date

import pytest
from django.urls import reverse

from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import LedgerError, NotAllowed
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.packs import runtime
from zhenwu.people.models import HouseholdMember, Person
from zhenwu.residents.doubles import pairs
from zhenwu.residents.merging import merge_persons, split_persons, tell_apart
from zhenwu.residents.tests.conftest import FORM

B = date(1953, 2, 14)


def proposed(user):
    ledger = runtime.ledger("person")
    names = {one.pk: one.no for one in Person.objects.unscoped("test")}
    found = pairs(rows_in(ledger, scope_in(user, ledger)))
    return {frozenset((names[one.low], names[one.high])): (one.score, one.why) for one in found}


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ({"name": "张三", "birth": B}, {"name": "张三", "birth": B}, "同村、同名、同日出生"),
        ({"name": "张三", "birth": B}, {"name": "张三", "birth": date(1953, 2, 24)}, "填错一位或颠倒"),
        ({"name": "张三", "birth": date(1953, 2, 12)}, {"name": "张三", "birth": date(1953, 2, 21)}, "填错一位或颠倒"),
        ({"name": "张伟", "birth": B}, {"name": "章玮", "birth": B}, "同音"),
        ({"name": "张建国", "birth": B}, {"name": "张建民", "birth": B}, "只差一个字"),
        ({"name": "张三", "birth": B, "idno": "519999195302141012", "idno_kind": "ok"},
         {"name": "张三", "birth": date(1963, 2, 14), "idno": "519999196302141019", "idno_kind": "wrong"}, "填错一位"),
    ],
)  # fmt: skip
def test_what_is_proposed(person, lin, a, b, why):
    one, two = person(**a), person(**b)
    found = proposed(lin)
    assert why in found[frozenset((one.no, two.no))][1]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"name": "张三", "birth": B}, {"name": "张三", "birth": date(1980, 6, 30)}),
        ({"name": "张三", "birth": B}, {"name": "李四", "birth": B}),
        ({"name": "张建国", "birth": B, "sex": "1"}, {"name": "张建民", "birth": B, "sex": "2"}),
    ],
)
def test_what_is_not(person, lin, a, b):
    person(**a), person(**b)
    assert proposed(lin) == {}


def test_told_apart_once_is_remembered(person, lin):
    one, two = person("张三", birth=B), person("张三", birth=B)
    assert len(proposed(lin)) == 1
    tell_apart(two.pk, one.pk, by=lin, reason="两兄弟同名")
    assert proposed(lin) == {}


@pytest.fixture
def double(person, family, lin, places):
    """One man twice: the second registration is a guardian, holds a benefit and heads a household of its own kind."""
    keep = person("张三", birth=B, idno="519999195302141012", idno_kind="ok")
    gone = person("张三", birth=B, marriage="20")
    child = person("张小", birth=date(2010, 1, 1), guardian=gone.pk)
    home = family((keep, "02"))
    land = family((gone, "02"), hkind="contract")
    made = commit(Draft("dibao", lin, [Add({"applicant": gone.pk, "household": home.pk}, places["青山村"].pk)], FORM))
    return keep, gone, child, land, runtime.model_for("dibao").objects.unscoped("test").get(change=made)


def fresh(*rows):
    return [type(one)._default_manager.unscoped("test").get(pk=one.pk) for one in rows]


def test_every_link_leads_to_the_one_that_stays_and_back_again(double, effected, lin):
    keep, gone, child, land, dibao = double
    event = effected("prison", date(2020, 6, 1), gone)  # a line of a child table leads to him too
    lines = runtime.ledger("household_event").children["persons"].model._default_manager
    (keep, gone) = fresh(keep, gone)
    merge_persons(keep, gone, by=lin, reason="核对户口簿，为同一人")
    keep, gone, child, land, dibao = fresh(keep, gone, child, land, dibao)
    assert (gone.is_void, gone.merged_into_id, keep.marriage) == (True, keep.pk, "20")
    assert {child.guardian_id, land.head_id, dibao.applicant_id, lines.get(parent=event.pk).person_id} == {keep.pk}
    assert HouseholdMember.objects.unscoped("test").filter(person=gone).count() == 0
    assert [one for ledger in runtime.ledgers().values() for one in verify(ledger.code)] == []
    split_persons(gone, by=lin, reason="是堂兄弟")
    keep, gone, child, land, dibao = fresh(keep, gone, child, land, dibao)
    assert (gone.is_void, gone.merged_into_id, keep.marriage) == (False, None, None)
    assert {child.guardian_id, land.head_id, dibao.applicant_id, lines.get(parent=event.pk).person_id} == {gone.pk}


def test_split_after_later_work_gives_back_what_still_stands(double, lin):
    keep, gone, child, land, dibao = double
    merge_persons(keep, gone, by=lin, reason="核对户口簿")
    (dibao,) = fresh(dibao)
    commit(Draft("dibao", lin, [Edit(dibao.pk, dibao.version, {"cert_no": "甲1"})], FORM))
    (gone,) = fresh(gone)
    split_persons(gone, by=lin, reason="不是同一人")
    gone, child, land, dibao = fresh(gone, child, land, dibao)
    assert (gone.is_void, gone.merged_into_id) == (False, None)
    assert {child.guardian_id, land.head_id, dibao.applicant_id} == {gone.pk}
    assert dibao.cert_no == "甲1"


def test_a_merger_needs_no_right_in_other_ledgers_but_one_in_this(double, lin, chen, places):
    from zhenwu.accounts.models import Unit

    keep, gone, _, _, dibao = double
    with pytest.raises(NotAllowed):
        merge_persons(keep, gone, by=chen, reason="试")
    Unit.objects.filter(label="综合办").update(lines=["population"])
    lin = type(lin).objects.get(pk=lin.pk)
    merge_persons(keep, gone, by=lin, reason="核对户口簿")
    assert fresh(dibao)[0].applicant_id == keep.pk


def test_what_must_be_settled_first(double, person, family, lin):
    keep, gone, *_ = double
    with pytest.raises(LedgerError, match="请保留有身份证号的那一条"):
        merge_persons(gone, keep, by=lin, reason="试")
    other = person("张三", birth=B)
    family((other, "02"))
    with pytest.raises(LedgerError, match="两个同类户"):
        merge_persons(keep, other, by=lin, reason="试")
    with pytest.raises(LedgerError, match="写明依据"):
        merge_persons(keep, gone, by=lin, reason=" ")


def test_the_pages(double, lin, chen, live):
    keep, gone, *_ = double
    client = live(lin)
    compare = reverse("residents:compare", args=sorted((keep.pk, gone.pk)))
    assert compare in client.get(reverse("residents:doubles")).content.decode()
    page = client.get(compare).content.decode()
    assert "519999195302141012" not in page
    assert client.post(compare, {"act": "merge", "keep": keep.pk, "reason": ""}).status_code == 422
    assert client.post(compare, {"act": "merge", "keep": keep.pk, "reason": "核对户口簿"}).status_code == 302
    assert "已并入" in client.get(reverse("residents:person", args=[gone.pk])).content.decode()
    client.post(reverse("residents:split", args=[gone.pk]), {"reason": "判错了"})
    assert fresh(gone)[0].merged_into_id is None
    client.post(compare, {"act": "apart", "reason": "两兄弟"})
    assert compare not in client.get(reverse("residents:doubles")).content.decode()
    assert live(chen).get(reverse("residents:doubles")).status_code == 404
