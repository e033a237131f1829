"""Four villages become one and two groups become one, with five thousand households: planned, seen before anything is
written, voted, approved, put into effect, counted on both boundaries, and undone."""

from datetime import date

import pytest

from tests.browser.conftest import PHONE
from tests.browser.test_whole_ways import agree, press
from zhenwu.accounts.models import Unit
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.models import Division, Event, EventState, Level
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.packs import runtime

START, DAY = date(2000, 1, 1), date(2020, 6, 1)
HOUSEHOLDS = {"青山村": 2000, "河口村": 1500, "松岭村": 1000, "竹溪村": 500}


@pytest.fixture
def he(places, offices):
    from conftest import _user

    return _user("he", "何静", "office", unit=Unit.objects.get(label="民政办"))


@pytest.fixture
def township(places, lin, admin):
    """Four villages of three groups each, and their households."""
    made = [
        Division(code=f"51999910030{n}", name=name, level=Level.VILLAGE, parent=places["town"], valid_from=START)
        for n, name in ((1, "松岭村"), (2, "竹溪村"))
    ]
    create_divisions(made, by=admin, reason="试验")
    villages = {one.name: one for one in (places["青山村"], places["河口村"], *made)}
    groups = {
        name: [
            Division(code=f"{one.code}0{n}", name=f"{n}组", level=Level.GROUP, parent=one, valid_from=START)
            for n in (1, 2, 3)
        ]
        for name, one in villages.items()
    }
    create_divisions([one for some in groups.values() for one in some], by=admin, reason="试验")
    source = Source(SourceKind.SYSTEM)
    someone = {"name": "张青", "sex": "1", "birth": date(1970, 1, 1), "idno_kind": "none_unregistered", "labor": "normal",
               "hukou_status": "here", "live_status": "stay"}  # fmt: skip
    home = villages["青山村"].pk
    commit(Draft("person", lin, [Add(someone, division=home, review=Review.APPROVED)], source, reason="试验"))
    head = runtime.model_for("person").objects.unscoped("test").get().pk
    rows = [
        Add({"hkind": "hukou", "hno": f"{name}{n}", "head": head, "grp": groups[name][n % 3].pk, "from_date": date(2010, 1, 1)},
            division=villages[name].pk, review=Review.APPROVED)
        for name, many in HOUSEHOLDS.items() for n in range(many)
    ]  # fmt: skip
    commit(Draft("household", lin, rows, source, reason="试验"))
    return villages, groups


def shown(window, code: str, **asked: str) -> str:
    page = window.open(f"/figures/{code}/?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    return page.locator(".figures .figure").first.inner_text().split("户")[0].strip()


def vote(page, place) -> None:
    """An assembly of the village agrees, barely."""
    form = page.locator(f"form[action$='/vote/{place.pk}/']")
    form.locator("[name=form]").select_option("assembly")
    for name, value in {"held_on": "2020-04-01", "entitled": "986", "present": "494", "yes": "260"}.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("button").click()
    page.wait_for_load_state()


def decide(window, event: Event, approved_on: str) -> None:
    """The leader registers the approval and puts the event into effect."""
    page = window.open(f"/places/events/{event.pk}/")
    page.fill("[name=organ]", "云岭县人民政府")
    page.fill("[name=document]", "云府〔2020〕12号")
    page.fill("[name=approved_on]", approved_on)
    press(page, "登记批复")
    assert "已登记批复" in window.text(), window.text()
    page.locator("main button:text-is('生效')").click()
    agree(page)


def _blocked(window, event: Event) -> str:
    window.open(f"/places/events/{event.pk}/")
    return window.text()


def test_four_villages_become_one_and_two_groups_one_and_back(visit, township, he, leader, places):
    villages, _groups = township
    clerk, chief = visit(he), visit(leader)
    page = clerk.open("/places/events/new/merge_new/")
    for one in villages.values():
        page.check(f"[name=source][value='{one.pk.hex}']")
    page.fill("[name=name_1]", "青岭村")
    page.fill("[name=title]", "四村合并设立青岭村")
    page.fill("[name=effective]", DAY.isoformat())
    page.fill("[name=risk_paper]", "四村合并风险评估报告")
    press(page, "保存方案")
    text = clerk.text()
    assert "户2000" in text
    assert "各台账的记录一行也不改" in text
    assert clerk.overflow() == 0
    assert not Division.objects.filter(name="青岭村").exists()
    for one in villages.values():
        vote(page, one)
    press(page, "确认表决通过")
    event = Event.objects.get()
    decide(chief, event, "2020-05-20")
    event.refresh_from_db()
    assert event.state == EventState.EFFECTIVE
    new = Division.objects.get(name="青岭村", level=Level.VILLAGE)

    year, old = {"as_of": "2020-12-31"}, {"as_of": "2019-12-31"}
    assert shown(chief, "hh_n", **year, place=new.pk.hex) == "5000"
    assert "其中：原竹溪村" in chief.text()
    assert shown(chief, "hh_n", **year, place=villages["青山村"].pk.hex, boundary="was") == "2000"
    assert shown(chief, "hh_n", **old, place=villages["青山村"].pk.hex) == "2000", "last year's figure is as it was"
    assert shown(chief, "hh_n", **year) == "5000"

    inner = list(Division.objects.filter(parent=new, level=Level.GROUP).order_by("code"))
    assert len(inner) == 12
    page = clerk.open(f"/places/events/new/group_merge/?village={new.pk.hex}&effective=2020-09-01")
    for one in inner[:2]:
        page.check(f"[name=source][value='{one.pk.hex}']")
    page.fill("[name=name_1]", "大坪组")
    page.fill("[name=title]", "两个组合并为大坪组")
    page.fill("[name=effective]", "2020-09-01")
    press(page, "保存方案")
    second = Event.objects.get(kind="group_merge")
    for one in inner[:2]:
        form = page.locator(f"form[action$='/vote/{one.pk}/']")
        form.locator("[name=form]").select_option("group_household")
        for name, value in {"held_on": "2020-08-01", "entitled": "30", "present": "21", "yes": "20"}.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button").click()
        page.wait_for_load_state()
    press(page, "确认表决通过")
    decide(chief, second, "2020-08-20")
    second.refresh_from_db()
    assert second.state == EventState.EFFECTIVE
    assert shown(chief, "hh_n", **year, place=new.pk.hex) == "5000"

    page = chief.open(f"/places/events/{event.pk}/")
    assert "之后又有" in chief.text(), "what is built on cannot be undone"
    for one in (second, event):
        page = chief.open(f"/places/events/{one.pk}/")
        assert "不能撤销" not in chief.text(), chief.text()
        page.fill("[name=reason]", "试办后撤回")
        press(page, "撤销生效")
        agree(page)
        if one is second:  # its plan still speaks of the village that the first one made
            assert "的方案涉及它设立的单元" in _blocked(chief, event)
            page = clerk.open(f"/places/events/{second.pk}/")
            page.click("summary:has-text('终止这件事')")
            page.locator("form[action$='/step/drop/'] [name=reason]").fill("不办了")
            page.locator("form[action$='/step/drop/'] button").click()
            page.wait_for_load_state()
    assert not Division.objects.filter(name="青岭村").exists()
    assert shown(chief, "hh_n", **year, place=villages["河口村"].pk.hex) == "1500"
    phone = visit(he, PHONE)
    for path in ("/places/", f"/places/events/{event.pk}/", f"/places/{villages['青山村'].pk}/", "/places/map/"):
        phone.open(path)
        assert phone.overflow() == 0, path
    for window in (clerk, chief, phone):
        assert window.faults == []
