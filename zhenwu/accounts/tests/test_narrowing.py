"""Packs narrow what the matrix gives, dated grants widen it, and neither goes round the other."""

from datetime import date, timedelta

import pytest
from django.db.models import Q

from zhenwu.accounts.matrix import MATRIX, VERBS
from zhenwu.accounts.models import ADMINS, Appointment, Grant, Role, User
from zhenwu.accounts.scope import Realm, Rights

TODAY = date(2020, 6, 1)
SINCE = date(2020, 1, 1)


@pytest.fixture
def someone(db):
    return User.objects.create(username="someone", display_name="某人")


@pytest.fixture
def appoint(someone):
    def make(role, **more):
        return Appointment.objects.create(user=someone, role=role, **({"valid_from": SINCE} | more))

    return make


@pytest.fixture
def grant(someone):
    def make(ledger="dibao", **more):
        said = {"valid_from": SINCE, "reason": "专项工作"} | more
        return Grant.objects.create(ledger=ledger, **said)

    return make


def scope(user, on=TODAY, **realm):
    said = {"ledger": "dibao", "line": "welfare", "privacy": "S1"} | realm
    return Rights(user, on=on).scope_in(Realm(**said))


def test_every_role_that_works_has_a_line_and_no_administrator_has_one():
    assert {one.role for one in MATRIX} == set(Role) - ADMINS
    assert {verb for one in MATRIX for verb in one.verbs} == set(VERBS)


@pytest.mark.parametrize("role", sorted(ADMINS))
def test_administrators_see_no_ledger_even_when_granted(someone, appoint, grant, role):
    appoint(role)
    grant(user=someone, privacy="S3")
    assert not scope(someone).read
    assert not Rights(someone, on=TODAY).works
    assert not Rights(someone, on=TODAY).whole_town


def test_a_ledger_of_named_roles_is_closed_to_the_others(someone, appoint, offices, grant):
    appoint("office", unit=offices["民政办"])
    appoint("leader")
    given = grant(user=someone, privacy="S3")
    assert not scope(someone, line="integrity", roles=("discipline",), privacy="S3").read
    given.delete()
    post = appoint("discipline", unit=offices["民政办"])
    assert not scope(someone, line="integrity", roles=("discipline",), privacy="S3").read  # not the office's line
    offices["民政办"].lines = ["integrity"]
    offices["民政办"].save()
    found = scope(someone, line="integrity", roles=("discipline",), privacy="S3")
    assert (found.read, found.enter, found.roles) == (True, True, {"discipline"})
    post.delete()
    assert not scope(someone, line="integrity", roles=("discipline",), privacy="S3").read


@pytest.mark.parametrize(
    ("village", "reads", "elsewhere", "classes"),
    [("own", True, False, 3), ("none", False, False, 0), ("all", True, True, 2)],
)
def test_what_villages_see_is_the_pack_s_to_say(someone, appoint, places, village, reads, elsewhere, classes):
    appoint("village", division=places["青山村"])
    found = scope(someone, village=village)
    assert (found.read, found.covers(places["河口村"].pk), len(found.classes)) == (reads, elsewhere, classes)
    assert not found.enters(places["河口村"].pk)
    assert found.enters(places["青山村"].pk) is reads


def test_other_offices_may_be_left_with_their_own_rows(someone, appoint, places, offices):
    appoint("office", unit=offices["应急办"])
    mine, other = offices["应急办"].pk, offices["民政办"].pk
    assert scope(someone).covers(places["青山村"].pk)
    assert not scope(someone, others="none").read
    found = scope(someone, others="unit", unit_column="lead_unit_id")
    assert found.condition() == Q(lead_unit_id__in=frozenset({mine}))
    assert found.covers(places["青山村"].pk, mine)
    assert not found.covers(places["青山村"].pk, other)
    assert found.enters(None, mine)
    assert not found.enters(None, other)
    assert not found.review
    both = appoint("village", division=places["青山村"])
    found = scope(someone, others="unit", unit_column="lead_unit_id")
    assert found.covers(places["青山村"].pk, other)
    assert found.covers(places["河口村"].pk, mine)
    assert not found.covers(places["河口村"].pk, other)
    both.delete()
    appoint("leader")
    assert scope(someone, others="unit", unit_column="lead_unit_id").condition() is None


def test_a_grant_to_an_office_is_its_people_s_while_they_are_there(someone, appoint, offices, grant):
    post = appoint("office", unit=offices["应急办"], valid_to=TODAY + timedelta(days=1))
    grant(unit=offices["应急办"], privacy="S2", verbs=["enter"])
    found = scope(someone)
    assert (found.shows("S2"), found.shows("S3"), found.enter, found.review) == (True, False, True, False)
    assert found.roles == {"office"}
    assert not scope(someone, ledger="person").shows("S2")
    assert not scope(someone, on=TODAY + timedelta(days=1)).read
    assert post.unit == offices["应急办"]


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True)],
)
def test_a_grant_holds_from_its_first_day_until_before_its_last(someone, appoint, offices, grant, first, last, holds):
    appoint("office", unit=offices["应急办"])
    ends = None if last is None else TODAY + timedelta(days=last)
    grant(user=someone, privacy="S2", valid_from=TODAY + timedelta(days=first), valid_to=ends)
    assert scope(someone).shows("S2") is holds


def test_a_grant_for_one_village_does_not_show_more_of_the_others(someone, appoint, offices, grant, places):
    appoint("office", unit=offices["应急办"])
    grant(user=someone, privacy="S2", division=places["青山村"], verbs=["enter"])
    found = scope(someone)
    assert found.enters(places["青山村"].pk)
    assert not found.enters(places["河口村"].pk)
    assert not (found.shows("S2") and found.covers(places["河口村"].pk))


def test_who_left_keeps_no_grant(someone, grant):
    grant(user=someone, privacy="S3")
    assert not scope(someone).read
