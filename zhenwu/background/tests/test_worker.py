"""Tasks: done once each, done again when their worker died, given up when they take down one worker after the other."""

import os
import subprocess
import sys
import textwrap
import threading

import pytest
from django.db import connection, transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from zhenwu.background import worker
from zhenwu.background.alive import at_work, is_alive, workers
from zhenwu.background.queries import failed_lately, state_of, waiting
from zhenwu.background.worker import End, TryLater, Worker, claim, take_back

done: list[str] = []


@pytest.fixture(autouse=True)
def _fresh():
    done.clear()


@task
def note(word: str) -> None:
    done.append(word)


@task
def stumble() -> None:
    raise ValueError("gone wrong")


@task
def not_now() -> None:
    raise TryLater


def test_a_task_waits_until_a_worker_does_it(queued, db):
    result = note.enqueue("a")
    assert (done, state_of(result.id)) == ([], "waiting")
    assert queued() == 1
    assert (done, state_of(result.id)) == (["a"], "done")


def test_what_is_rolled_back_was_never_asked_for(queued, db):
    with transaction.atomic():
        note.enqueue("a")
        transaction.set_rollback(True)
    assert queued() == 0


def test_a_task_that_fails_is_recorded_and_the_next_is_done(queued, db):
    broken, fine = stumble.enqueue(), note.enqueue("b")
    queued()
    assert (state_of(broken.id), state_of(fine.id)) == ("failed", "done")
    assert [count for _, count in failed_lately()] == [1]


def test_a_task_goes_back_when_this_worker_cannot_do_it(queued, db):
    result = not_now.enqueue()
    with at_work() as me:
        assert Worker().do(claim(me)) is False
    assert state_of(result.id) == "waiting"
    assert DBTaskResult.objects.get().worker_ids == []  # that was no attempt


def test_a_task_of_a_dead_worker_is_done_again_and_given_up_at_last(queued, db):
    result = note.enqueue("a")
    for attempt in (1, 2, 3):
        with at_work() as me:
            claim(me)
            assert state_of(result.id) == "running"
            assert take_back() == 0
        assert state_of(result.id) == "cut"
        assert take_back() == 1
        assert state_of(result.id) == ("waiting" if attempt < 3 else "failed")
    assert done == []


def test_a_killed_process_is_known_to_be_dead_at_once(instance):
    code = """
        import sys, time
        from django.conf import settings
        settings.configure(INSTANCE=sys.argv[1], USE_TZ=True)
        from zhenwu.background.alive import at_work
        with at_work() as me:
            print(me, flush=True)
            time.sleep(60)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(instance)], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    name = child.stdout.readline().strip()
    assert is_alive(name)
    assert child.pid in [one.pid for one in workers()]
    child.kill()
    child.wait()
    child.stdout.close()
    assert not is_alive(name)
    assert child.pid not in [one.pid for one in workers()]


def test_a_name_is_no_path(instance):
    assert not is_alive("../instance.toml")
    assert not is_alive("")


def test_each_task_is_done_by_one_of_many_workers(queued, committing):
    for number in range(12):
        note.enqueue(str(number))

    def work() -> None:
        try:
            Worker().run_waiting()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    Worker().run_waiting()  # a worker that found the queue locked looks again later
    assert sorted(done, key=int) == [str(number) for number in range(12)]


def test_a_worker_with_older_packs_starts_anew(queued, db, monkeypatch):
    monkeypatch.setattr(worker.signal, "signal", lambda *said: None)
    note.enqueue("a")
    assert Worker(is_current=lambda: False).run() is End.RESTART
    assert done == []


def test_a_worker_stops_when_told(queued, db, monkeypatch):
    monkeypatch.setattr(worker.signal, "signal", lambda *said: None)
    one = Worker()
    note.enqueue("a")
    monkeypatch.setattr(worker.time, "sleep", lambda seconds: one._stop(15, None))
    assert one.run() is End.TOLD
    assert done == ["a"]


def test_what_waits_in_vain_is_counted(queued, db, monkeypatch):
    note.enqueue("a")
    assert waiting() == 0
    monkeypatch.setattr("zhenwu.background.queries._PATIENCE", -worker.periodic.timedelta(seconds=5))
    assert waiting() == 1
