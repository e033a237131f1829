"""A request that may have been lost is sent again, and done once."""

import threading
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from zhenwu.api.models import Answer
from zhenwu.changes.models import Change

ROWS = "ledgers/site_none/rows"


def body(places, **values):
    said = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": "2020-01-05"} | values
    return {"values": said, "division": str(places["青山村"].pk)}


def test_the_same_request_is_done_once_and_answered_alike(program, chen, places):
    caller = program(chen)
    first, again = (caller.post(ROWS, body(places), Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert caller.get(ROWS).json()["total"] == 1


def test_the_key_of_another_request_is_refused(program, chen, places):
    caller = program(chen)
    caller.post(ROWS, body(places), Idempotency_Key="k1")
    assert caller.post(ROWS, body(places, signer="别人"), Idempotency_Key="k1").status_code == 422
    assert caller.post(ROWS, body(places), Idempotency_Key="中文").status_code == 400
    assert program(chen).post(ROWS, body(places, signer="别人"), Idempotency_Key="k1").status_code == 201


def test_a_refused_request_may_be_put_right_under_its_key(program, chen, places):
    caller = program(chen)
    wrong = body(places) | {"review": "submitted", "values": {}}
    assert caller.post(ROWS, wrong, Idempotency_Key="k1").status_code == 422
    assert not Answer.objects.exists()
    assert caller.post(ROWS, body(places), Idempotency_Key="k1").status_code == 201


def test_a_key_is_forgotten_after_its_days(program, chen, places, settings):
    caller = program(chen)
    caller.post(ROWS, body(places), Idempotency_Key="k1")
    days = settings.API["answers_kept_days"]
    Answer.objects.update(at=timezone.now() - timedelta(days=days, minutes=1))
    caller.post(ROWS, body(places), Idempotency_Key="k1")
    assert caller.get(ROWS).json()["total"] == 2


def test_kept_answers_hold_no_values(program, chen, places):
    program(chen).post(ROWS, body(places, signer="陈某某"), Idempotency_Key="k1")
    assert "陈某某" not in str(Answer.objects.values().get())


def test_two_at_once_write_one_row(committing, program, chen, places):
    caller = program(chen)
    answers, barrier = [], threading.Barrier(4)

    def send():
        barrier.wait()
        answers.append(caller.post(ROWS, body(places), Idempotency_Key="k1"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.content for one in answers}) == 1
    assert Change.objects.count() == 1
