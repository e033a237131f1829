"""Each rule of places fires on what came behind the doors, and the database keeps the worst out."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from zhenwu.divisions.actions import create_divisions, describe
from zhenwu.divisions.checking import event_problems, registry_problems
from zhenwu.divisions.effect import enter_event
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.guards import codes_are_guarded
from zhenwu.divisions.keeping import verify_places
from zhenwu.divisions.models import Division, Edge, Event, EventKind, EventState, Level
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan

DAY, TODAY = date(2020, 6, 1), date(2020, 6, 20)


def codes(on=TODAY):
    return {one.code for one in registry_problems(on)}


def change(place, **said):
    Division.objects.filter(pk=place.pk).update(**said)


def test_a_sound_township_has_no_problem(world):
    assert registry_problems(TODAY) == []
    assert codes_are_guarded()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"code": "51999910201"}, "DV1"), ({"code": "519999101201"}, "DV1"), ({"cls": "neighbourhood"}, "DV2"),
        ({"valid_from": date(1980, 1, 1)}, "DV4"), ({"name": "乙村"}, "DV6"),
    ],
)  # fmt: skip
def test_a_place_altered_behind_the_doors_is_found(world, said, code):
    change(world.甲, **said)
    assert code in codes()


def test_a_code_is_not_used_twice_on_a_day_whatever_writes_it(world):
    for period in ((date(2020, 1, 1), None), (date(1980, 1, 1), date(1990, 1, 2))):
        with pytest.raises(IntegrityError), transaction.atomic():
            Division.objects.create(
                code=world.甲.code,
                name="假",
                level=Level.VILLAGE,
                parent=world.镇,
                valid_from=period[0],
                valid_to=period[1],
            )
    ended = {"valid_from": date(1980, 1, 1), "valid_to": date(1990, 1, 1)}
    before = Division.objects.create(code=world.甲.code, name="前身", level=Level.VILLAGE, **ended)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(before, valid_to=date(1990, 1, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        change(world.乙, code=world.甲.code)


def test_overlap_that_got_past_the_guard_is_found(world, monkeypatch):
    """DV3: as a database restored without its triggers might hold."""
    from zhenwu.divisions import checking

    twin = Division(code=world.甲.code, name="影村", level=Level.VILLAGE, parent=world.镇, valid_from=date(2000, 1, 1))
    monkeypatch.setattr(checking.Division.objects, "select_related", lambda *names: [*Division.objects.all(), twin])
    assert "DV3" in codes()


def test_the_database_knows_the_seven_classes_and_no_period_that_ends_before_it_begins(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        change(world.甲, urban_rural="999")  # DV5
    with pytest.raises(IntegrityError), transaction.atomic():
        change(world.甲, valid_to=date(1980, 1, 1))


def test_dv5_is_told_of_a_class_that_is_none(world, monkeypatch):
    from zhenwu.divisions import checking

    world.甲.urban_rural = "999"
    assert "DV5" in {one.code for one in checking._place(world.甲)}


def test_a_community_that_kept_its_villages_code(world):
    """DV7."""
    unit = UnitPlan(name="甲社区", code=world.甲.code)
    enter_event(EventPlan(EventKind.RECLASS, "改居", DAY, [unit], [FlowPlan(world.甲, 0)]), by=None)
    assert codes() == {"DV7"}


def edge(event, source, target, **said):
    return Edge.objects.create(event=event, source=source, target=target, **said)


@pytest.fixture
def event(world):
    return Event.objects.create(kind="merge_new", title="合村", effective=DAY, state="effective")


def test_lineage_that_does_not_add_up(world, event):
    """DL1, DL2, DL3."""
    Division.objects.filter(pk__in=[world.甲.pk, world.乙.pk]).update(valid_to=DAY, end_event=event)
    edge(event, world.甲, world.丙, whole=False, pop_share="0.5", land_share="0.5")
    edge(event, world.甲, world.丁, whole=False, pop_share="0.4", land_share="0.5")
    assert "DL1" in codes()
    Edge.objects.all().delete()
    edge(event, world.甲, world.乙)
    edge(event, world.乙, world.甲)
    assert "DL2" in codes()
    Edge.objects.all().delete()
    change(world.丙, born_event=event)
    edge(event, world.甲, world.丙)
    assert "DL3" in codes()


@pytest.mark.parametrize(
    "said", [{"pop_share": "1.5"}, {"whole": False, "pop_share": 0, "land_share": 0}, {"pop_share": "0.5"}]
)
def test_the_database_refuses_shares_that_are_none(world, event, said):
    with pytest.raises(IntegrityError), transaction.atomic():
        edge(event, world.甲, world.乙, **said)


def test_events_that_wait_are_told_of(world, event):
    assert [one.code for one in event_problems(event, date(2020, 7, 15)) if one.severity == "yellow"] == ["DX7"]
    Event.objects.filter(pk=event.pk).update(state=EventState.APPROVED)
    assert "DX8" in codes()


def test_places_altered_behind_the_chain_are_found_by_the_audit(world, db):
    new = Division(code="519999100209", name="新村", level=Level.VILLAGE, parent=world.镇, valid_from=date(2000, 1, 1))
    create_divisions([new], by=None, reason="设立")
    describe(new, by=None, reason="补全称", full_name="新村村民委员会")
    assert list(verify_places()) == []
    change(new, name="改村")
    assert [one.message for one in verify_places()] == ["区划“改村”（519999100209）被绕过平台改动。"]


def test_new_places_are_checked_all_at_once(world):
    wrong = [
        Division(code="5199991002", name="短", level=Level.VILLAGE, parent=world.镇, valid_from=DAY),
        Division(
            code="519999100001", name="错类", level=Level.VILLAGE, cls="villagers", parent=world.镇, valid_from=DAY
        ),
        Division(code=world.甲.code, name="重码", level=Level.VILLAGE, parent=world.镇, valid_from=DAY),
        Division(code="519999100230", name="太早", level=Level.VILLAGE, parent=world.镇, valid_from=date(1980, 1, 1)),
    ]
    with pytest.raises(DivisionRefused) as refused:
        create_divisions(wrong, by=None, reason="设立")
    assert len(refused.value.problems) == 4
