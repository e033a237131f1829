"""Every role × every path × ledgers × places: who may gets an answer, who may not gets 404 and changes nothing, and nobody's
page holds a word of a row that is not theirs."""

import io
import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.rights.asks import API, EXPECTED, Ask
from tests.rights.cast import CAST, Actor
from tests.rights.world import LEDGERS, Marker, World
from zhenwu.api.building import built
from zhenwu.packs import runtime

_REFUSED = (403, 404, 405)  # 405: no such method, whoever asks
_REFUSED_BY_API = (*_REFUSED, 400, 415, 422)  # a body that says nothing is refused before anyone looks for the row


def patterns(found=None, namespace: str = "") -> Iterator[str]:
    for one in get_resolver().url_patterns if found is None else found:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}"
        else:
            yield from patterns(one.url_patterns, namespace + (f"{one.namespace}:" if one.namespace else ""))


def api_patterns() -> set[str]:
    routes = {str(pattern.pattern) for code in ("", LEDGERS[0]) for pattern in built().groups[code]}
    return {re.sub(r"<[^>]*>", "*", route).replace(f"ledgers/{LEDGERS[0]}/", "ledgers/*/") for route in routes}


def test_every_path_of_the_project_has_its_expectation(db):
    assert set(patterns()) == set(EXPECTED), "say in tests/rights/asks.py who may ask this path"
    assert api_patterns() == set(API), "say in tests/rights/asks.py who may ask this path of the API"


@pytest.mark.parametrize("actor", CAST, ids=lambda actor: actor.name)
def test_pages(world, actor):
    asks = [ask for entry in EXPECTED.values() for ask in entry(world)]
    seen: set[Marker] = set()
    assert not [*_wrong(world, actor, asks, _visitor(world, actor), seen)]
    shown = {
        one
        for one in world.markers
        if not one.never and actor.shown(runtime.ledger(one.ledger), one.place, one.privacy)
    }
    unseen = {one for one in shown - seen if one.text.isascii() is False}  # else the test asks for too little
    assert not unseen


@pytest.mark.parametrize("actor", CAST, ids=lambda actor: actor.name)
def test_api(world, actor):
    client = Client(raise_request_exception=False)
    if actor.is_logged_in:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.tokens[actor.name]}"
    asks = [ask for entry in API.values() for ask in entry(world)]
    assert not [*_wrong(world, actor, asks, client, set(), as_json=True)]


def _visitor(world: World, actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    if actor.is_logged_in:
        client.force_login(world.users[actor.name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def _wrong(
    world: World, actor: Actor, asks: list[Ask], client: Client, seen: set[Marker], *, as_json: bool = False
) -> Iterator[str]:
    """Everything wrong with the answers; what a request wrote is taken back before the next. `seen` gathers the planted
    words that were met."""
    hidden = [
        one for one in world.markers if one.never or not actor.shown(runtime.ledger(one.ledger), one.place, one.privacy)
    ]
    cookies = client.cookies.copy()
    for ask in asks:
        client.cookies = cookies.copy()
        with transaction.atomic():
            more = {"content_type": "application/json"} if as_json and ask.method == "post" else {}
            answer = getattr(client, ask.method)(ask.path, ask.data, **more)
            body = _text(answer)
            changed = ask.guards is not None and _changed(world, *ask.guards)
            transaction.set_rollback(True)
        said = f"{actor.name} {ask.method.upper()} {ask.path} {ask.data or ''} → {answer.status_code}"
        yield from (f"{said}: {why}" for why in _judged(actor, ask, answer, changed, as_json))
        asked = f"{ask.path} {json.dumps(ask.data, ensure_ascii=False, default=str)}"
        if actor.works:
            seen |= {one for one in world.markers if one not in seen and one.text in body}
        told = [
            one for one in hidden
            if one.text in body and one.text not in asked
            and not (one.never and ask.reveals and ask.allowed(actor))
        ]  # fmt: skip
        if told:
            yield f"{said}: shows {told[:3]}"


def _judged(actor: Actor, ask: Ask, answer, changed: bool, as_json: bool) -> Iterator[str]:
    status, allowed = answer.status_code, ask.allowed(actor)
    if status >= 500:
        yield "server error"
    if not actor.is_logged_in and allowed is not True:
        if status != 401 and not (status == 302 and answer["Location"].startswith("/login/")):
            yield "not asked to log in"
    elif allowed is False and status not in (_REFUSED_BY_API if as_json else _REFUSED):
        yield "should be refused"
    elif allowed is True and (status in (403, 404) or status == 401):
        yield "should be answered"
    if changed and not ask.changes(actor):
        yield f"changed the row {ask.guards}"


def _changed(world: World, code: str, place: str) -> bool:
    row = world.row(code, place)
    now = runtime.ledger(code).rows("test").get(pk=row.pk)
    return (now.version, now.review, now.is_void) != (row.version, row.review, row.is_void)


def _text(answer) -> str:
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            data = b"\n".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml"))
    return data.decode("utf-8", "replace")
