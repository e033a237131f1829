"""From an uploaded document to a published plan whose lights change; and who may do what."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhenwu.accounts.models import Appointment, Role, Unit, User
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.plans.models import AnnualPlan, Task

TEXT = """青石镇2019年工作总结和2020年工作计划

一、2019年工作总结
（一）安全工作。全年排查隐患25处。
1.排查隐患25处，整改24处。

二、2020年工作计划
（一）抓好安全生产
1.开展消防<安全>专项整治，排查隐患2处以上，9月底前完成。（责任单位：应急办）
2.加强党支部建设，落实三会一课。（责任单位：党建办）
（二）抓好民生
1.做好低保动态管理。
"""


def file(name: str = "计划.txt", text: str = TEXT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def plan(lin, live) -> AnnualPlan:
    answer = live(lin).post("/plans/upload/", {"file": file()})
    assert answer.status_code == 302, answer.content.decode()
    return AnnualPlan.objects.get()


@pytest.fixture
def clerk(offices) -> User:
    user = User.objects.create(username="zhao", display_name="赵")
    Appointment.objects.create(
        user=user, role=Role.OFFICE, unit=Unit.objects.get(label="应急办"), valid_from=date(2000, 1, 1)
    )
    return user


def decide(plan: AnnualPlan) -> None:
    plan.tasks.filter(line="").update(line="governance")


def form_of(task: Task, **changed: str) -> dict[str, str]:
    said = {"text": task.text, "line": task.line, "lead": str(task.lead_id or ""), "assisting": "", "person": ""}
    said |= {"due": task.due.isoformat() if task.due else "", "part": task.part, "section": task.section}
    for number, one in enumerate(task.targets.all()):
        said |= {
            f"target{number}_label": one.label,
            f"target{number}_indicator": one.indicator,
            f"target{number}_op": one.op,
        }
        said |= {f"target{number}_value": str(one.value.normalize()), f"target{number}_unit": one.unit}
    return said | changed


def test_upload_reads_the_plan_part_into_tasks(plan, lin, live):
    first = plan.tasks.first()
    assert (plan.year, plan.state, first.lead.label, first.due) == (2020, "draft", "应急办", date(2020, 9, 30))
    page = live(lin).get(f"/plans/{plan.pk}/review/").content.decode()
    assert "消防&lt;安全&gt;" in page
    assert "消防<安全>" not in page
    outline = live(lin).get(f"/plans/{plan.pk}/outline/").content.decode()
    assert "抓好安全生产" in outline
    assert "25处" in outline


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("计划.pdf", TEXT, "另存为 docx"), ("空.txt", "", "文件"), ("坏.docx", "PK not a docx", "坏.docx"),
        ("总结.txt", "青石镇2019年工作总结\n\n一、2019年工作总结\n（一）安全\n1.排查隐患25处。\n", "计划"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(lin, live, name, text, says):
    answer = live(lin).post("/plans/upload/", {"file": file(name, text)})
    assert answer.status_code == 422
    assert any(says in problem for problem in answer.context["problems"])
    assert not AnnualPlan.objects.exists()


def test_upload_without_a_file_or_with_a_wrong_year(lin, live):
    problems = live(lin).post("/plans/upload/", {"year": "二零"}).context["problems"]
    assert len(problems) == 2


def test_a_task_is_corrected_split_added_and_removed(plan, lin, live):
    client = live(lin)
    first = plan.tasks.first()
    address = f"/plans/{plan.pk}/tasks/{first.pk}"
    wrong = client.post(
        f"{address}/edit/", form_of(first, target0_label="隐患", target0_value="约2处", due="2031-02-01", text=" ")
    )
    assert wrong.status_code == 422
    assert "约2处" in wrong.content.decode()
    measured = {
        "target0_label": "排查隐患",
        "target0_indicator": "hz_n",
        "target0_op": ">=",
        "target0_value": "2",
        "target0_unit": "处",
    }
    right = form_of(first, line="safety", act="next", **measured)
    assert client.post(f"{address}/edit/", right)["Location"].startswith(f"/plans/{plan.pk}/tasks/")
    target = first.targets.get()
    assert (target.indicator, str(target)) == ("hz_n", "排查隐患不低于2处")
    assert client.post(f"{address}/split/", {"at": "不在原文里"}).status_code == 422
    assert client.post(f"{address}/split/", {"at": "排查隐患"}).status_code == 302
    assert [task.order for task in plan.tasks.all()] == [1, 2, 3, 4]
    assert plan.tasks.all()[1].text.startswith("排查隐患")
    added = {"text": "新增一项", "line": "party", "assisting": "党建办、应急办"}
    assert client.post(f"/plans/{plan.pk}/add/?after={first.pk}", added).status_code == 302
    assert [task.text[:4] for task in plan.tasks.all()[:3]] == [first.text[:4], "新增一项", "排查隐患"]
    second = plan.tasks.all()[1]
    assert second.assisting == ["党建办", "应急办"]
    assert client.post(f"/plans/{plan.pk}/tasks/{second.pk}/delete/").status_code == 302
    assert [task.order for task in plan.tasks.all()] == [1, 2, 3, 4]


def test_publish_needs_decided_lines_and_a_leader(plan, lin, leader, live):
    plan.tasks.filter(order=1).update(line="")
    assert live(lin).post(f"/plans/{plan.pk}/publish/").status_code == 404
    refused = live(leader).post(f"/plans/{plan.pk}/publish/")
    assert refused.status_code == 422
    assert "没有选条线" in refused.content.decode()
    decide(plan)
    assert live(leader).post(f"/plans/{plan.pk}/publish/").status_code == 302
    assert live(lin).get(f"/plans/{plan.pk}/review/").status_code == 404
    first = plan.tasks.first()
    assert live(lin).post(f"/plans/{plan.pk}/tasks/{first.pk}/edit/", form_of(first)).status_code == 404
    assert live(lin).post(f"/plans/{plan.pk}/withdraw/").status_code == 404
    assert live(leader).post(f"/plans/{plan.pk}/withdraw/").status_code == 302
    plan.refresh_from_db()
    assert plan.state == "draft"


def test_lights_follow_the_ledgers_and_the_day(plan, lin, leader, live, places):
    decide(plan)
    first = plan.tasks.first()
    first.targets.all().delete()
    first.targets.create(label="排查隐患", indicator="hz_n", op=">=", value=2, unit="处")
    live(leader).post(f"/plans/{plan.pk}/publish/")

    def light(on: str) -> tuple[str | None, int | None]:
        page = live(leader).get(f"/plans/{plan.pk}/tasks/{first.pk}/?on={on}")
        return page.context["line"].state.light, page.context["line"].state.percent

    assert light("2020-05-01") == ("green", 0)
    assert light("2020-09-28") == ("yellow", 0)
    assert light("2020-10-05") == ("red", 0)
    values = {
        "found_by_way": "排查",
        "sector": "消防",
        "found_on": date(2020, 5, 1),
        "finder": "张青",
        "kind": "管理",
        "detail": "堵",
    }
    for _ in range(2):
        add = Add(dict(values), division=places["青山村"].pk, review=Review.APPROVED)
        commit(Draft("hazard", lin, [add], Source(SourceKind.SYSTEM), reason="试验", today=date(2020, 6, 1)))
    assert light("2020-10-05") == ("green", 100)
    page = live(leader).get(f"/plans/{plan.pk}/?on=2020-10-05&line=safety")
    assert page.context["shown"] == 1
    assert "/figures/hz_n/" in page.content.decode()
    assert live(leader).get(f"/plans/{plan.pk}/?light=purple&on=morgen").status_code == 200
    assert "任务分解表" in live(leader).get(f"/plans/{plan.pk}/print/").content.decode()


def test_progress_is_stated_by_the_office_that_leads(plan, lin, leader, chen, clerk, live):
    decide(plan)
    live(leader).post(f"/plans/{plan.pk}/publish/")
    first, second = plan.tasks.all()[:2]
    mine, other = (f"/plans/{plan.pk}/tasks/{task.pk}/state/" for task in (first, second))
    assert live(clerk).post(other, {"text": "已完成"}).status_code == 404
    for user in (chen, leader):
        assert live(user).post(mine, {"text": "已完成"}).status_code == 404
    assert live(clerk).post(mine, {"text": "推进中", "percent": "四成"}).status_code == 422
    assert live(clerk).post(mine, {"text": "推进中", "percent": "140"}).status_code == 422
    assert live(clerk).post(mine, {"text": "", "percent": "40"}).status_code == 422
    assert live(clerk).post(mine, {"text": "推进<b>中", "percent": "40", "on": "2020-06-01"}).status_code == 302
    page = live(clerk).get(f"/plans/{plan.pk}/tasks/{first.pk}/").content.decode()
    assert "推进&lt;b&gt;中" in page
    assert live(clerk).post(mine, {"text": "整治结束", "done": "true", "on": "2020-09-01"}).status_code == 302
    first.refresh_from_db()
    assert (first.status, first.done_on) == ("done", date(2020, 9, 1))
    assert live(clerk).post(mine, {"text": "又发现", "act": "resume"}).status_code == 302
    first.refresh_from_db()
    assert (first.status, first.done_on) == ("open", None)
    assert first.statements.count() == 3
    assert live(clerk).get(f"/plans/{plan.pk}/?mine=1").context["shown"] == 1


def test_who_sees_a_draft_and_a_published_plan(plan, lin, leader, chen, live):
    address, first = f"/plans/{plan.pk}/", plan.tasks.first()
    for page in ("", "print/", "outline/", f"tasks/{first.pk}/", "review/"):
        assert live(chen).get(address + page).status_code == 404, page
    for page in ("", "print/", "outline/", f"tasks/{first.pk}/"):
        assert live(leader).get(address + page).status_code == 200, page
    assert live(chen).get("/plans/upload/").status_code == 404
    assert live(chen).get("/plans/").context["years"] == {}.items()
    decide(plan)
    live(leader).post(f"{address}publish/")
    for page in ("", "print/", "outline/", f"tasks/{first.pk}/"):
        assert live(chen).get(address + page).status_code == 200, page


def test_a_draft_of_the_wrong_file_is_deleted_a_published_plan_is_not(plan, lin, leader, live):
    decide(plan)
    live(leader).post(f"/plans/{plan.pk}/publish/")
    assert live(leader).post(f"/plans/{plan.pk}/delete/").status_code == 404
    live(leader).post(f"/plans/{plan.pk}/withdraw/")
    assert live(lin).post(f"/plans/{plan.pk}/delete/").status_code == 302
    assert not AnnualPlan.objects.exists()


def test_writes_are_refused_by_get(plan, lin, leader, live):
    first = plan.tasks.first()
    for page in (
        "publish/",
        "withdraw/",
        "delete/",
        f"tasks/{first.pk}/split/",
        f"tasks/{first.pk}/delete/",
        f"tasks/{first.pk}/state/",
    ):
        assert live(leader).get(f"/plans/{plan.pk}/{page}").status_code == 405, page
