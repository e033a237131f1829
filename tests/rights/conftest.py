"""The township that the rights are asked in."""

from dataclasses import replace

import pytest

from tests.rights.world import CLOSED, World, build
from zhenwu.packs import runtime


@pytest.fixture
def world(places, monkeypatch) -> World:
    made = build(places)
    ledger = runtime.ledger(CLOSED)  # as a pack would say it: [ledger.rights] roles = ["discipline"]
    monkeypatch.setitem(ledger.__dict__, "realm", replace(ledger.realm, roles=("discipline",)))
    return made
