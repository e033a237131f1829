"""Events are the one way in which memberships change: dated, one change, undone as a whole."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source, verify_chain
from zhenwu.changes.models import Change, Review, SourceKind
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.lines import lines_of
from zhenwu.ledgers.operations import Add, Draft, Edit, Void
from zhenwu.ledgers.transitions import take_back
from zhenwu.packs import runtime
from zhenwu.people.models import Household, HouseholdMember, Person
from zhenwu.residents.tests.conftest import FORM, TODAY, spells

D = date(2020, 6, 1)


@pytest.fixture
def wangs(person, family):
    """王大 (户主), his wife, a son with his wife, a grandson."""
    people = {
        "王大": person("王大", "1", date(1950, 1, 1)), "李梅": person("李梅", "2", date(1952, 1, 1)),
        "王二": person("王二", "1", date(1975, 1, 1)), "周兰": person("周兰", "2", date(1977, 1, 1)),
        "王小": person("王小", "1", date(2000, 1, 1)),
    }  # fmt: skip
    rels = {"王大": "02", "李梅": "12", "王二": "21", "周兰": "38", "王小": "41"}
    return people, family(*((people[name], rel) for name, rel in rels.items()))


def under(home, **rels):
    """Lines of the table of relations, each confirmed."""
    names = {one.name: one for one in Person.objects.unscoped("test")}
    return [{"household": home.pk, "person": names[name].pk, "rel": rel, "sure": True} for name, rel in rels.items()]


def test_a_birth_registers_the_child_and_its_membership_in_one_change(wangs, effected):
    _, home = wangs
    event = effected("birth", D, {"name": "王苗", "sex": "2", "rel": "42"}, to_hh=home.pk)
    child = Person.objects.unscoped("test").get(name="王苗")
    assert (child.birth, child.hukou_status, child.division_id, child.name_initials) == (
        D,
        "here",
        home.division_id,
        "wm",
    )
    assert ("王苗", "42", D, None) in spells(home)
    assert set(event.made_by.ledgers) == {"person", "household_member", "household_event"}
    assert lines_of(runtime.ledger("household_event"), event, "persons")[0].person_id == child.pk
    assert event.state == "effected"


def test_the_head_dies_and_every_relation_is_derived_anew_but_only_with_confirmed_lines(wangs, report, step):
    people, home = wangs
    event = report("death", D, people["王大"], relations=under(home, 李梅="52", 王二="02", 周兰="12"))
    with pytest.raises(CommitRefused, match="王小没有填与新户主的关系"):
        step(event, "effect")
    assert spells(home, on=D)[0][:2] == ("王大", "02")  # nothing half


def test_a_line_of_the_new_table_that_nobody_confirmed_stops_the_effect(wangs, report, step):
    people, home = wangs
    lines = under(home, 李梅="52", 王二="02", 周兰="12", 王小="20")
    lines[3]["sure"] = None
    with pytest.raises(CommitRefused, match="王小与新户主的关系还没有核对"):
        step(report("death", D, people["王大"], relations=lines), "effect")


def test_after_the_death_of_the_head_the_old_spells_end_and_new_ones_begin(wangs, effected):
    people, home = wangs
    effected("death", D, people["王大"], relations=under(home, 李梅="52", 王二="02", 周兰="12", 王小="20"))
    home.refresh_from_db()
    people["王大"].refresh_from_db()
    assert home.head_id == people["王二"].pk
    assert (people["王大"].state, people["王大"].death_date, people["王大"].hukou_status) == ("dead", D, "dead")
    assert [one[:2] for one in spells(home, on=D)] == [("王二", "02"), ("周兰", "12"), ("王小", "20"), ("李梅", "52")]
    before = [one[:2] for one in spells(home, on=date(2020, 5, 31))]
    assert before == [("王大", "02"), ("李梅", "12"), ("王二", "21"), ("周兰", "38"), ("王小", "41")]


def test_the_last_member_dies_and_the_household_is_closed(person, family, effected):
    alone = person("何远")
    home = family((alone, "02"))
    effected("death", D, alone)
    home.refresh_from_db()
    assert (home.state, home.to_date, home.close_reason) == ("closed", D, "extinct")


def test_a_split_makes_a_household_and_the_event_names_it(wangs, effected):
    people, home = wangs
    lines = [{"person": people[name].pk, "rel": rel} for name, rel in (("王二", "02"), ("周兰", "12"), ("王小", "21"))]
    event = effected("split", D, *lines, from_hh=home.pk)
    new = Household.objects.unscoped("test").get(pk=event.to_hh_id)
    assert (new.hkind, new.head_id, new.grp_id, new.from_date) == ("hukou", people["王二"].pk, home.grp_id, D)
    assert [one[:2] for one in spells(home, on=D)] == [("王大", "02"), ("李梅", "12")]
    assert [one[:2] for one in spells(new)] == [("王二", "02"), ("周兰", "12"), ("王小", "21")]


def test_undoing_an_event_brings_back_everything_it_did(wangs, effected, lin):
    people, home = wangs
    before = spells(home)
    event = effected("split", D, {"person": people["王二"].pk, "rel": "02"}, from_hh=home.pk)
    undo(event.made_by, by=lin, reason="登记错了")
    event.refresh_from_db()
    assert event.state == "confirmed"
    assert spells(home) == before
    made = Household.objects.unscoped("test").exclude(pk=home.pk).get()
    assert made.is_void
    assert [one for code in runtime.ledgers() for one in verify_chain(code)] == []
    assert [one for ledger in runtime.ledgers().values() for one in verify(ledger.code)] == []


def test_the_effect_is_not_taken_back_alone(wangs, effected, lin):
    people, home = wangs
    event = effected("split", D, {"person": people["王二"].pk, "rel": "02"}, from_hh=home.pk)
    with pytest.raises(CommitRefused, match="整体撤销"):
        take_back(runtime.ledger("household_event"), event, by=lin)


def test_nobody_is_in_two_households_of_one_kind(wangs, person, family, report, step):
    people, _ = wangs
    other = family((person("赵一"), "02"))
    event = report("marry_in", D, {"person": people["周兰"].pk, "rel": "97"}, to_hh=other.pk)
    with pytest.raises(CommitRefused, match="还在另一个同类户"):
        step(event, "effect")


def test_a_merge_names_everybody_and_closes_the_old_household(wangs, person, family, effected, report, step):
    _, home = wangs
    old, aunt = person("王姑", "2", date(1955, 1, 1)), person("王表", "1", date(1985, 1, 1))
    other = family((old, "02"), (aunt, "20"))
    with pytest.raises(CommitRefused, match="还缺王表"):
        step(report("merge", D, {"person": old.pk, "rel": "77"}, from_hh=other.pk, to_hh=home.pk), "effect")
    effected(
        "merge", D, {"person": old.pk, "rel": "77"}, {"person": aunt.pk, "rel": "95"}, from_hh=other.pk, to_hh=home.pk
    )
    other.refresh_from_db()
    assert (other.state, other.close_reason, other.to_date) == ("closed", "merge", D)
    assert len(spells(home, on=D)) == 7


def test_a_change_of_head_ends_each_changed_spell(wangs, effected):
    people, home = wangs
    effected(
        "head_change", D, people["王二"], from_hh=home.pk,
        relations=under(home, 王大="51", 李梅="52", 王二="02", 周兰="12", 王小="20"),
    )  # fmt: skip
    assert [one[:2] for one in spells(home, on=D)] == [
        ("王二", "02"),
        ("周兰", "12"),
        ("王小", "20"),
        ("王大", "51"),
        ("李梅", "52"),
    ]
    assert len(spells(home)) == 10  # five ended, five begun


def test_moving_out_marks_the_person_and_coming_back_undoes_it(wangs, effected):
    people, home = wangs
    effected("move_out", D, people["王小"], from_hh=home.pk, other_div="外县")
    young = people["王小"]
    young.refresh_from_db()
    assert (young.state, young.hukou_status, young.out_date) == ("moved_out", "out", D)
    back = date(2020, 9, 1)
    effected("move_in", back, {"person": young.pk, "rel": "41"}, to_hh=home.pk)
    young.refresh_from_db()
    assert (young.state, young.hukou_status, young.out_date) == ("active", "here", None)
    assert [(one[2], one[3]) for one in spells(home) if one[0] == "王小"] == [(date(2000, 1, 1), D), (back, None)]


def test_moving_in_as_a_household_of_its_own(group, effected, places):
    event = effected(
        "move_in", D, {"name": "钱进", "sex": "1", "birth": date(1990, 5, 6), "idno": "519999199005060011", "rel": "02"},
        new_grp=group.pk, new_hno="0031", other_div="外县",
    )  # fmt: skip
    home = Household.objects.unscoped("test").get(pk=event.to_hh_id)
    assert (home.hno, home.division_id, home.grp_id) == ("0031", places["青山村"].pk, group.pk)
    assert Person.objects.unscoped("test").get(name="钱进").idno_ok is True


def test_prison_and_release_change_who_counts_in_the_living_household(wangs, family, effected):
    people, _ = wangs
    living = family((people["王大"], "02"), (people["王二"], "20"), hkind="living")
    effected("prison", D, people["王二"])
    rows = (
        HouseholdMember.objects.unscoped("test").filter(household=living, person=people["王二"]).order_by("from_date")
    )
    assert [(one.to_date, one.counted) for one in rows] == [(D, True), (None, False)]
    effected("release", date(2020, 10, 1), people["王二"])
    assert rows.last().counted is True


def test_army_leaves_the_hukou_household_and_release_returns(wangs, effected):
    people, home = wangs
    effected("army", D, people["王小"])
    assert "王小" not in [one[0] for one in spells(home, on=D)]
    effected("release", date(2020, 12, 1), {"person": people["王小"].pk, "rel": "41"}, to_hh=home.pk)
    people["王小"].refresh_from_db()
    assert people["王小"].hukou_status == "here"


def test_a_wrong_relation_is_put_right_where_it_stands(wangs, effected):
    people, home = wangs
    effected("correct", D, {"person": people["周兰"].pk, "rel": "97"}, from_hh=home.pk)
    assert [one[1:] for one in spells(home) if one[0] == "周兰"] == [("97", date(2000, 1, 1), None)]


def test_a_closed_household_and_its_dead_are_restored(person, family, effected):
    alone = person("何远")
    home = family((alone, "02"))
    effected("death", D, alone)
    effected("restore", date(2020, 7, 1), {"person": alone.pk, "rel": "02"}, to_hh=home.pk)
    home.refresh_from_db()
    alone.refresh_from_db()
    assert (home.state, home.to_date, alone.state, alone.death_date) == ("active", None, "active", None)


def test_running_benefits_become_todos_and_the_event_is_settled_when_they_are_done(
    wangs, family, effected, lin, places, step
):
    people, home = wangs
    living = family((people["王大"], "02"), (people["王小"], "41"), hkind="living", same_as=home.pk)
    made = commit(
        Draft("dibao", lin, [Add({"household": living.pk, "applicant": people["王大"].pk}, places["青山村"].pk)], FORM)
    )
    dibao = runtime.model_for("dibao").objects.unscoped("test").get(change=made)
    commit(
        Draft(
            "dibao_member",
            lin,
            [Add({"dibao": dibao.pk, "person": people["王小"].pk, "insured": True}, places["青山村"].pk)],
            FORM,
        )
    )
    event = effected("army", D, people["王小"])
    todos = lines_of(runtime.ledger("household_event"), event, "todos")
    assert ["王小" in one.what and "低保" in one.what for one in todos] == [True]
    with pytest.raises(CommitRefused, match="还有1项没有办妥"):
        step(event, "settle")
    done = [{"id": one.pk, "done": True} for one in todos]
    event.refresh_from_db()
    commit(Draft("household_event", lin, [Edit(event.pk, event.version, {"todos": done})], FORM))
    event = type(event).objects.unscoped("test").get(pk=event.pk)
    step(event, "settle")
    assert (event.state, event.todo_done) == ("settled", True)


def test_memberships_are_not_written_by_hand(wangs, lin):
    people, home = wangs
    spell = HouseholdMember.objects.unscoped("test").get(person=people["王小"])
    ways = [Edit(spell.pk, spell.version, {"rel": "97"}), Void(spell.pk, spell.version)]
    for way in ways:
        with pytest.raises(LedgerError, match="只随“户与人口变动”变动"):
            commit(Draft("household_member", lin, [way], FORM, reason="试"))
    new = Add({"household": home.pk, "person": people["王小"].pk, "rel": "97", "from_date": D}, home.division_id)
    with pytest.raises(LedgerError, match="只随“户与人口变动”变动"):
        commit(Draft("household_member", lin, [new], Source(SourceKind.API)))
    with pytest.raises(CommitRefused, match="“户主（承包方代表）”只随"):
        commit(Draft("household", lin, [Edit(home.pk, home.version, {"head": people["王小"].pk})], FORM))
    commit(Draft("household", lin, [Edit(home.pk, home.version, {"addr": "青山村一组"})], FORM))


def test_an_event_in_the_future_or_before_the_member_came_has_no_effect(wangs, report, step):
    people, home = wangs
    with pytest.raises(CommitRefused, match="才立户"):
        step(report("move_out", date(1999, 1, 1), people["王小"], from_hh=home.pk, other_div="外县"), "effect")
    with pytest.raises(CommitRefused, match="还没有到"):
        step(report("death", date(2021, 1, 1), people["王小"], known=date(2021, 1, 1)), "effect")


def test_the_event_counts_as_one_change_in_every_ledger(wangs, effected):
    people, home = wangs
    before = Change.objects.count()
    event = effected("move_out", D, people["王小"], from_hh=home.pk, other_div="外县")
    assert Change.objects.count() == before + 4  # reported, approved, confirmed, effected
    assert event.made_by.ledgers == {"person": 1, "household_member": 1, "household_event": 1}
    assert event.review == Review.APPROVED
    assert TODAY > D


def test_who_marries_within_the_township_leaves_one_household_for_the_other(wangs, person, family, effected):
    people, home = wangs
    other = family((person("赵一", "1", date(1998, 1, 1)), "02"))
    effected(
        "marry_out", D, {"person": people["王小"].pk, "rel": "28"}, from_hh=home.pk, to_hh=other.pk, proof="hukou_book"
    )
    people["王小"].refresh_from_db()
    assert (people["王小"].marriage, people["王小"].state, people["王小"].hukou_status) == ("20", "active", "here")
    assert ("王小", "41", date(2000, 1, 1), D) in spells(home)
    assert ("王小", "28", D, None) in spells(other)


def test_who_marries_out_of_the_township_moves_away_and_the_place_must_be_said(wangs, effected, report, step, lin):
    people, home = wangs
    with pytest.raises(CommitRefused, match="嫁到外地的填地方，嫁在本镇的填新户"):
        step(report("marry_out", D, people["王小"], from_hh=home.pk), "effect")
    before = spells(home)
    event = effected("marry_out", D, people["王小"], from_hh=home.pk, other_div="外县")
    people["王小"].refresh_from_db()
    assert (people["王小"].state, people["王小"].hukou_status, people["王小"].out_date) == ("moved_out", "out", D)
    assert people["王小"].marriage == "20"
    undo(event.made_by, by=lin, reason="登记错了")
    people["王小"].refresh_from_db()
    assert (people["王小"].state, people["王小"].marriage, spells(home)) == ("active", None, before)


def test_an_adopted_child_enters_the_household_with_its_new_parents(wangs, effected):
    people, home = wangs
    child = {"name": "王养", "sex": "2", "birth": date(2018, 3, 4), "rel": "37"}
    event = effected("adopt", D, child, to_hh=home.pk, father=people["王二"].pk, mother=people["周兰"].pk)
    made = Person.objects.unscoped("test").get(name="王养")
    assert (made.father_id, made.mother_id, made.birth) == (people["王二"].pk, people["周兰"].pk, date(2018, 3, 4))
    assert ("王养", "37", D, None) in spells(home)
    assert event.state == "effected"


def test_a_child_adopted_from_another_household_leaves_it(wangs, person, family, effected):
    people, home = wangs
    born = person("赵小", "1", date(2015, 5, 5))
    other = family((person("赵一"), "02"), (born, "20"))
    effected("adopt", D, {"person": born.pk, "rel": "27"}, from_hh=other.pk, to_hh=home.pk, father=people["王二"].pk)
    born.refresh_from_db()
    assert (born.father_id, born.mother_id) == (people["王二"].pk, None)
    assert ("赵小", "20", date(2000, 1, 1), D) in spells(other)
    assert ("赵小", "27", D, None) in spells(home)


def test_a_wife_marries_in_from_another_household(wangs, person, family, effected):
    _, home = wangs
    bride = person("赵兰", "2", date(2001, 1, 1))
    other = family((person("赵一"), "02"), (bride, "30"))
    effected("marry_in", D, {"person": bride.pk, "rel": "45"}, from_hh=other.pk, to_hh=home.pk)
    bride.refresh_from_db()
    assert bride.marriage == "20"
    assert ("赵兰", "45", D, None) in spells(home)
    assert ("赵兰", "30", date(2000, 1, 1), D) in spells(other)


def test_every_kind_has_a_test_here():
    from pathlib import Path

    from zhenwu.residents.kinds import KINDS

    text = Path(__file__).read_text(encoding="utf-8")
    assert [
        kind for kind in KINDS if f'effected("{kind}"' not in text and f'effected(\n        "{kind}"' not in text
    ] == []
