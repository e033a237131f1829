"""Tokens: never more than their user, for a while, and no word on why one does not work."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from zhenwu.api.errors import TokenRefused
from zhenwu.api.models import Token
from zhenwu.api.tokens import create_token, revoke

ROWS = "ledgers/site_none/rows"
VALUES = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": "2020-01-05"}


def test_the_text_of_a_token_is_nowhere_kept(program, chen):
    caller = program(chen)
    kept = Token.objects.values().get()
    assert caller.text not in repr(kept)
    assert len(caller.text) > 40


def test_tokens_that_do_not_work_are_answered_alike(program, chen):
    today = timezone.localdate()
    answers = []
    for spoil in (
        lambda one: Token.objects.filter(pk=one.token.pk).update(expires_on=today - timedelta(days=1)),
        lambda one: revoke(one.token, by=chen),
        lambda one: setattr(one, "text", one.text[:-1] + "~"),
        lambda one: setattr(one, "text", ""),
    ):
        caller = program(chen)
        assert caller.get("me").status_code == 200
        spoil(caller)
        answers.append(caller.get("me"))
    answers.append(Client().get("/api/me"))
    answers.append(Client().get("/api/ledgers/no_such/rows"))
    assert {one.status_code for one in answers} == {401}
    assert len({one.content for one in answers}) == 1
    assert {one["WWW-Authenticate"] for one in answers} == {"Bearer"}


def test_who_may_no_longer_work_has_no_token_that_works(program, chen):
    caller = program(chen)
    chen.is_active = False
    chen.save()
    assert caller.get("me").status_code == 401


def test_a_session_opens_nothing(live, chen, places):
    assert live(chen).get("/api/me").status_code == 401


def test_a_reading_token_does_not_write(program, chen, places):
    caller = program(chen, may_write=False)
    assert caller.get(ROWS).status_code == 200
    body = {"values": VALUES, "division": str(places["青山村"].pk)}
    assert caller.post(ROWS, body).status_code == 403
    assert caller.post("ledgers/site_none/batch", {"operations": [{"op": "add"} | body]}).status_code == 403


def test_a_token_for_one_ledger_knows_no_other(program, lin, places):
    caller = program(lin, ledgers=["site_none"])
    assert [one["code"] for one in caller.get("ledgers").json()["ledgers"]] == ["site_none"]
    assert caller.get("ledgers/hazard/rows").status_code == 404
    assert caller.get("changes?ledger=hazard").status_code == 404


def test_a_token_ends_within_a_year_and_covers_only_own_ledgers(chen, places):
    today = timezone.localdate()
    with pytest.raises(TokenRefused) as refused:
        create_token(chen, " ", expires_on=today + timedelta(days=400), on=today, ledgers=["site_none", "nothing"])
    assert len(refused.value.problems) == 3


def test_only_the_day_of_the_last_use_is_kept(program, chen):
    program(chen).get("me")
    assert Token.objects.get().last_used_on == timezone.localdate()


def test_too_many_requests_of_one_token_wait(program, chen, settings):
    settings.API = settings.API | {"requests_per_minute": 3}
    caller, other = program(chen), program(chen)
    answers = [caller.get("me") for _ in range(9)]  # a new minute may begin meanwhile
    late = [one for one in answers if one.status_code == 429]
    assert late
    assert 1 <= int(late[0]["Retry-After"]) <= 61
    assert other.get("me").status_code == 200
