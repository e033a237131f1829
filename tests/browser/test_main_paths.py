"""The ways people walk every day, at the width of a desk and of a phone."""

from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, WIDE
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs import runtime


@pytest.fixture
def roster(tmp_path) -> Path:
    path = tmp_path / "人口花名册.xlsx"
    columns = [
        SheetColumn(label)
        for label in ("序号", "村", "姓名", "身份证号码", "户籍状态", "人户状态", "劳动能力", "号码状态")
    ]
    rows = [
        ["1", "青山", "张一", "519999195302141012", "在册", "在册在地", "普通", "ok"],
        ["2", "青山村", "李二", "51999919620318007x", "在册", "在册在地", "普通", "ok"],
        ["3", "没有这个村", "王三", "519999201202290131", "在册", "在册在地", "普通", "ok"],
    ]
    with BookWriter(path) as book:
        book.add_sheet("人口", columns, rows, heading="青山村人口花名册")
    return path


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_every_first_page_is_whole(visit, lin, places, size):
    window = visit(lin, size)
    for path in (
        "/",
        "/ledgers/",
        "/ledgers/person/",
        "/ledgers/hazard/new/",
        "/plans/",
        "/findings/",
        "/figures/",
        "/reports/",
    ):
        window.open(path)
        assert window.overflow() <= 0, f"{path} scrolls sideways by {window.overflow()} px"
        assert "镇务通" in window.page.title() or window.page.title()
    assert window.faults == []


def test_a_wrong_password_is_said_and_the_right_one_leads_to_the_desk(visit, lin):
    lin.set_password("amber-field-river-19")
    lin.save()
    window = visit()
    page = window.open("/login/")
    assert page.title() == "登录 · 云岭县青石镇镇务通"
    page.fill("[name=username]", "lin")
    page.fill("[name=password]", "wrong")
    page.click("button:has-text('登录')")
    assert page.locator("[role=alert]").count() == 1
    page.fill("[name=password]", "amber-field-river-19")
    page.click("button:has-text('登录')")
    page.wait_for_url(window.base + "/")


def test_a_roster_goes_in_with_its_bad_row_explained(visit, lin, places, roster):
    window = visit(lin)
    page = window.open("/ledgers/person/import/")
    page.set_input_files("input[type=file]", str(roster))
    page.locator("main form button[type=submit], main form button.btn-primary").first.click()
    page.wait_for_load_state()
    assert "没有这个村" in window.text()
    assert runtime.model_for("person").objects.unscoped("test").count() == 0


def test_what_was_typed_stays_when_something_is_missing(visit, chen, places):
    window = visit(chen)
    page = window.open("/ledgers/person/new/")
    page.fill("[name=name]", "赵小荷")
    page.locator("button:has-text('报送')").first.click()
    page.wait_for_load_state()
    assert page.input_value("[name=name]") == "赵小荷"
    assert "没有填" in window.text()
