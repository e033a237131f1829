"""Places through time for programs: a day's places, what one became, the events."""

from datetime import date

import pytest

from zhenwu.divisions.actions import merge
from zhenwu.divisions.models import Division

DAY = date(2020, 6, 1)


def test_a_program_reads_the_places_of_any_day_and_where_they_went(program, chen, places):
    into = Division(code="519999100301", name="山河村")
    merge([places["青山村"], places["河口村"]], into=into, on=DAY, title="合村", approval="云府〔2020〕8号", by=None)
    caller = program(chen)
    before, after = (caller.get(f"divisions?on={day}").json()["divisions"] for day in ("2020-05-31", "2020-06-01"))
    assert {one["name"] for one in before} - {one["name"] for one in after} == {"青山村", "河口村"}
    told = caller.get(f"divisions/{places['青山村'].pk}?on=2020-12-31").json()
    assert (told["now"], told["rows_count_at"]) == (str(into.pk), str(into.pk))
    assert [(one["title"], one["to_name"], one["whole"]) for one in told["became"]] == [("合村", "山河村", True)]
    assert [one["from_name"] for one in caller.get(f"divisions/{into.pk}").json()["came_from"]] == ["青山村", "河口村"]
    (event,) = caller.get("division-events").json()["events"]
    assert (event["kind"], event["state"], event["approval"]) == ("merge_new", "effective", "云府〔2020〕8号")


@pytest.mark.parametrize(
    ("asked", "status"), [("on=", 422), ("on=20200601", 422), ("on=2020-13-01", 422), ("day=2020-06-01", 400)]
)
def test_a_day_that_is_none_is_refused(program, chen, asked, status):
    assert program(chen).get(f"divisions?{asked}").status_code == status


def test_a_place_that_is_not_there_is_not_found(program, chen):
    assert program(chen).get("divisions/01912d68-783e-7a10-8c38-3f5f2a1b0c9d").status_code == 404


def test_posts_of_an_event_are_for_who_plans_or_decides_it(program, chen, leader, places):
    into = Division(code="519999100301", name="山河村")
    sources = [places["青山村"], places["河口村"]]
    event = merge(sources, into=into, on=DAY, title="合村", approval="云府〔2020〕8号", by=None)
    (one,) = program(leader).get(f"division-events/{event.pk}/posts").json()["posts"]
    assert (one["user"], one["role"], one["heirs"], one["open"], one["toward"]) == (
        "陈青",
        "village",
        ["山河村"],
        True,
        None,
    )
    assert program(chen).get(f"division-events/{event.pk}/posts").status_code == 404
    assert program(leader).get("division-events/01912d68-783e-7a10-8c38-3f5f2a1b0c9d/posts").status_code == 404
