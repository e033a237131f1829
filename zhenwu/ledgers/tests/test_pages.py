"""Who sees which page, and what the list and the row page show."""

import re
from datetime import date

import pytest
from django.urls import reverse

from zhenwu.packs import runtime

HERE = ["chen", "lin", "leader"]
NOT_HERE = ["wu"]


def url(name, *args):
    return reverse(f"ledgers:{name}", args=args)


@pytest.mark.parametrize("name", ["index", "list", "row", "history", "edit", "change"])
def test_nobody_sees_anything_without_logging_in(client, chen, declaration, name):
    row = declaration(chen)
    args = {"index": [], "list": ["site_none"], "change": [row.change_id]}.get(name, ["site_none", row.pk])
    answer = client.get(url(name, *args))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


ROW_PAGES = ["row", "history", "edit"]


@pytest.mark.parametrize("who", ["chen", "lin", "leader", "wu", "admin"])
def test_the_row_is_there_for_its_village_and_the_township_and_for_nobody_else(
    request, live, chen, lin, declaration, who
):
    row = declaration(chen, signer="签字的人")
    client = live(request.getfixturevalue(who))
    answer = client.get(url("row", "site_none", row.pk))
    if who in ("wu", "admin"):
        assert answer.status_code == 404
        assert client.get(url("history", "site_none", row.pk)).status_code == 404
        assert client.post(url("review", "site_none", row.pk, "void"), {"reason": "x", "version": 1}).status_code == 404
        assert client.get(url("change", row.change_id)).status_code == 404
        assert client.post(url("undo", row.change_id), {"reason": "x"}).status_code == 404
        row.refresh_from_db()
        assert not row.is_void
    else:
        assert answer.status_code == 200
        assert "签字的人" in answer.content.decode()
        assert client.get(url("history", "site_none", row.pk)).status_code == 200
        assert client.get(url("change", row.change_id)).status_code == 200


def test_the_list_holds_only_rows_of_ones_own_places(live, chen, wu, lin, admin, declaration):
    mine, theirs = declaration(chen), declaration(wu, "河口村")
    page = live(chen).get(url("list", "site_none")).content.decode()
    assert mine.no in page
    assert theirs.no not in page
    page = live(wu).get(url("list", "site_none")).content.decode()
    assert theirs.no in page
    assert mine.no not in page
    page = live(lin).get(url("list", "site_none")).content.decode()
    assert mine.no in page
    assert theirs.no in page
    assert live(admin).get(url("list", "site_none")).status_code == 404


def test_a_leader_reads_and_can_not_enter(live, leader, chen, declaration):
    row = declaration(chen)
    client = live(leader)
    assert client.get(url("new", "site_none")).status_code == 404
    assert client.get(url("import", "site_none")).status_code == 404
    assert client.get(url("template", "site_none")).status_code == 404
    assert "新增" not in client.get(url("list", "site_none")).content.decode()
    assert client.get(url("row", "site_none", row.pk)).status_code == 200


def test_what_was_typed_into_a_row_is_never_markup_in_the_list(live, chen, lin, declaration):
    bad = "<script>alert(1)</script>\"'><img src=x>"
    row = declaration(chen, signer=bad)
    for page in (url("list", "site_none"), url("row", "site_none", row.pk), url("history", "site_none", row.pk),
                 url("change", row.change_id), url("list", "site_none") + "?q=%3Cscript%3E", url("index") + "?q=script"):  # fmt: skip
        body = live(lin).get(page).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body
    assert "&lt;script&gt;" in live(lin).get(url("list", "site_none")).content.decode()


def test_the_list_filters_sorts_and_finds(live, lin, declaration):
    fire = declaration(lin, sector="消防", signer="赵甲", for_year=2020, signed_on=date(2020, 3, 1))
    gas = declaration(lin, "河口村", sector="燃气", signer="钱乙", for_year=2019, signed_on=date(2019, 3, 1))
    client = live(lin)

    def numbers(query):
        page = client.get(url("list", "site_none") + query).content.decode()
        return re.findall(r'<td class="title fit"><a [^>]*>([A-Z]+-\d{4}-\d+)</a>', page)

    assert numbers("") == [fire.no, gas.no]
    assert numbers("?sort=no") == [gas.no, fire.no]
    assert numbers("?sort=signed_on") == [gas.no, fire.no]
    assert numbers("?f_sector=燃气") == [gas.no]
    assert numbers("?q=赵甲") == [fire.no]
    assert numbers(f"?place={gas.division_id}") == [gas.no]
    assert numbers("?since=2020-01-01") == [fire.no]
    assert numbers("?until=2019-12-31") == [gas.no]
    assert numbers("?review=submitted") == []
    assert numbers("?f_sector=不存在&sort=no;drop&page=x&size=7") == [fire.no, gas.no]


def test_a_multiple_choice_is_found_by_each_of_its_values(db):
    """On a JSON list that the database already has, since no shipped ledger has a multiple choice."""
    from zhenwu.accounts.models import Unit
    from zhenwu.ledgers.conditions import field_condition
    from zhenwu.packs.spec import FieldSpec
    from zhenwu.packs.types import field_type

    Unit.objects.create(label="甲", lines=["消防", "party"])
    Unit.objects.create(label="乙", lines=["燃气"])
    kind = field_type(
        FieldSpec(id=1, code="lines", label="条线", type="multichoice", options=("消防", "燃气", "party"))
    )
    for value, found in (("消防", ["甲"]), ("party", ["甲"]), ("燃气", ["乙"])):
        assert list(Unit.objects.filter(field_condition(kind, value)).values_list("label", flat=True)) == found


def test_voided_rows_are_shown_only_when_asked_for(live, lin, declaration):
    row = declaration(lin)
    client = live(lin)
    client.post(url("review", "site_none", row.pk, "void"), {"reason": "重复", "version": 1})
    assert str(row.pk) not in client.get(url("list", "site_none")).content.decode()
    shown = client.get(url("list", "site_none") + "?voided=1").content.decode()
    assert row.no in shown
    assert "is-voided" in shown


def test_the_list_asks_the_database_a_fixed_number_of_times(live, lin, declaration, django_assert_num_queries):
    client = live(lin)
    for n in range(30):
        declaration(lin, signer=f"人{n}", for_year=2000 + n)
    client.get(url("list", "site_none"))
    with django_assert_num_queries(6):  # session, user, appointments, count, rows, villages
        client.get(url("list", "site_none"))


def test_a_changed_filter_is_answered_with_the_list_alone(live, lin, declaration):
    row = declaration(lin)
    answer = live(lin).get(url("list", "site_none") + "?q=&mine=1", headers={"HX-Request": "true", "HX-Target": "list"})
    body = answer.content.decode()
    assert body.lstrip().startswith('<div id="list">')
    assert row.no in body
    assert answer["HX-Push-Url"] == "/ledgers/site_none/?mine=1"
    assert "HX-Request" in answer["Vary"]


def test_a_personal_number_is_masked_and_opened_only_on_a_purpose_that_is_kept(live, lin, chen, person):
    from zhenwu.ledgers.models import Reveal

    row = person(chen, idno="519999195302141012", birth=None, sex=None)
    client = live(lin)
    for page in (url("list", "person"), url("row", "person", row.pk), url("history", "person", row.pk),
                 url("edit", "person", row.pk), url("change", row.change_id)):  # fmt: skip
        assert "519999195302141012" not in client.get(page).content.decode()
    address = url("reveal", "person", row.pk, "idno")
    assert "519999195302141012" not in client.get(address).content.decode()
    assert client.post(address, {"purpose": "核对参保信息"}).status_code == 422
    assert Reveal.objects.count() == 0
    assert "519999195302141012" in client.post(address, {"purpose": "P1", "note": "核对参保信息"}).content.decode()
    kept = Reveal.objects.get()
    assert (kept.by, kept.row, kept.field, kept.purpose, kept.why) == (
        lin,
        row.pk,
        "idno",
        "P1",
        "待遇审核：核对参保信息",
    )
    assert client.post(url("reveal", "person", row.pk, "name"), {"purpose": "P1"}).status_code == 404


def test_a_field_of_a_class_that_the_role_may_not_see_is_nowhere(live, lin, chen, leader, person):
    row = person(lin, guardian=None)
    secret = next(
        kind for kind in runtime.ledger("person").stored.values() if kind.spec.privacy == "S3" and kind.writable
    )
    for who, seen in ((lin, True), (leader, False), (chen, False)):
        body = live(who).get(url("row", "person", row.pk)).content.decode()
        assert (f"<dt>{secret.label}</dt>" in body) is seen


def test_the_index_counts_what_one_may_see(live, chen, wu, admin, declaration):
    declaration(chen)
    declaration(wu, "河口村")
    counts = live(chen).get(url("index")).context["lines"]
    site = next(one for line in counts for one in line["ledgers"] if one["ledger"].code == "site_none")
    assert (site["counts"].rows, site["counts"].my_drafts) == (1, 1)
    assert live(admin).get(url("index")).context["lines"] == []


def test_a_row_page_asks_no_more_for_more_rows_that_refer_to_it(live, chen, lin, person):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    father = person(chen, name="陈父")
    client = live(lin)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(url("row", "person", father.pk))
        return len(queries)

    person(chen, name="陈一", father=father.pk)
    before = asked()
    for n in range(8):
        person(chen, name=f"陈{n}", father=father.pk)
    assert asked() == before
    more = f"{url('list', 'person')}?f_father={father.pk}"
    assert more in client.get(url("row", "person", father.pk)).content.decode()
    assert client.get(more).context["page"].total == 9


def test_counts_are_taken_again_after_every_change(live, chen, declaration):
    client = live(chen)

    def drafts():
        return sum(one["counts"].my_drafts for one in client.get(url("index")).context["drafts"])

    assert drafts() == 0
    row = declaration(chen)
    assert drafts() == 1
    client.post(url("review", "site_none", row.pk, "submit"), {"version": 1})
    assert drafts() == 0


def test_what_waits_for_review_is_counted_for_who_reviews_it_and_not_for_who_entered_it(live, chen, lin, declaration):
    declaration(chen, review="submitted")
    declaration(lin, "河口村", review="submitted")
    waiting = live(lin).get(url("index")).context["waiting"]
    assert [(one["ledger"].code, one["counts"].waiting) for one in waiting] == [("site_none", 1)]
    assert live(chen).get(url("index")).context["waiting"] == []
