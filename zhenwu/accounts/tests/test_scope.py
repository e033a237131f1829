"""What each role may see and do, and that two posts of one person do not mix."""

from datetime import date, timedelta

import pytest

from zhenwu.accounts.models import Appointment
from zhenwu.accounts.scope import Rights

TODAY = date(2020, 6, 1)


def appoint(user, role, **more):
    return Appointment.objects.create(user=user, role=role, valid_from=date(2020, 1, 1), **more)


@pytest.fixture
def someone(db):
    from zhenwu.accounts.models import User

    return User.objects.create(username="someone", display_name="某人")


def scope(user, line="welfare", privacy="S1", on=TODAY):
    return Rights(user, on=on).scope(line, privacy)


@pytest.mark.parametrize(
    ("role", "line", "read", "enter", "review", "classes"),
    [
        ("village", "welfare", True, True, False, {"S0", "S1", "S2"}),
        ("village", "integrity", False, False, False, set()),
        ("village_lead", "party", True, True, False, {"S0", "S1", "S2"}),
        ("office", "welfare", True, True, True, {"S0", "S1", "S2", "S3"}),
        ("office", "safety", True, False, False, {"S0", "S1"}),
        ("leader", "safety", True, False, True, {"S0", "S1", "S2"}),
        ("head", "welfare", True, False, True, {"S0", "S1", "S2"}),
        ("discipline", "integrity", True, False, False, {"S0", "S1", "S2"}),
        ("audit", "payments", True, False, False, {"S0", "S1", "S2"}),
        ("admin", "welfare", False, False, False, set()),
    ],
)
def test_each_role_has_its_rights(someone, places, offices, role, line, read, enter, review, classes):
    village = places["青山村"] if role.startswith("village") else None
    appoint(someone, role, division=village, unit=offices["民政办"] if role == "office" else None)
    found = scope(someone, line)
    assert (found.read, found.enter, found.review, set(found.classes)) == (read, enter, review, classes)
    whole_town = role not in ("village", "village_lead", "admin")
    assert found.covers(places["河口村"].pk) is whole_town
    assert found.covers(places["青山村"].pk) is (read or whole_town)


def test_the_existence_of_rows_can_be_private_itself(someone, offices):
    appoint(someone, "office", unit=offices["党建办"])
    assert scope(someone, "welfare", "S1").read
    assert not scope(someone, "welfare", "S2").read
    assert scope(someone, "party", "S3").read


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "has"),
    [
        (TODAY, None, True),
        (TODAY + timedelta(days=1), None, False),
        (TODAY - timedelta(days=9), TODAY, False),
        (TODAY - timedelta(days=9), TODAY + timedelta(days=1), True),
    ],
)
def test_an_appointment_counts_from_its_first_day_until_before_its_last(someone, valid_from, valid_to, has):
    Appointment.objects.create(user=someone, role="leader", valid_from=valid_from, valid_to=valid_to)
    assert scope(someone).read is has


def test_who_left_has_no_rights_whatever_the_appointments_say(lin):
    lin.is_active = False
    assert not scope(lin).read


def test_a_village_clerk_of_another_line_s_office_enters_for_the_village_alone(someone, places, offices):
    appoint(someone, "village", division=places["青山村"])
    appoint(someone, "office", unit=offices["党建办"])
    found = scope(someone, "welfare")
    assert found.enters(places["青山村"].pk)
    assert not found.enters(places["河口村"].pk)
    assert not found.changes(places["河口村"].pk)
    assert found.roles_at(places["河口村"].pk) == set()
    # what the village's post shows (S2) is not shown of other villages
    assert found.shows("S2")
    assert not found.covers(places["河口村"].pk)


def test_a_leader_who_is_a_village_s_secretary_reads_all_and_enters_for_the_village(someone, places):
    appoint(someone, "leader")
    appoint(someone, "village_lead", division=places["青山村"])
    found = scope(someone)
    assert found.covers(places["河口村"].pk)
    assert found.review
    assert found.enters(places["青山村"].pk)
    assert not found.enters(places["河口村"].pk)
    assert found.roles_at(places["河口村"].pk) == {"leader"}
    assert found.roles_at(places["青山村"].pk) == {"leader", "village_lead"}


def test_posts_in_two_villages_add_up(someone, places):
    appoint(someone, "village", division=places["青山村"])
    appoint(someone, "village", division=places["河口村"])
    found = scope(someone)
    assert found.places == found.enter_places == {places["青山村"].pk, places["河口村"].pk}
    assert not found.covers(None)


def test_an_office_of_the_line_gives_all_that_a_village_gives_and_more(someone, places, offices):
    appoint(someone, "village", division=places["青山村"])
    appoint(someone, "office", unit=offices["民政办"])
    found = scope(someone)
    assert found.places is None
    assert found.enter_places is None
    assert found.shows("S3")
    assert found.review
