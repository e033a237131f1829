"""A grid of rows: what is typed or pasted is read as an import reads it, saved as one change or not at all."""

import json
from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.packs import runtime

FORM = Source(SourceKind.FORM)
URL = "/ledgers/site_none/grid/"


@pytest.fixture
def saving(live):
    """`saving(user, rows, ledger="site_none")` posts typed rows [(key, no, version, cells)] and returns (status, answer)."""

    def save(user, rows, ledger: str = "site_none"):
        said = [dict(zip(("key", "no", "version", "cells"), one, strict=True)) for one in rows]
        answer = live(user).post(
            f"/ledgers/{ledger}/grid/save/", json.dumps({"rows": said}), content_type="application/json"
        )
        return answer.status_code, answer.json() if "json" in answer["Content-Type"] else None

    return save


def page(live, user, url: str = URL):
    return live(user).get(url).context["data"]


def rows_of(ledger: str = "site_none"):
    return runtime.model_for(ledger).objects.unscoped("test").order_by("no")


NEW = {"division": "青山村", "sector": "消防", "for_year": "2020", "signer": "陈青", "signed_on": "2020年1月5日"}


def test_pasted_rows_become_one_change(saving, lin):
    status, said = saving(
        lin, [("new-1", "", 0, NEW), ("new-2", "", 0, NEW | {"division": "河口村", "signer": "吴岸"})]
    )
    assert (status, said["saved"]) == (200, 2)
    assert [(row.division.name, row.signer, row.signed_on, row.review) for row in rows_of()] == [
        ("青山村", "陈青", date(2020, 1, 5), "draft"), ("河口村", "吴岸", date(2020, 1, 5), "draft")
    ]  # fmt: skip
    assert Change.objects.latest("pk").ledgers == {"site_none": 2}


def test_only_changed_cells_are_sent_and_an_emptied_one_is_emptied(saving, lin, declaration, live):
    row = declaration(lin, note="原注")
    shown = page(live, lin)["rows"]
    assert [(one["no"], one["cells"]["signer"], one["cells"]["division"]) for one in shown] == [
        (row.no, "陈青", "青山村")
    ]
    status, _ = saving(lin, [(str(row.pk), row.no, 1, {"signer": "吴岸"})])
    row.refresh_from_db()
    assert (status, row.signer, row.version, row.sector) == (200, "吴岸", 2, "消防")
    status, said = saving(lin, [(str(row.pk), row.no, 2, {"signer": " "})])
    row.refresh_from_db()
    assert (row.signer, status) in ((None, 200), ("吴岸", 422))  # a required field says so
    assert status == 200 or said["problems"][0][:2] == [str(row.pk), "signer"]


def test_every_problem_is_told_at_its_cell_and_nothing_is_saved(saving, lin):
    bad = NEW | {"division": "无名村", "signed_on": "去年底"}
    status, said = saving(lin, [("new-1", "", 0, NEW), ("new-2", "", 0, bad)])
    assert status == 422
    assert {(key, field) for key, field, _ in said["problems"]} == {("new-2", "division"), ("new-2", "signed_on")}
    assert not any(message.startswith("第") for _, _, message in said["problems"])
    assert rows_of().count() == 0


def test_a_row_that_another_changed_meanwhile_is_not_overwritten(saving, lin, declaration):
    row = declaration(lin)
    commit(Draft("site_none", lin, [Edit(row.pk, 1, {"signer": "周一"})], FORM, today=date(2020, 6, 1)))
    status, said = saving(lin, [(str(row.pk), row.no, 1, {"signer": "吴岸"})])
    assert status == 422
    assert "刚刚被他人改过" in said["problems"][0][2]
    assert rows_of().get().signer == "周一"


def test_a_new_row_that_is_there_already_is_not_written_over(saving, lin):
    assert saving(lin, [("new-1", "", 0, NEW)])[0] == 200
    status, said = saving(lin, [("new-1", "", 0, NEW | {"signer": "吴岸"})])
    if runtime.ledger("site_none").spec.key:
        assert status == 422
        assert "已有这条记录" in said["problems"][0][2]


def test_a_village_types_into_its_own_rows_only(saving, live, lin, chen, wu, declaration):
    row = declaration(lin)
    approved = declaration(lin, review="approved", sector="食品药品")
    assert [(one["no"], one["open"]) for one in page(live, chen)["rows"]] == [(approved.no, False), (row.no, True)]
    assert page(live, wu)["rows"] == []
    assert saving(wu, [(str(row.pk), row.no, 1, {"signer": "吴岸"})])[0] == 422
    assert saving(wu, [("new-1", "", 0, NEW)])[0] == 422
    assert saving(chen, [("new-1", "", 0, NEW | {"sector": "道路交通"})])[0] in (200, 422)
    assert rows_of().get(pk=row.pk).signer == "陈青"


def test_personal_numbers_are_masked_and_stay_when_not_typed(saving, live, lin, person):
    one = person(lin, phone="13800001234")
    cells = page(live, lin, "/ledgers/person/grid/")["rows"][0]["cells"]
    assert "13800001234" not in json.dumps(cells)
    assert saving(lin, [(str(one.pk), one.no, 1, {"name": "陈二"})], "person")[0] == 200
    stored = rows_of("person").get()
    assert (stored.name, runtime.ledger("person").types["phone"].from_row(stored)) == ("陈二", "13800001234")


def test_nonsense_is_refused(live, lin, leader):
    for body in (
        "",
        "[]",
        '{"rows": 3}',
        '{"rows": [{"key": "a"}]}',
        '{"rows": [{"key":"a","no":"","version":"x","cells":{}}]}',
    ):
        answer = live(lin).post(URL + "save/", body, content_type="application/json")
        assert answer.status_code == 400, body
    assert live(leader).get(URL).status_code in (200, 404)
