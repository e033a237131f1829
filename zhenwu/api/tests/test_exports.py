"""Exports that another person approves, by programs: the same rules as on the pages, and tokens that open nothing they should not."""

import csv
import io
from datetime import date
from typing import get_args

import pytest

from zhenwu.api.bodies import PurposeCode
from zhenwu.changes.actions import Source
from zhenwu.changes.models import AuditEntry, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.models import ExportRequest, Purpose
from zhenwu.ledgers.operations import Add, Draft

ASKED = {"ledger": "person", "kind": "csv", "purpose": "P2", "basis": "12月低保金发放", "full": True}


@pytest.fixture
def known(lin, places):
    rows = [
        Add({"name": f"陈{n}", "phone": f"138{n:08d}", "birth": date(1960, 1, 1)}, places["青山村"].pk)
        for n in range(3)
    ]
    commit(Draft("person", lin, rows, Source(SourceKind.FORM)))


def test_from_asking_to_destroying(program, lin, leader, known):
    mine, theirs = program(lin), program(leader)
    answer = mine.post("exports", ASKED)
    assert answer.status_code == 201
    one = answer.json()
    path = f"exports/{one['id']}"
    assert (one["state"], one["count"], one["mine"], one["full"]) == ("waiting", 3, True, True)
    assert [said["id"] for said in theirs.get("exports").json()["waiting"]] == [one["id"]]
    assert theirs.get(path).json()["mine"] is False
    assert mine.get(f"{path}/file").status_code == 422  # not decided yet
    assert mine.post(f"{path}/decide", {"agree": True}).status_code == 403  # not by who asked
    assert theirs.post(f"{path}/decide", {"agree": False, "note": ""}).status_code == 422
    agreed = theirs.post(f"{path}/decide", {"agree": True}).json()
    assert (agreed["state"], agreed["decided_by"], agreed["most"]) == ("approved", str(leader), 3)
    assert theirs.get(f"{path}/file").status_code == 404  # its author's alone
    file = mine.get(f"{path}/file")
    lines = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))
    assert {line["电话"] for line in lines} == {f"138{n:08d}" for n in range(3)}
    assert mine.post(f"{path}/destroyed").json()["destroyed_on"]
    assert mine.post(f"{path}/destroyed").status_code == 422
    log = list(AuditEntry.objects.filter(kind="export").order_by("seq").values_list("said", flat=True))
    assert [one[:2] for one in log] == ["申请", "同意", "下载", "登记"]


def test_tokens_that_may_not_write_or_open(program, lin, leader, known):
    assert program(lin, may_write=False).post("exports", ASKED).status_code == 403
    closed = program(lin, may_reveal=False)
    assert closed.post("exports", ASKED).status_code == 403
    one = closed.post("exports", ASKED | {"full": False}).json()
    path = f"exports/{one['id']}"
    assert program(leader, may_reveal=False).post(f"{path}/decide", {"agree": True}).status_code == 403
    assert (
        program(leader, may_reveal=False, may_write=False).post(f"{path}/decide", {"agree": False}).status_code == 403
    )
    assert program(leader).post(f"{path}/decide", {"agree": True}).status_code == 200
    assert closed.get(f"{path}/file").status_code == 403
    elsewhere = program(lin, ledgers=["hazard"])
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.get("exports").json() == {"mine": [], "waiting": []}
    assert elsewhere.post("exports", ASKED).status_code == 404


def test_who_neither_asked_nor_approves_finds_nothing(program, lin, chen, wu, known):
    path = f"exports/{program(lin).post('exports', ASKED).json()['id']}"
    for other in (chen, wu):
        caller = program(other)
        assert caller.get("exports").json() == {"mine": [], "waiting": []}
        assert [caller.get(path).status_code, caller.get(f"{path}/file").status_code] == [404, 404]
        for act in ("decide", "withdraw", "destroyed"):
            assert caller.post(f"{path}/{act}", {"agree": True} if act == "decide" else {}).status_code == 404


def test_the_purposes_are_those_of_the_pages():
    assert get_args(PurposeCode) == tuple(Purpose.values)


def test_the_same_request_asks_once_and_a_wrong_one_says_why(program, lin, known):
    caller = program(lin)
    made = [caller.post("exports", ASKED, Idempotency_Key="a1").json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert ExportRequest.objects.count() == 1
    assert caller.post(f"exports/{made[0]}/withdraw").json()["state"] == "withdrawn"
    assert caller.post("exports", ASKED | {"purpose": "看看"}).status_code == 400
    assert caller.post("exports", ASKED | {"basis": "a"}).status_code == 400
    refused = caller.post("exports", ASKED | {"ledger": "site_none"})
    assert refused.status_code in (404, 422)
