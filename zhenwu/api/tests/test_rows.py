"""Rows through the API: the same rows, rules and rights as on the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhenwu.accounts.models import Unit
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS

ROWS = "ledgers/site_none/rows"
VALUES = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": "2020-01-05"}


@pytest.fixture
def mine(program, chen):
    return program(chen)


def added(caller, places, village="青山村", **said):
    body = {"values": VALUES, "division": str(places[village].pk)} | said
    return caller.post(ROWS, body)


def test_a_row_is_added_read_changed_and_listed(mine, places):
    made = added(mine, places)
    assert made.status_code == 201, made.json()
    row = made.json()["rows"][0]
    assert made["Location"] == f"/api/{ROWS}/{row['id']}"
    got = mine.get(made["Location"])
    assert got["ETag"] == '"1"'
    said = got.json()
    assert {code: said["values"][code] for code in VALUES} == VALUES
    assert (said["texts"]["division"], said["review"], said["voided"]) == ("青山村", "draft", False)
    done = mine.patch(f"{ROWS}/{row['id']}", {"values": {"signer": "陈绿"}, "version": 1, "reason": "签字人写错"})
    assert done.status_code == 200, done.json()
    assert done.json()["rows"][0]["version"] == 2
    page = mine.get(f"{ROWS}?signer__contains=绿&for_year__ge=2020&sector=消防&sort=-signed_on").json()
    assert ([one["id"] for one in page["rows"]], page["total"]) == ([row["id"]], 1)
    assert mine.get(f"{ROWS}?for_year__ge=2021").json()["rows"] == []
    kept = mine.get(f"{ROWS}/{row['id']}/versions").json()["versions"]
    assert [(one["version"], one["reason"], one["source"]) for one in kept] == [
        (2, "签字人写错", "接口"),
        (1, "", "接口"),
    ]


def test_what_others_have_does_not_exist(mine, program, wu, places):
    row = added(mine, places).json()["rows"][0]
    other = program(wu)
    assert other.get(ROWS).json()["rows"] == []
    for answer in (
        other.get(f"{ROWS}/{row['id']}"),
        other.patch(f"{ROWS}/{row['id']}", {"values": {}, "version": 1}),
        other.post(f"{ROWS}/{row['id']}/void", {"version": 1, "reason": "乱改"}),
        other.get(f"{ROWS}/{row['id']}/versions"),
        other.get("ledgers/no_such/rows"),
    ):
        assert answer.status_code == 404, answer.content
        assert answer["Content-Type"] == "application/problem+json"
    refused = other.post("ledgers/site_none/batch", {"operations": [{"op": "void", "row": row["id"], "version": 1}]})
    assert refused.status_code == 422
    assert "找不到这条记录" in refused.json()["detail"]


def test_all_problems_come_at_once_with_their_labels(mine, places):
    answer = added(mine, places, values={"sector": "没有", "for_year": "二〇二〇", "nothing": 1}, review="submitted")
    assert answer.status_code == 400
    said = {one["field"]: one for one in answer.json()["problems"]}
    assert set(said) == {"sector", "for_year", "nothing"}
    label = runtime.ledger("site_none").types["for_year"].label
    assert (said["for_year"]["label"], label in said["for_year"]["message"]) == (label, True)
    refused = added(mine, places, values={}, review="submitted")
    assert refused.status_code == 422
    assert len(refused.json()["problems"]) >= 3


def test_a_change_needs_the_version_that_was_read(mine, places):
    row = added(mine, places).json()["rows"][0]
    path = f"{ROWS}/{row['id']}"
    assert mine.patch(path, {"values": {"signer": "甲"}}).status_code == 428
    assert mine.patch(path, {"values": {"signer": "甲"}}, If_Match='"1"').status_code == 200
    stale = mine.patch(path, {"values": {"signer": "乙"}}, If_Match='"1"')
    assert stale.status_code == 409
    assert (stale.json()["current"]["version"], stale.json()["current"]["values"]["signer"]) == (2, "甲")
    assert mine.patch(path, {"values": {}, "version": 2}, If_Match='"3"').status_code == 422


def test_sending_what_is_there_already_changes_nothing(mine, places):
    row = added(mine, places).json()["rows"][0]
    same = mine.patch(f"{ROWS}/{row['id']}", {"values": VALUES, "version": 1}).json()
    assert (same["change"], same["rows"][0]["version"]) == (None, 1)


def test_review_goes_its_way_and_nobody_approves_his_own(mine, program, lin, places):
    row = added(mine, places, review="submitted").json()["rows"][0]
    office = program(lin)
    back = office.post(f"{ROWS}/{row['id']}/return", {"version": 1, "reason": "签字日期不对"})
    assert back.json()["rows"][0]["review"] == "returned"
    assert mine.post(f"{ROWS}/{row['id']}/approve", {"version": 2}).status_code == 403
    mine.patch(f"{ROWS}/{row['id']}", {"values": {"signed_on": "2020-01-06"}, "version": 2})
    mine.post(f"{ROWS}/{row['id']}/submit", {"version": 3})
    done = office.post(f"{ROWS}/{row['id']}/approve", {"version": 4})
    assert done.json()["rows"][0]["review"] == "approved"
    again = office.post(f"{ROWS}/{row['id']}/versions/restore", {"version": 5, "to": 1, "reason": "试"})
    assert again.json()["rows"][0]["version"] == 6


def test_a_batch_is_written_whole_or_not_at_all(mine, places):
    place = str(places["青山村"].pk)
    first, second = (added(mine, places).json()["rows"][0] for _ in range(2))
    add = {"op": "add", "values": VALUES, "division": place}
    operations = [
        {"op": "void", "row": first["id"], "version": 1},
        add,
        {"op": "edit", "row": second["id"], "version": 1, "values": {"signer": "甲"}},
    ]
    refused = mine.post("ledgers/site_none/batch", {"operations": operations})
    assert refused.status_code == 422  # voiding needs a reason
    assert refused.json()["problems"][0]["at"] == 0
    assert mine.get(ROWS).json()["total"] == 2
    done = mine.post("ledgers/site_none/batch", {"operations": operations, "reason": "核对后整理"})
    said = done.json()["rows"]
    assert [said[0]["id"], said[2]["id"]] == [first["id"], second["id"]]
    assert [one["version"] for one in said] == [2, 1, 2]
    assert [one["voided"] for one in said] == [True, False, False]
    undone = mine.post(f"changes/{done.json()['change']}/undo", {"reason": "整理错了"})
    assert undone.status_code == 200, undone.json()
    assert {one["id"] for one in mine.get(ROWS).json()["rows"]} == {first["id"], second["id"]}


def test_a_lifecycle_step_is_taken(program, lin, places, add_row):
    ledger = runtime.ledger("eco_issue")
    row = add_row(lin, "eco_issue", places["青山村"])
    step = next(one for one in ledger.lifecycle.transition if row.state in one.from_ and "office" in one.who)
    needed = {code: _any_value(ledger.types[code], lin) for code in step.needs}
    office = program(lin)
    path = f"ledgers/eco_issue/rows/{row.pk}/steps"
    refused = office.post(f"{path}/{step.code}", {"version": 1})
    assert (refused.status_code == 422) is bool(needed)
    done = office.post(f"{path}/{step.code}", {"version": 1, "values": needed, "reason": "办理"})
    assert done.status_code == 200, done.json()
    assert done.json()["rows"][0]["state"] == step.to
    assert office.post(f"{path}/nothing", {"version": 2}).status_code == 422


def _any_value(kind, user):
    given = {"date": "2020-06-01", "user": user.pk, "text": "已安排", "longtext": "已安排"}
    return given.get(kind.spec.type) or kind.spec.options[0].value


def test_personal_numbers_are_hidden_until_a_purpose_is_given(program, chen, lin, person):
    from zhenwu.ledgers.models import Reveal

    one = person(chen, idno="11010519491231002X")
    caller = program(lin)
    listed = caller.get("ledgers/person/rows").json()["rows"][0]["values"]
    read = caller.get(f"ledgers/person/rows/{one.pk}").json()["values"]
    assert "1949" not in listed["idno"] + read["idno"]
    assert read["idno"].startswith("110105")
    path = f"ledgers/person/rows/{one.pk}/reveal"
    assert program(lin, may_reveal=False).post(path, {"field": "idno", "purpose": "P1"}).status_code == 403
    assert caller.post(path, {"field": "idno", "purpose": "核对"}).status_code == 400
    got = caller.post(path, {"field": "idno", "purpose": "P1", "note": "核对低保名单"})
    assert got.json() == {"value": "11010519491231002X"}
    assert Reveal.objects.get().why == "待遇审核：核对低保名单"


def test_fields_of_a_class_one_may_not_see_are_neither_read_nor_written(program, chen, lin, person):
    one = person(lin)
    caller = program(chen)
    assert "guardian" not in caller.get(f"ledgers/person/rows/{one.pk}").json()["values"]
    refused = caller.patch(f"ledgers/person/rows/{one.pk}", {"values": {"guardian": str(one.pk)}, "version": 1})
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "guardian"


def test_links_lead_only_to_rows_one_may_see(program, chen, lin, places, person):
    far = person(lin, "河口村", name="何远")
    near = person(lin, "青山村", name="陈近")
    caller = program(chen)
    place = str(places["青山村"].pk)
    refused = caller.post("ledgers/household/rows", {"values": {"head": str(far.pk)}, "division": place})
    assert refused.status_code == 422
    done = caller.post("ledgers/household/rows", {"values": {"head": str(near.pk)}, "division": place})
    assert done.status_code == 201, done.json()
    row = caller.get(done["Location"]).json()
    assert (row["values"]["head"], row["texts"]["head"]) == (str(near.pk), "陈近")


def test_walking_meets_every_row_once(mine, places):
    made = {added(mine, places).json()["rows"][0]["id"] for _ in range(7)}
    path, seen = f"{ROWS}?sort=id&size=3", []
    while path:
        page = mine.get(path).json()
        seen += [one["id"] for one in page["rows"]]
        path = page["next"]
    assert (len(seen), set(seen)) == (7, made)
    pages = [mine.get(f"{ROWS}?size=3&page={number}").json() for number in (1, 2, 3)]
    assert [len(one["rows"]) for one in pages] == [3, 3, 1]
    assert pages[2]["next"] is None


def test_a_filter_that_is_not_known_is_refused(mine, places):
    answer = mine.get(f"{ROWS}?sector__like=x&page=0&review=lost")
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["problems"]} == {"sector__like", "page", "review"}


def test_every_ledger_lists_and_takes_an_empty_draft(program, lin, places):
    Unit.objects.filter(label="综合办").update(lines=list(LINE_LABELS))
    caller = program(lin)
    for code, ledger in runtime.ledgers().items():
        place = None if ledger.spec.place == "town" else str(places["青山村"].pk)
        made = caller.post(f"ledgers/{code}/rows", {"values": {}, "division": place})
        if ledger.spec.changes_by and not ledger.spec.changes_by_fields:
            assert made.status_code == 422, code  # its rows come with the events of another ledger
            continue
        assert made.status_code == 201, (code, made.json())
        read = caller.get(made["Location"]).json()
        assert set(read["values"]) == set(ledger.stored) | set(ledger.computed) | set(ledger.children), code
        assert caller.get(f"ledgers/{code}/rows").json()["total"] == 1


def test_files_are_uploaded_written_and_downloaded(program, lin, wu, places):
    ledger, kind = next(
        (ledger, kind) for ledger in runtime.ledgers().values() for kind in ledger.stored.values()
        if kind.widget == "file" and ledger.spec.line == "safety" and ledger.spec.place != "town"
    )  # fmt: skip
    caller = program(lin)
    data = b"%PDF-1.4 demo"
    sent = caller.client.post(
        "/api/files", {"file": SimpleUploadedFile("证明.pdf", data)}, headers={"Authorization": f"Bearer {caller.text}"}
    )
    assert sent.status_code == 201, sent.content
    made = caller.post(
        f"ledgers/{ledger.code}/rows",
        {"values": {kind.code: [{"sha256": sent.json()["sha256"]}]}, "division": str(places["青山村"].pk)},
    )
    assert made.status_code == 201, made.json()
    path = f"{made['Location']}/files/{sent.json()['sha256']}"
    assert b"".join(caller.get(path).streaming_content) == data
    assert program(wu).get(path).status_code == 404


def test_attachments_of_a_row_are_written_read_and_cleared(program, lin, wu, places):
    caller = program(lin)
    sent = caller.client.post(
        "/api/files",
        {"file": SimpleUploadedFile("证明.pdf", b"%PDF-1.4 demo")},
        headers={"Authorization": f"Bearer {caller.text}"},
    )
    sha = sent.json()["sha256"]
    assert added(caller, places, files=[{"sha256": "0" * 64}]).status_code == 422
    made = added(caller, places, files=[{"sha256": sha}])
    assert made.status_code == 201, made.json()
    path = made["Location"]
    read = caller.get(path).json()
    assert [(one["sha256"], one["name"]) for one in read["files"]] == [(sha, "证明.pdf")]
    assert caller.get(ROWS).json()["rows"][0]["files"] == read["files"]
    assert b"".join(caller.get(f"{path}/files/{sha}").streaming_content) == b"%PDF-1.4 demo"
    assert program(wu).get(f"{path}/files/{sha}").status_code == 404

    assert caller.patch(path, {"note": "补记", "version": 1}).status_code == 200
    assert caller.patch(path, {"files": [{"sha256": sha}], "version": 2}).json()["change"] is None  # nothing differs
    assert caller.get(path).json()["files"] == read["files"]
    assert caller.patch(path, {"files": None, "version": 2}).status_code == 200
    assert caller.get(path).json()["files"] is None
