"""Places through time: what a merger does and refuses, and what each place became."""

from datetime import date, timedelta

import pytest

from zhenwu.changes.actions import verify_chain
from zhenwu.changes.models import History
from zhenwu.divisions.actions import create_divisions, merge
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.models import Alias, Division, Edge, Event, EventKind, Level
from zhenwu.divisions.queries import below, in_force, successors, villages

DAY = date(2020, 7, 1)
BEFORE = DAY - timedelta(days=1)


def merged(places, by, *names, code="519999100301", name="山河村", on=DAY) -> Division:
    into = Division(code=code, name=name)
    merge([places[one] for one in names], into=into, on=on, title="合村", approval="县政府〔2020〕1号", by=by)
    return into


def test_merged_villages_end_on_the_day_the_new_one_begins(places, lin):
    into = merged(places, lin, "青山村", "河口村")
    assert [place.name for place in villages(BEFORE)] == ["青石社区", "青山村", "河口村"]
    assert [place.name for place in villages(DAY)] == ["青石社区", "山河村"]
    assert (into.level, into.parent, into.valid_from) == (Level.VILLAGE, places["town"], DAY)
    places["青山村"].refresh_from_db()
    assert places["青山村"].valid_to == DAY
    assert list(verify_chain("division")) == []


def test_a_merged_village_is_itself_before_and_the_new_one_after(places, lin):
    into, old = merged(places, lin, "青山村", "河口村"), places["青山村"].pk
    assert successors(BEFORE)[old] == old
    assert successors(DAY)[old] == into.pk
    assert into.pk not in successors(BEFORE)


def test_a_second_merger_goes_on_from_the_first(places, lin):
    places["山河村"] = merged(places, lin, "青山村", "河口村")
    last = merged(places, lin, "山河村", "青石社区", code="519999100302", name="大青村", on=date(2021, 1, 1))
    assert successors(date(2021, 1, 1))[places["青山村"].pk] == last.pk
    assert below([last.pk]) >= {places["青山村"].pk, places["河口村"].pk, places["青石社区"].pk}


def test_a_new_village_may_keep_the_code_of_an_old_one(places, lin):
    into = merged(places, lin, "青山村", "河口村", code=places["青山村"].code)
    assert list(Division.objects.filter(code=into.code, valid_to=None)) == [into]


def test_history_counts_on_from_what_the_registry_already_holds(places, lin):
    group = [
        Division(code=f"5199991004{n:02}", name=f"新{n}村", level=Level.VILLAGE, parent=places["town"], valid_from=date(2010, 1, 1))
        for n in (1, 2)
    ]  # fmt: skip
    create_divisions(group, by=lin, reason="设立")
    merge(group, into=Division(code="519999100409", name="新村"), on=DAY, title="合村", approval="", by=lin)
    versions = History.objects.filter(ledger="division", row=group[0].pk).order_by("version")
    assert list(versions.values_list("version", "act")) == [(1, "add"), (2, "ended")]


@pytest.mark.parametrize(
    ("names", "said", "cause"),
    [
        (["青山村"], {}, "至少需要两个不同的单位"),
        (["青山村", "青山村"], {}, "至少需要两个不同的单位"),
        (["青山村", "town"], {}, "只能合并同一上级、同一层级的单位"),
        (["青山村", "河口村"], {"code": "519999100001"}, "代码519999100001正由青石社区使用"),
        (["青山村", "河口村"], {"on": date(2000, 1, 1)}, "不是有效单位"),
    ],
)
def test_a_merger_that_can_not_be_is_refused_and_changes_nothing(places, lin, names, said, cause):
    with pytest.raises(DivisionRefused, match=cause):
        merged(places, lin, *names, **said)
    assert not Event.objects.exists()
    assert not Alias.objects.exists()
    assert in_force(DAY).count() == 5


def test_who_was_merged_already_is_not_merged_again(places, lin):
    merged(places, lin, "青山村", "河口村")
    with pytest.raises(DivisionRefused, match=r"青山村在2021-01-01之前不是有效单位"):
        merged(places, lin, "青山村", "青石社区", code="519999100309", on=date(2021, 1, 1))


def test_below_a_place_is_all_under_it_and_all_it_was(places, lin):
    group = Division.objects.create(
        code="51999910020101", name="一组", level=Level.GROUP, parent=places["青山村"], valid_from=date(2000, 1, 1)
    )
    into = merged(places, lin, "青山村", "河口村")
    carried = Division.objects.get(parent=into)
    assert (carried.code, carried.name, carried.root) == ("51999910030101", "一组", group)
    assert below([into.pk]) == {into.pk, places["青山村"].pk, places["河口村"].pk, group.pk, carried.pk}
    assert below([places["青山村"].pk]) == {places["青山村"].pk, group.pk}
    assert below([places["青石社区"].pk]) == {places["青石社区"].pk}


def test_a_divided_village_lies_below_none_of_its_parts(places):
    old, parts = places["青山村"], [places["河口村"], places["青石社区"]]
    event = Event.objects.create(kind=EventKind.SPLIT, title="分设", effective=DAY, state="effective")
    half = {"whole": False, "pop_share": "0.5", "land_share": "0.5"}
    Edge.objects.bulk_create([Edge(event=event, source=old, target=part, **half) for part in parts])
    Division.objects.filter(pk=old.pk).update(valid_to=DAY)
    assert below([parts[0].pk]) == {parts[0].pk}
    assert old.pk not in successors(DAY)
