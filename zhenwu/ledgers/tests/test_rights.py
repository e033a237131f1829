"""What a person may not see does not leak by another way: links in a sheet, guessed ids, columns one may not read."""

import uuid
from datetime import date

import pytest

from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import Conflict, NotAllowed
from zhenwu.ledgers.importing.actions import read_file, stage_file
from zhenwu.ledgers.operations import Add, Draft, Edit, ReviewStep
from zhenwu.ledgers.queries import scope_in
from zhenwu.lib.idno import check_digit
from zhenwu.packs import runtime

_FORM = Source(SourceKind.FORM)
IDNO = "51999919800101001" + check_digit("51999919800101001")


@pytest.fixture
def far(person, lin):
    """A person of 河口村, whom Chen of 青山村 may not see."""
    return person(lin, "河口村", name="何远", idno=IDNO)


def staged(by, sheet, ledger, head, *rows):
    return stage_file(ledger, sheet([head, *rows]), name="花名册.xlsx", by=by, today=date(2020, 6, 1))


def said(found):
    return " ".join(one.message for one in found.problems)


def member(place: str, name: str, number: str) -> list[str]:
    return [place, "青石1号", name, number, "本人或户主", "2020-01-01", "是"]


MEMBER_HEAD = ["村（社区）", "户", "人", "人身份证号", "与户主关系", "起", "计入共同生活"]


def test_a_wrong_name_beside_a_number_does_not_tell_whose_number_it_is(far, chen, lin, sheet):
    row = member("青山村", "王二", IDNO)
    assert "何远" not in said(staged(chen, sheet, "household_member", MEMBER_HEAD, row))
    assert "何远" in said(staged(lin, sheet, "household_member", MEMBER_HEAD, row))  # who may see the number is told


def test_a_number_alone_gives_a_village_no_person_of_another(far, chen, sheet):
    found = staged(chen, sheet, "household_member", MEMBER_HEAD, member("青山村", "", IDNO))
    assert "同时填写姓名" in said(found)
    assert all("person" not in row.values for row in found.rows)


def test_who_gives_number_and_name_may_link_a_person_of_another_village(far, chen, sheet):
    found = staged(chen, sheet, "household_member", MEMBER_HEAD, member("青山村", "何远", IDNO))
    assert [row.values.get("person") for row in found.rows] == [far.pk]


def test_a_name_alone_finds_only_persons_one_may_see(far, chen, sheet):
    found = staged(chen, sheet, "household_member", MEMBER_HEAD, member("", "何远", ""))
    assert all("person" not in row.values for row in found.rows)


def test_numbers_of_rows_elsewhere_link_to_nothing(add_row, places, lin, chen, wu, sheet):
    from zhenwu.ledgers.resolve import Resolver

    site = add_row(lin, "hazard_site", places["河口村"], name="河口加油站")
    day = date(2020, 6, 1)
    assert Resolver(day, wu).row("hazard_site", site.no).ids == (site.pk,)
    assert Resolver(day, chen).row("hazard_site", site.no).ids == ()
    assert Resolver(day, chen).row("hazard_site", "河口加油站").ids == ()


def test_a_guessed_id_tells_neither_number_nor_author(declaration, lin, chen):
    row = declaration(lin, "河口村")
    other = uuid.uuid4()
    messages = []
    for one in (row.pk, other):
        with pytest.raises(NotAllowed) as refused:
            commit(Draft("site_none", chen, [ReviewStep(one, 99, "submit")], _FORM))
        messages.append(str(refused.value))
    assert messages[0] == messages[1]
    mine = declaration(chen)
    with pytest.raises(Conflict):
        commit(Draft("site_none", chen, [ReviewStep(mine.pk, 99, "submit")], _FORM))


@pytest.mark.parametrize("review", ["approved", "locked", "returned"])
def test_nobody_enters_a_row_past_its_review(review, chen, places):
    values = {"sector": "消防", "for_year": 2020, "signer": "陈青", "signed_on": date(2020, 1, 5)}
    with pytest.raises(NotAllowed):
        commit(Draft("site_none", chen, [Add(values, places["青山村"].pk, Review(review))], _FORM))


def test_a_row_too_old_to_change_is_not_brought_back_to_what_it_said_before(add_row, places, chen, live, monkeypatch):
    from django.utils import timezone

    row = add_row(chen, "river_patrol", places["青山村"], find_text="无异常")
    commit(
        Draft("river_patrol", chen, [Edit(row.pk, 1, {"find_text": "河边有垃圾"})], _FORM, today=timezone.localdate())
    )
    runtime.model_for("river_patrol").objects.unscoped("test").filter(pk=row.pk).update(
        created_at="2020-01-01T00:00:00Z"
    )
    live(chen).post(f"/ledgers/river_patrol/{row.pk}/restore/1/", {"version": "2", "reason": "改回去"})
    row.refresh_from_db()
    assert (row.version, row.find_text) == (2, "河边有垃圾")


def test_columns_one_may_not_see_are_not_imported(chen, lin, sheet):
    head = ["村（社区）", "姓名", "性别", "出生日期", "监护人"]
    row = ["青山村", "陈小", "男", "2015-01-01", ""]
    ledger = runtime.ledger("person")
    data = sheet([head, row])
    for who, filled in ((chen, False), (lin, True)):
        reading = read_file("person", data, name="表.xlsx", scope=scope_in(who, ledger))
        assert ("guardian" in {one.target for one in reading.mapping}) is filled


def test_a_personal_number_moved_from_another_row_is_found(person, lin):
    from zhenwu.ledgers.audit import verify

    other = "51999919810101001" + check_digit("51999919810101001")
    one, two = person(lin, idno=IDNO), person(lin, name="何远", birth=date(1981, 1, 1), idno=other)
    assert list(verify("person")) == []
    runtime.model_for("person").objects.unscoped("test").filter(pk=one.pk).update(idno=two.idno)
    assert [(one.no in found.message, "身份" in found.message) for found in verify("person")] == [(True, True)]
    runtime.model_for("person").objects.unscoped("test").filter(pk=one.pk).update(idno="z1.none.xxxx")
    assert len(list(verify("person"))) == 1


def test_a_field_of_very_many_characters_is_refused_before_it_is_read(chen, places, live):
    page = live(chen).post("/ledgers/person/new/", {"name": "一" * 200_000, "birth": "1" * 200_000, "act": "save"})
    assert page.status_code == 422
    assert "最多20000个字" in page.content.decode()


def test_a_link_typed_as_very_long_words_is_not_found(chen, places, live):
    page = live(chen).post("/ledgers/household/new/", {"head_q": "何" * 100_000, "act": "save"})
    assert page.status_code == 422
