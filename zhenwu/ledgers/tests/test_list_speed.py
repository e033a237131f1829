"""What keeps lists fast, without a clock: how often the database is asked, and by which index it finds the rows."""

import re
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers import known, listing
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.deadlines import deadline_fields, overdue, with_starts
from zhenwu.ledgers.known import Asked
from zhenwu.ledgers.listing import ListQuery
from zhenwu.ledgers.listpage import ListPage
from zhenwu.ledgers.operations import Draft, Edit
from zhenwu.ledgers.queries import counts_for, rows_in, scope_in
from zhenwu.packs import runtime

TODAY = date(2020, 6, 1)
FORM = Source(SourceKind.FORM)


def page_of(user, code, **said):
    ledger = runtime.ledger(code)
    return ListPage(ledger, scope_in(user, ledger), ListQuery(**said), user, TODAY)


def shown(page):
    return [one[3] for one in page.values]


def asked_of(user, code, **said):
    ledger = runtime.ledger(code)
    return Asked.of(ledger, scope_in(user, ledger), ListQuery(**said), user.pk, TODAY)


SESSION, USER, POSTS, CHAIN, ROWS, VILLAGES, COUNT = range(7)


@pytest.mark.parametrize(
    ("address", "warm", "cold"),
    [
        ("", 6, 7),  # session, user, posts, end of the chain, rows, villages; and the count after a commit
        ("?page=2&size=20", 6, 7),
        ("?since=2020-01-01&until=2020-02-01", 6, 7),
        ("?f_sector=消防&sort=signer", 6, 7),
        ("?q=陈青", 9, 11),  # how far the index is (2) and its last entry; counted among the first hits, then all
    ],
)
def test_a_page_costs_one_query_for_its_rows_and_counts_once_after_a_commit(
    live, lin, declaration, django_assert_num_queries, address, warm, cold
):
    for _ in range(3):
        declaration(lin)
    client, url = live(lin), reverse("ledgers:list", args=["site_none"]) + address
    client.get(url)
    with django_assert_num_queries(warm):
        client.get(url)
    declaration(lin)
    with django_assert_num_queries(cold):
        assert client.get(url).status_code == 200
    with django_assert_num_queries(warm):
        client.get(url)


def test_what_was_committed_stands_on_the_very_next_page(lin, declaration):
    first = declaration(lin)
    assert (page_of(lin, "site_none").total, page_of(lin, "site_none", q="陈青").total) == (1, 1)
    second = declaration(lin, signer="吴岸")
    assert shown(page_of(lin, "site_none")) == [second.no, first.no]
    assert page_of(lin, "site_none").total == 2
    assert [page_of(lin, "site_none", q=q).total for q in ("陈青", "吴岸")] == [1, 1]
    commit(Draft("site_none", lin, [Edit(first.pk, 1, {"signer": "吴岸"})], FORM, today=TODAY))
    assert [page_of(lin, "site_none", q=q).total for q in ("陈青", "吴岸")] == [0, 2]


def test_a_name_that_changes_elsewhere_changes_what_words_find(lin, add_row, places):
    said = {"kind": "党支部", "domain": "村", "founded": date(2001, 7, 1)}
    above = add_row(lin, "party_branch", places["青山村"], name="青山村党总支", **said)
    add_row(lin, "party_branch", places["青山村"], name="一组党支部", parent=above.pk, **said)
    assert page_of(lin, "party_branch", q="党总支").total == 2
    commit(Draft("party_branch", lin, [Edit(above.pk, 1, {"name": "联村党委"})], FORM, today=TODAY))
    assert [page_of(lin, "party_branch", q=q).total for q in ("党总支", "联村党委")] == [0, 2]


def test_few_rows_of_a_large_ledger_are_looked_for_once(monkeypatch, lin, chen, declaration, django_assert_num_queries):
    """Their ids are kept until the next commit: every page and order of them is found by these, in the reader's scope."""
    monkeypatch.setattr(known, "_LARGE", 0)
    kept = [declaration(lin, sector="燃气"), declaration(lin, "河口村", sector="燃气")]
    declaration(lin)
    page_of(lin, "site_none", filters=(("sector", "燃气"),))
    with django_assert_num_queries(2):  # the end of the chain, the rows by their ids
        page = page_of(lin, "site_none", filters=(("sector", "燃气"),), sort="no")
    assert shown(page) == [one.no for one in kept]
    assert shown(page_of(chen, "site_none", filters=(("sector", "燃气"),))) == [kept[0].no]
    commit(Draft("site_none", lin, [Edit(kept[1].pk, 1, {"sector": "消防"})], FORM, today=TODAY))
    assert shown(page_of(lin, "site_none", filters=(("sector", "燃气"),))) == [kept[0].no]


@pytest.mark.parametrize("q", ["青", "一组", "党 一", "PB-2020", "2020-0", "党总支部", "组（一"])
def test_words_of_very_many_rows_find_the_same_row_by_row(lin, add_row, places, q):
    for name in ("青山村一组党支部", "一组党支部", "青山村党总支", "二组党小组", "联村党委（一组（一））"):
        add_row(lin, "party_branch", places["青山村"], name=name, kind="党支部", domain="村", founded=date(2001, 7, 1))
    asked = asked_of(lin, "party_branch", q=q)
    assert asked.by_index
    assert set(asked.rows(dense=True)) == set(asked.rows()) == set(asked.rows(most=1000))


def test_more_than_is_counted_is_said_so(monkeypatch, lin, declaration):
    for module in (known, listing):
        monkeypatch.setattr(module, "COUNT_CAP", 2)
    monkeypatch.setattr("zhenwu.ledgers.queries.COUNT_CAP", 2)
    monkeypatch.setattr("zhenwu.ledgers.listpage.COUNT_CAP", 2)
    rows = [declaration(lin) for _ in range(4)]
    for said in ({}, {"q": "陈青"}):
        page = page_of(lin, "site_none", **said)
        assert (page.total, page.pager()["total_text"]) == (None, "2+")
        assert shown(page) == [one.no for one in reversed(rows)]
    assert counts_for(lin)["site_none"].rows_text == "2+"


def test_days_sort_the_list_by_day_unless_told_otherwise(live, lin, declaration):
    late, early = declaration(lin, signed_on=date(2020, 3, 9)), declaration(lin, signed_on=date(2020, 3, 2))
    page = live(lin).get(reverse("ledgers:list", args=["site_none"]) + "?since=2020-03-01").context["page"]
    assert shown(page) == [late.no, early.no]
    assert page.query.url() == "?since=2020-03-01"
    page = live(lin).get(reverse("ledgers:list", args=["site_none"]) + "?since=2020-03-01&sort=-no").context["page"]
    assert shown(page) == [early.no, late.no]
    assert page.query.url() == "?since=2020-03-01&sort=-no"


# how the database finds the rows


@pytest.fixture
def plan(db):
    """`plan(rows)` → the steps by which the database finds them, with every index at its disposal and no table so small
    that it would rather read all of it."""

    def steps(rows) -> str:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_sort = off")
        return str(rows.explain())

    return steps


def assert_indexed(said: str, table: str, *names: str) -> None:
    """One of the indexes is used, and the table is read in no other way."""
    assert any(name in said for name in names), said
    assert not re.search(rf"SCAN {table}(?! USING)|Seq Scan on {table}", said), said


def no_sort(said: str) -> None:
    assert "USE TEMP B-TREE" not in said, said
    assert not re.search(r"^\s*(->)?\s*Sort", said, re.MULTILINE), said


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ({}, "_no_"),
        ({"page": 40}, "_no_"),
        ({"review": "submitted"}, "hazard_rn_ix"),
        ({"state": "fixing"}, "hazard_sn_ix"),
        ({"since": date(2020, 3, 1), "until": date(2020, 3, 31), "sort": "-found_on"}, "hazard_mn_ix"),
    ],
)
def test_a_page_is_read_from_an_index_in_its_order(lin, plan, said, index):
    asked, query = asked_of(lin, "hazard", **said), ListQuery(**said)
    rows = asked.page_rows(query.sort, query.page, query.size, False, False, None)
    steps = plan(rows)
    number = "sqlite_autoindex_lg_hazard_2" if connection.vendor == "sqlite" else "lg_hazard_no_"
    assert_indexed(steps, "lg_hazard", number if index == "_no_" else index)
    no_sort(steps)


def test_postgresql_is_asked_for_the_column_itself_whose_share_it_knows(lin):
    sql = str(rows_in(runtime.ledger("hazard"), scope_in(lin, runtime.ledger("hazard"))).query)
    assert ("+" in sql) == (connection.vendor == "sqlite"), sql


def test_a_place_is_found_by_its_index(lin, places, plan):
    asked = asked_of(lin, "hazard", place=places["青山村"].pk)
    steps = plan(asked.page_rows("-no", 1, 50, False, False, None))
    assert_indexed(steps, "lg_hazard", "hazard_dn_ix")
    no_sort(steps)


def test_a_village_reads_its_own_rows_by_the_index_of_places(chen, plan):
    asked = asked_of(chen, "hazard")
    assert asked.scope.places
    assert_indexed(plan(asked.page_rows("-no", 1, 50, False, False, None)), "lg_hazard", "hazard_dn_ix")


@pytest.mark.parametrize("code", ["hazard", "eco_issue", "gov_project"])
def test_overdue_rows_are_found_by_the_states_that_have_a_deadline(lin, plan, code):
    ledger = runtime.ledger(code)
    assert deadline_fields(ledger)
    rows = with_starts(ledger, rows_in(ledger, scope_in(lin, ledger))).filter(overdue(ledger, on=TODAY))
    names = [index.name for index in ledger.model._meta.indexes if index.fields[0] == "state"]
    assert_indexed(plan(rows.order_by().values("pk")), ledger.model._meta.db_table, *names)


def test_work_under_way_is_found_by_the_index_of_review(lin, plan):
    rows = rows_in(runtime.ledger("hazard"), scope_in(lin, runtime.ledger("hazard")))
    mine = rows.filter(review__in=(Review.DRAFT, Review.RETURNED), created_by=lin)
    assert_indexed(plan(mine.order_by().values("pk")), "lg_hazard", "hazard_rn_ix")


def test_words_are_found_by_the_index_of_pieces(lin, declaration, plan):
    declaration(lin)
    steps = plan(asked_of(lin, "site_none", q="陈青").rows().order_by("-no"))
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE INDEX" in steps
        assert "sqlite_autoindex_lg_site_none_1 (id=?)" in steps
    else:
        assert "searchgrams" in steps
    assert not re.search(r"SCAN lg_site_none|Seq Scan on lg_site_none", steps), steps


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="reads the plans that SQLite makes of each statement")
def test_a_commit_reads_no_history_but_what_it_wrote(lin, declaration, django_assert_max_num_queries):
    """Or one row would take the longer the more its ledger holds."""
    declaration(lin)
    with django_assert_max_num_queries(100) as asked:
        declaration(lin)
    reading = [one["sql"] for one in asked.captured_queries if re.match(r'SELECT .*FROM "changes_history"', one["sql"])]
    assert reading
    for sql in reading:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
            steps = [step[3] for step in cursor.fetchall()]
        assert all(re.search(r"\(ledger=\? AND (seq|row)|change_id=\?|rowid=\?", step) for step in steps), (sql, steps)


def test_every_ledger_has_the_indexes_that_its_pages_ask_for():
    for code, ledger in runtime.ledgers().items():
        if ledger.spec.model:
            continue
        found = {tuple(index.fields) for index in ledger.model._meta.indexes}
        wanted = {("division", "no"), ("review", "no")}
        wanted |= {("state", "no")} if ledger.lifecycle else set()
        own = {field: "created_at" if field == "state_since" else field for field in deadline_fields(ledger)}
        wanted |= {("state", own[field]) for field in own if own[field] == "created_at" or field in ledger.stored}
        assert found >= wanted, code
