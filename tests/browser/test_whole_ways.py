"""Three ways from end to end, walked by the people who walk them: a fact that two people handle, a table that goes in
and comes out again, a figure that opens to its rows."""

from datetime import date
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Review, SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.lib.sheets import BookWriter, SheetColumn
from zhenwu.packs import runtime


def press(page, words: str) -> None:
    page.locator(f"main button:has-text('{words}'), main a.btn:has-text('{words}')").first.click()
    page.wait_for_load_state()


def agree(page) -> None:
    with page.expect_navigation():
        page.locator("dialog .btn-primary").click()


def test_a_clerk_registers_an_officer_returns_and_another_time_approves(visit, chen, lin, places):
    clerk = visit(chen, PHONE)
    page = clerk.open("/ledgers/hazard/new/")
    assert page.locator("[name=close_on]").is_hidden()  # a later step is folded, and asks for nothing yet
    page.select_option("[name=found_by_way]", "群众举报")
    page.select_option("[name=sector]", "道路交通")
    page.select_option("[name=kind]", "设施")
    page.fill("[name=found_on]", "2020-12-20")
    page.fill("[name=finder]", "陈青")
    page.fill("[name=detail]", "挡墙开裂")
    press(page, "报送")
    assert "已报送" in clerk.text()
    row = runtime.model_for("hazard").objects.unscoped("test").get()
    path = f"/ledgers/hazard/{row.pk}/"

    officer = visit(lin)
    desk = officer.open("/")
    desk.click("a:has-text('挡墙开裂')")
    desk.wait_for_url(f"**{path}")
    press(desk, "退回")
    desk.fill("[name=reason]", "请写明在哪个路口")
    press(desk, "退回")

    page = clerk.open(path)
    assert "请写明在哪个路口" in clerk.text()  # the reason stands on the row itself
    page.goto(f"{clerk.base}{path}edit/")
    page.fill("[name=detail]", "村口挡墙开裂")
    press(page, "报送")

    desk = officer.open(path)
    press(desk, "审核通过")
    if desk.locator("dialog").count():
        agree(desk)
    row.refresh_from_db()
    assert (row.review, row.detail) == (Review.APPROVED, "村口挡墙开裂")
    assert clerk.overflow() <= 0
    assert clerk.faults == officer.faults == []


@pytest.fixture
def shops(tmp_path) -> Path:
    path = tmp_path / "点位.xlsx"
    head = ("序号", "村", "领域", "对象类型", "名称", "责任人", "风险等级", "检查频次", "启用日期")
    columns = [SheetColumn(label) for label in head]
    rows = [
        ["1", "青山村", "消防", "商铺", "青山小卖部", "陈青", "黄", "月", "2020-03-01"],
        ["2", "青山", "消防", "作坊", "青山碾米房", "陈青", "黄", "月", "2020-03-02"],
        ["3", "青山村", "消防", "诊所", "青山卫生室", "陈青", "黄", "月", "去年春天"],
        ["4", "青山村", "消防", "学校", "青山小学", "陈青", "黄", "月", "去年春天"],
    ]
    with BookWriter(path) as book:
        book.add_sheet("点位", columns, rows, heading="青山村点位")
    return path


def test_a_table_goes_in_without_its_bad_rows_and_comes_out_again(visit, chen, places, shops):
    window = visit(chen)
    page = window.open("/ledgers/hazard_site/import/")
    page.set_input_files("#file", str(shops))
    press(page, "上传并预览")
    said = window.text()
    assert said.count("填的是“去年春天”") == 3  # once as a cause, with how many rows have it; and at each of them
    assert "另有 1 行同样" in said
    page.check("[name=skip]")
    press(page, "确认导入 2 行")
    model = runtime.model_for("hazard_site")
    assert sorted(model.objects.unscoped("test").values_list("name", flat=True)) == ["青山小卖部", "青山碾米房"]

    page.get_by_role("link", name="撤销").first.click()
    page.fill("[name=reason]", "导错了表")
    press(page, "撤销这次变更")
    assert "撤销" in window.text()
    assert not model.objects.unscoped("test").filter(voided_by_change__isnull=True).exists()
    assert window.faults == []


@pytest.fixture
def year(lin, places) -> None:
    """Two hazards of 2020 in 青山村 and one in 河口村; one is closed."""
    closed = {"close_on": date(2020, 2, 1), "fixed_on": date(2020, 1, 30), "recheck_on": date(2020, 1, 31)}
    for village, day, more in (("青山村", 5, closed), ("青山村", 6, {}), ("河口村", 7, {})):
        said = {
            "found_by_way": "排查",
            "sector": "消防",
            "found_on": date(2020, 1, day),
            "finder": "张青",
            "kind": "管理",
        }
        row = Add({**said, "detail": f"{village}通道堵塞", **more}, division=places[village].pk, review=Review.APPROVED)
        source = Source(SourceKind.SYSTEM)
        commit(Draft("hazard", lin, [row], source, reason="试验", today=date(2020, 6, 30)))


def test_a_figure_of_the_report_opens_to_its_rows(visit, lin, year):
    window = visit(lin)
    page = window.open("/reports/new/")
    assert page.input_value("[name=year]") == "2020"  # the year that the ledgers hold
    press(page, "生成")
    figure = page.locator("article a[href*='hz_found'], article a[href*='/figures/']").filter(has_text="3").first
    page.goto(window.base + figure.get_attribute("href"))
    assert page.locator("#rows tbody tr").count() == 3
    page.locator("#rows tbody a").first.click()
    page.wait_for_url("**/ledgers/hazard/*/")
    assert "通道堵塞" in window.text()
    assert window.faults == []
