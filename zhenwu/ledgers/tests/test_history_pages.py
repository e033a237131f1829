"""Two versions side by side, restoring one, the list of changes with its filters, and what undoing would do."""

import json

import pytest

from zhenwu.changes.models import Change, History, Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.ledgers.story import compared
from zhenwu.ledgers.transitions import FORM
from zhenwu.packs import runtime
from zhenwu.packs.models import Applied


@pytest.fixture
def edited(declaration, chen):
    """A row of two versions: the signer was changed."""
    row = declaration(chen)
    commit(Draft("site_none", chen, [Edit(row.pk, 1, {"signer": "陈二"})], FORM, "写错了"))
    row.refresh_from_db()
    return row


def url(row, rest=""):
    return f"/ledgers/site_none/{row.pk}/{rest}"


def test_two_versions_side_by_side(live, chen, wu, edited):
    page = live(chen).get(url(edited, "compare/?a=1&b=2"))
    assert [(line.label, line.a, line.b) for line in page.context["lines"]] == [("签字人", "陈青", "陈二")]
    whole = live(chen).get(url(edited, "compare/?a=2&b=1&all=1"))
    assert (whole.context["a"].version, len(whole.context["lines"]) > 4) == (1, True)
    assert live(chen).get(url(edited, "compare/?a=1&b=9")).status_code == 404
    assert live(wu).get(url(edited, "compare/?a=1&b=2")).status_code == 404
    assert live(chen).get(url(edited, "history/")).content.decode().count('name="a"') == 2


def test_restoring_from_the_comparison(live, chen, edited):
    page = live(chen).get(url(edited, "compare/?a=1&b=2"))
    assert page.context["may_restore"]
    done = live(chen).post(url(edited, "restore/1/"), {"version": 2, "reason": "原来是对的"})
    assert done.status_code == 302
    edited.refresh_from_db()
    assert (edited.signer, edited.version, edited.change.reason) == ("陈青", 3, "原来是对的")


def test_values_of_an_older_pack_are_shown_as_they_were_recorded(chen, edited):
    """A field that is gone, by the label it had; a value that the type of today does not read, as it stands."""
    ledger = runtime.ledger("site_none")
    newest = Applied.objects.order_by("-pk").first()
    dump = json.loads(json.dumps(newest.dump))
    pack = next(one for one in dump["packs"] if one["ledger"]["code"] == "site_none")
    pack["field"] += [
        {"code": "old_name", "label": "旧栏", "privacy": "S0"},
        {"code": "secret", "label": "密", "privacy": "S3"},
    ]
    Applied.objects.filter(pk=newest.pk).update(dump=dump)
    a, b = History.objects.filter(row=edited.pk).select_related("change").order_by("version")
    said = json.loads(a.values) | {"old_name": "从前的话", "secret": "某某", "signed_on": "不是日期"}
    a.values = json.dumps(said)
    from zhenwu.ledgers.queries import scope_in

    lines = {line.label: line for line in compared(ledger, scope_in(chen, ledger), a, b)}
    assert (lines["旧栏"].a, lines["旧栏"].is_retired) == ("从前的话", True)
    assert "某某" not in lines["密"].a
    assert lines["签字日期"].a == "不是日期"


def test_changes_are_found_by_ledger_person_period_and_source(live, chen, wu, lin, edited, declaration):
    declaration(wu, "河口村")
    Change.objects.filter(author=wu).update(source_kind=SourceKind.IMPORT)

    def found(user, query):
        return [one.author.username for one, *_ in live(user).get(f"/ledgers/changes/?{query}").context["changes"]]

    assert found(lin, "") == ["wu", "chen", "chen"]
    assert found(lin, "who=陈青") == ["chen", "chen"]
    assert found(lin, "kind=import") == ["wu"]
    assert found(lin, "ledger=site_none&until=2001-01-01") == []
    assert found(lin, "ledger=hazard") == []
    assert found(chen, "") == ["chen", "chen"]  # a village's people know of their own
    assert [one for one, *_ in live(lin).get("/ledgers/site_none/changes/?who=吴岸").context["changes"]]
    assert live(lin).get("/ledgers/changes/?since=x&kind=y&before=z&ledger=w").status_code == 200


def test_undoing_says_first_what_it_does(live, chen, edited, declaration):
    page = live(chen).get(f"/ledgers/changes/{edited.change_id}/undo/")
    ((row, _, entry, later),) = page.context["blocks"][0]["rows"]
    assert (row.pk, entry.act, later, page.context["problems"]) == (edited.pk, "恢复", False, [])
    assert [(one.was, one.now) for one in entry.differences] == [("陈二", "陈青")]
    edited.refresh_from_db()
    assert edited.signer == "陈二"  # nothing was written
    first = History.objects.get(row=edited.pk, version=1).change_id
    page = live(chen).get(f"/ledgers/changes/{first}/undo/")
    assert page.context["blocks"][0]["rows"][0][3]
    assert "又改过" in page.context["problems"][0]
    without = live(chen).post(f"/ledgers/changes/{edited.change_id}/undo/", {"reason": " "})
    assert without.url.endswith("/undo/")
    live(chen).post(f"/ledgers/changes/{edited.change_id}/undo/", {"reason": "改错了"})
    edited.refresh_from_db()
    assert edited.signer == "陈青"
    assert Review(edited.review) == Review.DRAFT
