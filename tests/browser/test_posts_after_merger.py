"""Two villages become one: the papers are attached, the posts at both decided by the security administrator, carried out and undone."""

from datetime import date

from tests.browser.conftest import PHONE
from tests.browser.test_mergers import decide, he, vote  # noqa: F401  a fixture
from tests.browser.test_whole_ways import agree, press
from zhenwu.accounts.actions import create_user
from zhenwu.accounts.models import Appointment
from zhenwu.divisions.models import Division, Event, EventState, Level


def test_posts_are_decided_in_bulk_and_go_with_the_event(visit, he, leader, chen, wu, places, tmp_path, shots):  # noqa: F811
    shen, _ = create_user("shen", "沈安之", "security", since=date(2000, 1, 1), must_change=False)
    clerk, chief, keeper = visit(he), visit(leader), visit(shen)
    page = clerk.open("/places/events/new/merge_new/")
    for name in ("青山村", "河口村"):
        page.check(f"[name=source][value='{places[name].pk.hex}']")
    for field, value in {"name_1": "青河村", "title": "青山、河口合并", "effective": "2020-06-01"}.items():
        page.fill(f"[name={field}]", value)
    press(page, "保存方案")
    for name in ("青山村", "河口村"):
        vote(page, places[name])
    report = tmp_path / "风险评估报告.pdf"
    report.write_bytes(b"%PDF-1.4 invented")
    page.select_option("#papers [name=kind]", "risk")
    page.set_input_files("#papers [name=files]", str(report))
    page.locator("#papers button:text-is('上传')").click()
    page.wait_for_load_state()
    assert "风险评估报告.pdf" in clerk.text()
    press(page, "确认表决通过")
    event = Event.objects.get()
    decide(chief, event, "2020-05-20")
    assert "还有2个任职没有定去向" in chief.text()
    shots(chief, "event")
    event.refresh_from_db()
    assert event.state == EventState.APPROVED

    page = keeper.open("/")
    page.click("text=青山、河口合并")
    shots(keeper, "posts-before")
    for box in page.locator("[name=posts]").all():
        box.check()
    page.select_option("[name=to]", label="随到青河村")
    page.fill("[name=reason]", "青委〔2020〕8号")
    press(page, "定下")
    assert "已定2个任职的去向" in keeper.text()
    assert keeper.overflow() == 0
    shots(keeper, "posts-decided")
    page = chief.open(f"/places/events/{event.pk}/")
    page.locator("main button:text-is('生效')").click()
    agree(page)
    new = Division.objects.get(name="青河村", level=Level.VILLAGE)
    assert {one.user.display_name for one in Appointment.objects.filter(division=new)} == {"陈青", "吴岸"}
    assert "2个任职已经办好" in chief.text()
    shots(chief, "event-after")
    phone = visit(shen, PHONE)
    phone.open(f"/places/events/{event.pk}/posts/")
    assert phone.overflow() == 0
    shots(phone, "posts-phone")
    page = chief.open(f"/places/events/{event.pk}/")
    page.fill("[name=reason]", "试办后撤回")
    press(page, "撤销生效")
    agree(page)
    assert not Division.objects.filter(name="青河村").exists()
    assert [one.valid_to for one in Appointment.objects.filter(user__in=(chen, wu))] == [None, None]
    small = visit(he, PHONE)
    small.open(f"/places/events/{event.pk}/")
    assert small.overflow() == 0
    shots(small, "event-phone")
    for window in (clerk, chief, keeper, phone, small):
        assert window.faults == []
