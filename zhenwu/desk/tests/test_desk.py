"""The desk shows each role what waits for it, and the search finds what one may see and nothing else."""

from datetime import date

import pytest

from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.running import run
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs import runtime
from zhenwu.plans.models import AnnualPlan, Task

DAY = date(2020, 6, 30)


def hazard(place, detail: str, *, review=Review.SUBMITTED, due=date(2020, 5, 31)) -> Add:
    values = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    return Add({**values, "detail": detail, "due_on": due}, division=place.pk, review=review)


def record(by, *operations) -> None:
    commit(Draft("hazard", by, list(operations), Source(SourceKind.SYSTEM), reason="试验", today=DAY))


@pytest.fixture
def admin(db) -> User:
    user = User.objects.create(username="root", display_name="管理员")
    Appointment.objects.create(user=user, role=Role.ADMIN, valid_from=date(2000, 1, 1))
    return user


@pytest.fixture
def rows(lin, chen, places):
    record(chen, hazard(places["青山村"], "通道堵塞<b>甲</b>", review=Review.DRAFT))
    record(chen, hazard(places["青山村"], "电线老化"))
    record(lin, hazard(places["河口村"], "灭火器过期", review=Review.APPROVED))


def test_the_desk_of_a_clerk_lists_own_drafts_and_findings_of_the_village(rows, chen, wu, live):
    run(["hazard.HZ-05"], as_of=DAY)
    page = live(chen).get("/")
    assert page.status_code == 200
    assert [item.title for item in page.context["drafts"].items] == ["通道堵塞<b>甲</b>"]
    assert "通道堵塞&lt;b&gt;甲" in page.content.decode()
    assert "<b>甲" not in page.content.decode()
    assert {line.finding.division.name for line in page.context["findings"].items} == {"青山村"}
    other = live(wu).get("/")
    assert (other.context["drafts"].total, other.context["findings"].total) == (0, 1)
    assert "青山村" not in other.content.decode()


def test_who_reviews_sees_what_others_submitted_not_the_own_rows(rows, lin, chen, live):
    page = live(lin).get("/")
    assert [item.title for item in page.context["reviews"].items] == ["电线老化"]
    assert live(chen).get("/").context["reviews"].total == 0


def test_rows_past_their_deadline_are_listed_in_scope(rows, chen, lin, wu, live):
    assert live(lin).get("/").context["due"].total == 3
    assert live(chen).get("/").context["due"].total == 2
    late = live(wu).get("/").context["due"]
    assert (late.total, late.items[0].tone) == (1, "bad")


def test_leaders_see_red_lights_and_red_findings_by_office(rows, leader, live, places):
    plan = AnnualPlan.objects.create(
        year=2020,
        title="2020年计划",
        state="published",
        source_name="计划.txt",
        source_hash="",
        outline={},
        created_by=leader,
    )
    office = Unit.objects.get(label="应急办")
    Task.objects.create(plan=plan, order=1, text="整治隐患", line="safety", lead=office, due=date(2020, 3, 1))
    run(["hazard.HZ-05"], as_of=DAY)
    page = live(leader).get("/")
    assert [line.task.text for line in page.context["red"].items] == ["整治隐患"]
    assert page.context["red_units"] == [("应急办", 3)]
    assert [figure["code"] for figure in page.context["figures"]] == ["hz_n"]


def test_the_administrator_sees_the_instance_and_the_users_only(rows, admin, live):
    page = live(admin).get("/").content.decode()
    assert "运行情况" in page
    assert "账号和任职" in page
    assert "我的草稿" not in page
    assert "最近登录" not in page


def test_an_empty_desk_says_that_all_is_done(wu, live):
    assert "都办完了" in live(wu).get("/").content.decode()


def test_search_finds_two_characters_within_the_scope(rows, chen, wu, lin, live):
    assert "电线老化" in live(chen).get("/search/", {"q": "电线"}).content.decode()
    assert live(wu).get("/search/", {"q": "电线"}).context["found"].rows == []
    assert live(lin).get("/search/", {"q": "隐患"}).context["found"].ledgers
    assert live(lin).get("/search/", {"q": "HZ"}).status_code == 200


def test_an_identity_number_is_found_whole_and_only_by_who_may_see_it(lin, chen, wu, places, live):
    values = {"name": "何清", "idno": "519999199001011240"}
    model = runtime.ledger("person")
    known = {code: value for code, value in values.items() if code in model.stored}
    commit(Draft("person", lin, [Add(known, division=places["青山村"].pk)], Source(SourceKind.SYSTEM), reason="试验"))
    assert [one.title for one in live(chen).get("/search/", {"q": values["idno"]}).context["found"].persons]
    assert live(chen).get("/search/", {"q": values["idno"][:14]}).context["found"].persons == []
    assert live(wu).get("/search/", {"q": values["idno"]}).context["found"].persons == []


def test_without_login_there_is_only_the_login_page(client, db):
    for address in ("/", "/search/?q=隐患", "/figures/", "/findings/", "/plans/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")
