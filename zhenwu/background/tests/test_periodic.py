"""Jobs that come round: when they are due, that one process does each, and what happens when one fails or is cut off."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.background import periodic
from zhenwu.background.alive import at_work
from zhenwu.background.models import PeriodicRun
from zhenwu.background.periodic import Job, run_due, run_now
from zhenwu.background.queries import failing_jobs

HERE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2020, 6, 1, 12, tzinfo=HERE)


@pytest.fixture
def jobs(monkeypatch):
    """`jobs(name=(minutes, work))` are all the jobs there are."""

    def these(**said):
        made = {name: Job(name, f"{name}的名称", minutes, work) for name, (minutes, work) in said.items()}
        monkeypatch.setattr(periodic, "_jobs", made)
        monkeypatch.setattr(periodic, "_discover", lambda: None)

    return these


def run(at=NOON, runner="nobody-alive"):
    return [one.job.name for one in run_due(runner, now=at)]


def fails() -> str:
    raise ValueError("没有网络")


def test_every_so_many_minutes(db, jobs):
    jobs(look=(10, lambda: ""))
    assert run() == ["look"]
    assert run(NOON + timedelta(minutes=9)) == []
    assert run(NOON + timedelta(minutes=10)) == ["look"]


def test_a_night_that_was_slept_through_is_made_up_for_once(db, jobs):
    jobs(tidy=(0, lambda: "清理3条"))
    assert run() == []  # a new instance waits for its first night
    assert run(NOON + timedelta(hours=13)) == []
    assert run(NOON + timedelta(hours=15)) == ["tidy"]
    assert run(NOON + timedelta(days=9)) == ["tidy"]
    assert run(NOON + timedelta(days=9, hours=1)) == []
    assert PeriodicRun.objects.get().said == "清理3条"


def test_a_failure_is_kept_told_and_tried_again_and_stops_no_other_job(db, jobs):
    jobs(a_send=(5, fails), b_look=(5, lambda: ""))
    assert run() == ["a_send", "b_look"]
    assert failing_jobs() == [("a_send的名称", "ValueError: 没有网络")]
    jobs(a_send=(5, lambda: ""), b_look=(5, lambda: ""))
    assert run(NOON + timedelta(minutes=5)) == ["a_send", "b_look"]
    assert failing_jobs() == []


def test_a_failed_night_is_tried_again_after_an_hour(db, jobs):
    jobs(tidy=(0, fails))
    run()
    night = NOON + timedelta(hours=15)
    assert run(night) == ["tidy"]
    assert run(night + timedelta(minutes=50)) == []
    assert run(night + timedelta(minutes=60)) == ["tidy"]


def test_only_one_process_does_a_job(db, jobs):
    seen = []
    jobs(look=(10, lambda: seen.append(list(run_due("another", now=NOON + timedelta(hours=1)))) or ""))
    with at_work() as me:
        assert [one.job.name for one in run_due(me, now=NOON)] == ["look"]
        assert run_now(periodic.jobs()[0], me) is not None
    assert seen[0] == []  # while it runs, nobody else begins it, however late it is


def test_a_job_that_was_cut_off_is_begun_again(db, jobs):
    jobs(look=(30, lambda: ""))
    PeriodicRun.objects.create(name="look", began_at=NOON, runner="12-dead")
    assert run(NOON + timedelta(minutes=9)) == []  # not at once: it may be what takes the workers down
    assert run(NOON + timedelta(minutes=10)) == ["look"]


def test_two_that_look_at_once_do_it_once(db, jobs):
    jobs(look=(10, lambda: ""))
    seen = PeriodicRun.objects.create(name="look")
    assert periodic._claim(seen, "a", NOON)
    assert not periodic._claim(seen, "b", NOON)


def test_the_rooms_jobs_are_found():
    assert "background.forget_finished_tasks" in {job.name for job in periodic.jobs()}


@given(st.integers(1, 2000), st.integers(0, 5000))
def test_a_job_is_never_due_twice_in_its_period(minutes, later):
    job = Job("a", "a", minutes, str)
    assert job.is_due(NOON, NOON + timedelta(minutes=later)) == (later >= minutes)


@given(st.integers(0, 60 * 24 * 3))
def test_each_night_once(minutes):
    """From any moment on, exactly one of the next 24 hours' starts is due when the job ran a moment before."""
    job = Job("a", "a", 0, str)
    last = NOON + timedelta(minutes=minutes)
    due, hours = 0, 0
    for hours in range(1, 25):
        at = NOON + timedelta(minutes=minutes) + timedelta(hours=hours)
        if job.is_due(last, at):
            due, last = due + 1, at
    assert due == 1
