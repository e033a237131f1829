"""The pages of findings: seen within one's places, explained by one, closed by another."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.checks.access import HIDDEN_MESSAGE
from zhenwu.checks.models import Finding
from zhenwu.checks.running import run
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Edit
from zhenwu.packs import runtime

AS_OF = date(2020, 6, 30)
LATE = "hazard.HZ-05"
GUARDIAN = "person.PE9"


def record(by, *operations) -> None:
    commit(Draft("hazard", by, list(operations), Source(SourceKind.SYSTEM), reason="试验", today=AS_OF))


@pytest.fixture
def late(lin, places) -> Finding:
    values = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    values |= {"detail": "通道堵塞<script>x</script>", "due_on": date(2020, 5, 31)}
    record(lin, Add(values, division=places["青山村"].pk, review=Review.SUBMITTED))
    run([LATE], as_of=AS_OF)
    return Finding.objects.get()


def page_of(finding: Finding) -> str:
    return f"/findings/{finding.pk}/"


def test_who_sees_which_finding(late, chen, wu, lin, leader, live, db):
    admin = User.objects.create(username="root")
    Appointment.objects.create(user=admin, role=Role.ADMIN, valid_from=date(2000, 1, 1))
    expected = {chen: 200, lin: 200, leader: 200, wu: 404, admin: 404}
    for user, status in expected.items():
        assert live(user).get(page_of(late)).status_code == status, user
        for act in ("explain", "close", "reopen"):
            if status == 404:
                assert live(user).post(f"{page_of(late)}{act}/", {}).status_code == 404, (user, act)
    assert live(wu).get("/findings/").context["pager"].total == 0
    assert live(admin).get("/findings/").status_code == 404
    assert live(chen).get("/findings/run/").status_code == 404
    assert live(chen).post("/findings/run/").status_code == 404


def test_a_finding_of_a_ledger_one_may_not_read_keeps_its_words(late, leader, lin, live, places):
    clerk = User.objects.create(username="zhao", display_name="赵")
    Appointment.objects.create(
        user=clerk, role=Role.OFFICE, unit=Unit.objects.get(label="应急办"), valid_from=date(2000, 1, 1)
    )
    secret = Finding.objects.create(
        check_code="dibao.DB-01", ledger="dibao", label="低保", subject="[]", key="k", severity="red", message="何清的收入",
        values={"name": "何清"}, explanation="何清已补报", division=places["青山村"],
        found_on=AS_OF, seen_on=AS_OF, due_on=AS_OF, year=2020,
    )  # fmt: skip
    page = live(clerk).get(page_of(secret))
    assert page.status_code == 200
    assert "何清" not in page.content.decode()
    assert HIDDEN_MESSAGE in live(clerk).get("/findings/?ledger=dibao").content.decode()
    assert live(clerk).post(f"{page_of(secret)}explain/", {"explanation": "x"}).status_code == 404
    assert "何清的收入" in live(lin).get(page_of(secret)).content.decode()


def test_explained_by_one_closed_by_another(late, chen, lin, leader, live):
    Finding.objects.update(severity="yellow")
    address = page_of(late)
    assert live(chen).post(f"{address}explain/", {"explanation": " "}).status_code == 422
    assert (
        live(chen).post(f"{address}explain/", {"explanation": "已书面延期<u>", "measures": "月底完成"}).status_code
        == 302
    )
    page = live(chen).get(address).content.decode()
    assert "已书面延期&lt;u&gt;" in page
    assert live(chen).post(f"{address}close/").status_code == 404
    assert live(lin).post(f"{address}explain/", {"explanation": "再补一句"}).status_code == 302
    refused = live(lin).post(f"{address}close/")
    assert refused.status_code == 422
    assert "另一人核实" in refused.content.decode()
    assert live(leader).post(f"{address}close/", {"note": "属实"}).status_code == 302
    assert Finding.objects.get().status == "closed"
    assert live(leader).post(f"{address}reopen/", {"reason": ""}).status_code == 422
    assert live(leader).post(f"{address}reopen/", {"reason": "现场仍在"}).status_code == 302
    kinds = [event.kind for event in live(leader).get(address).context["events"]]
    assert kinds == ["found", "explained", "explained", "closed", "sent_back"]


def test_put_right_in_the_ledger_found_gone_by_a_run_confirmed(late, lin, leader, live):
    row = runtime.model_for("hazard").objects.unscoped("test").get()
    record(lin, Edit(row.pk, row.version, {"due_on": date(2020, 8, 1)}))
    answer = live(lin).post("/findings/run/", {"as_of": "2020-06-30", "ledger": "hazard"}, follow=True)
    assert answer.context["result"]["gone"] == 1
    assert answer.context["result"]["errors"] == []
    assert live(lin).post(f"{page_of(late)}close/").status_code == 422
    assert live(leader).post(f"{page_of(late)}close/").status_code == 302
    late.refresh_from_db()
    assert late.closed_how == "data"
    assert live(lin).post("/findings/run/", {"as_of": "gestern"}).status_code == 422


def test_filters_counts_and_the_link_to_the_row(late, lin, places, live):
    client = live(lin)
    page = client.get("/findings/")
    row = runtime.model_for("hazard").objects.unscoped("test").get()
    assert f"/ledgers/hazard/{row.pk}/" in page.content.decode()
    assert "<script>x" not in page.content.decode()
    for said, total in (
        ("severity=red", 1), ("severity=blue", 0), ("line=safety", 1), ("line=party", 0), ("unit=应急办", 1), ("status=closed", 0),
        (f"place={places['河口村'].pk}", 0), (f"check={LATE}", 1), ("late=1", 0), ("sort=place", 1), ("severity=x&status=y&place=z", 1),
    ):  # fmt: skip
        assert client.get(f"/findings/?source=check&{said}").context["pager"].total == total, said


def test_a_coverage_page_leads_to_findings_and_hides_other_villages(late, lin, chen, live, places):
    run(["hazard_inspection.HI-10"], as_of=AS_OF)
    assert "hazard_inspection.HI-10" in live(lin).get("/findings/coverage/").content.decode()
    page = live(lin).get("/findings/coverage/hazard_inspection.HI-10/?as_of=2020-06-30")
    heat = page.context["heat"]
    assert heat.missing == heat.matrix.expected > 0
    missing = [cell for row in heat.rows for cell in row.cells if cell.heat is None]
    assert all(cell.url.startswith("/findings/") for cell in missing)
    assert live(lin).get(missing[0].url).status_code == 200
    own = live(chen).get("/findings/coverage/hazard_inspection.HI-10/?as_of=2020-06-30").content.decode()
    assert "青山村" in own
    assert "河口村" not in own
    assert live(lin).get("/findings/coverage/hazard.HZ-05/").status_code == 404


def test_a_longer_list_asks_the_database_no_more(late, lin, places, live):
    client = live(lin)
    client.get("/findings/")
    with CaptureQueriesContext(connection) as few:
        client.get("/findings/")
    values = {"found_by_way": "排查", "sector": "消防", "found_on": date(2020, 5, 1), "finder": "张青", "kind": "管理"}
    values |= {"detail": "通道堵塞", "due_on": date(2020, 5, 31)}
    record(lin, *(Add(dict(values), division=places["河口村"].pk, review=Review.SUBMITTED) for _ in range(20)))
    run([LATE], as_of=AS_OF)
    client.get("/findings/")
    with CaptureQueriesContext(connection) as many:
        assert client.get("/findings/").context["pager"].total == 42  # the hazards themselves wait to be closed, too
    assert len(many) == len(few) <= 30


def _clerk(username: str, **post) -> User:
    clerk = User.objects.create(username=username)
    Appointment.objects.create(user=clerk, valid_from=date(2000, 1, 1), **post)
    return clerk


def test_words_about_a_field_are_for_those_who_may_see_the_field(places, offices, lin, chen, live):
    """PE9 asks whether a minor has a guardian, which is S3."""
    other = _clerk("zhao", role=Role.OFFICE, unit=Unit.objects.get(label="应急办"))
    found = Finding.objects.create(
        check_code=GUARDIAN, ledger="person", label="监护人", subject="[]", key="k", severity="red", message="陈小没有监护人",
        division=places["青山村"], found_on=AS_OF, seen_on=AS_OF, due_on=AS_OF, year=2020,
    )  # fmt: skip
    for user, shown in ((lin, True), (chen, False), (other, False)):
        assert ("陈小" in live(user).get(page_of(found)).content.decode()) is shown, user


def test_why_an_approval_is_refused_names_nobody_of_another_ledger(places, lin):
    from zhenwu.checks.queries import open_red_for

    row = uuid.uuid4()
    for code, label, message in ((LATE, "逾期", "消防通道"), ("hazard.gone", "旧规则", "何清的收入")):
        Finding.objects.create(
            check_code=code, ledger="hazard", label=label, subject=f'["{code}"]', key=code, severity="red", message=message,
            row=row, row_ledger="hazard", found_on=AS_OF, seen_on=AS_OF, due_on=AS_OF, year=2020, status="explained",
        )  # fmt: skip
    said = open_red_for("hazard", [row]).get(row, "")
    assert "旧规则" in said
    assert "何清" not in said


def test_a_check_is_explained_to_those_who_may_read_what_it_reads(late, lin, chen, wu, live):
    page = live(lin).get(f"/findings/checks/{LATE}/?as_of=2020-06-30")
    said = page.content.decode()
    assert "通道堵塞&lt;script&gt;" not in said  # the message names the number, not the words
    assert "逾期30天" in said
    assert "date_diff" in said
    assert page.context["total"] == 1
    assert live(chen).get(f"/findings/checks/{LATE}/?as_of=2020-06-30").context["total"] == 1
    assert live(wu).get(f"/findings/checks/{LATE}/?as_of=2020-06-30").context["total"] == 0
    assert live(wu).get(f"/findings/checks/{GUARDIAN}/").status_code == 404
    assert live(lin).get("/findings/checks/hazard.nothing/").status_code == 404
