"""Words are found in every ledger that one may see, at once after a commit; personal data never by words."""

from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers import search_index
from zhenwu.ledgers.actions import commit, undo
from zhenwu.ledgers.listing import ListQuery, filtered
from zhenwu.ledgers.listpage import ListPage
from zhenwu.ledgers.models import SearchEntry
from zhenwu.ledgers.operations import Add, Draft, Edit, Void
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.searching import search_rows
from zhenwu.packs import runtime

FORM = Source(SourceKind.FORM)
TODAY = date(2020, 6, 1)


@pytest.fixture
def branch(add_row, places):
    def make(by, name: str, **values):
        said = {"name": name, "kind": "党支部", "domain": "村", "founded": date(2001, 7, 1)} | values
        return add_row(by, "party_branch", places["青山村"], **said)

    return make


def found(user, q: str) -> list[str]:
    """The numbers found, over all ledgers."""
    return sorted(no for one in search_rows(user, q) for _, no, _ in one.rows)


def listed(user, code: str, q: str) -> list[str]:
    ledger = runtime.ledger(code)
    scope = scope_in(user, ledger)
    page = ListPage(ledger, scope, ListQuery(q=q), user, TODAY)
    return sorted(one[3] for one in page.values)


def test_a_part_of_a_name_a_text_and_a_number_are_found_at_once(lin, person, declaration):
    one, other = person(lin, name="欧阳青山"), declaration(lin, signer="陈青")
    assert found(lin, "欧阳") == found(lin, "阳青") == found(lin, "欧") == [one.no]
    assert found(lin, "陈青") == [other.no]
    assert found(lin, one.no.lower()) == [one.no]
    assert listed(lin, "person", "欧阳 青山") == [one.no]
    assert found(lin, "青欧") == found(lin, "、") == []


def test_what_was_edited_voided_and_brought_back(lin, declaration):
    row = declaration(lin, signer="陈青")
    commit(Draft("site_none", lin, [Edit(row.pk, 1, {"signer": "吴岸"})], FORM, today=TODAY))
    assert (found(lin, "陈青"), found(lin, "吴岸")) == ([], [row.no])
    change = commit(Draft("site_none", lin, [Void(row.pk, 2)], FORM, "重复", today=TODAY))
    assert (found(lin, "吴岸"), listed(lin, "site_none", "吴岸")) == ([], [])
    undo(change, by=lin, reason="作废错了")
    assert found(lin, "吴岸") == [row.no]


def test_a_village_finds_its_own_rows_only(lin, chen, wu, person):
    here, there = person(lin, name="何青"), person(lin, "河口村", name="何远")
    assert found(lin, "何") == sorted([here.no, there.no])
    assert found(chen, "何") == listed(chen, "person", "何") == [here.no]
    assert found(wu, "何") == [there.no]


def test_personal_numbers_and_closed_fields_are_not_in_the_index(lin, person, branch):
    person(lin, name="何青", phone="13800001234")
    branch(lin, "青山村党支部", secretary_phone="13900005678")
    assert search_index.complete() >= {"person", "party_branch"}
    assert [one.text for one in SearchEntry.objects.all() if "1380" in one.text or "1390" in one.text] == []
    assert found(lin, "13800001234") == found(lin, "0000123") == []
    for code, ledger in runtime.ledgers().items():
        kinds = search_index.searched_fields(ledger)
        assert all(kind.spec.privacy in ("S0", "S1") and not kind.is_sealed for kind in kinds), code


def test_a_name_that_changes_is_found_where_it_is_pointed_to(lin, branch):
    parent = branch(lin, "青山村党总支")
    child = branch(lin, "一组党支部", parent=parent.pk)
    assert found(lin, "党总支") == sorted([parent.no, child.no])
    commit(Draft("party_branch", lin, [Edit(parent.pk, 1, {"name": "青山联村党委"})], FORM, today=TODAY))
    assert (found(lin, "党总支"), found(lin, "联村党委")) == ([], sorted([parent.no, child.no]))


def test_a_large_change_is_indexed_in_the_background_and_found_before_it_is(lin, places, queued):
    said = {"sector": "消防", "for_year": 2020, "signed_on": date(2020, 1, 5)}
    rows = [Add(said | {"signer": f"周{number}组"}, places["青山村"].pk) for number in range(search_index.AT_ONCE + 1)]
    commit(Draft("site_none", lin, rows, Source(SourceKind.IMPORT), today=TODAY))
    assert not search_index.is_complete("site_none")
    assert (len(listed(lin, "site_none", "周17")), len(found(lin, "周200"))) == (11, 1)
    commit(Draft("site_none", lin, [Add(said | {"signer": "吴岸"}, places["青山村"].pk)], FORM, today=TODAY))
    assert len(found(lin, "吴岸")) == 1  # behind what is not indexed yet, by its row
    assert queued() >= 1
    assert search_index.is_complete("site_none")
    assert SearchEntry.objects.filter(ledger="site_none").count() == len(rows) + 1
    assert len(listed(lin, "site_none", "周17")) == 11
    assert len(found(lin, "吴岸")) == 1


@pytest.mark.parametrize("q", ["一", "青", "一组", "党 一", "组党支", "PB", "2020-0", "党总支部"])
def test_the_index_answers_as_looking_at_every_row_does(lin, branch, q):
    names = ["青山村一组党支部", "一组党支部", "青山村党总支", "二组党小组", "联村党委（一组）"]
    for name in names:
        branch(lin, name)
    ledger = runtime.ledger("party_branch")
    scope = scope_in(lin, ledger)
    by_index = set(filtered(ledger, scope, ListQuery(q=q), user=lin).values_list("no", flat=True))
    search_index.SearchState.objects.filter(pk="party_branch").update(seq=0)
    by_row = set(filtered(ledger, scope, ListQuery(q=q), user=lin).values_list("no", flat=True))
    assert by_index == by_row


def test_an_index_made_anew_is_the_same(lin, branch):
    branch(lin, "青山村党总支")
    before = list(SearchEntry.objects.values_list("ledger", "row", "text"))
    search_index.forget("party_branch")
    assert found(lin, "党总支") != []  # by its row
    assert sum(search_index.catch_up("party_branch")) == 1
    assert list(SearchEntry.objects.values_list("ledger", "row", "text")) == before
