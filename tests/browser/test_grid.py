"""The grid in a real browser: paste from a spreadsheet, fill down, undo, a problem at its cell, save."""

import pytest

from zhenwu.packs import runtime

PASTED = "青山村\t消防\t2020\t陈青\t2020-01-05\n青山村\t防汛\t2020\t陈青\t2020-01-06\n青山村\t燃气\t2020\t陈青\t去年"


def paste(page, text: str):
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text/plain", text);
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",
        text,
    )


def cell(page, row: int, field: str):
    return page.locator(f".tabulator-table .tabulator-row >> nth={row}").locator(f'[tabulator-field="c_{field}"]')


def says(page) -> str:
    return page.inner_text("[data-grid-says]")


@pytest.mark.django_db(transaction=True)
def test_a_table_pasted_from_a_spreadsheet_is_mended_and_saved(committing, visit, lin):
    one = visit(lin)
    page = one.open("/ledgers/site_none/grid/")
    columns = [code.removeprefix("c_") for code in page.eval_on_selector_all(
        ".tabulator-header .tabulator-col[tabulator-field^=c_]", "all => all.map(one => one.getAttribute('tabulator-field'))"
    )]  # fmt: skip
    assert columns[0] == "division"
    order = [columns.index(code) for code in ("division", "sector", "for_year", "signer", "signed_on")]
    lines = []
    for line in PASTED.split("\n"):
        cells = [""] * len(columns)
        for at, value in zip(order, line.split("\t"), strict=True):
            cells[at] = value
        lines.append("\t".join(cells))
    cell(page, 0, "division").click()
    paste(page, "\n".join(lines))
    assert says(page) == "新增3行，还没有保存"
    page.click("[data-grid=undo]")
    assert says(page) == "没有改动"
    paste(page, "\n".join(lines))
    page.click("[data-grid=save]")
    page.wait_for_selector("[data-grid-problems] li")
    assert "第3行" in page.inner_text("[data-grid-problems]")
    assert "is-wrong" in cell(page, 2, "signed_on").get_attribute("class")
    rows = runtime.model_for("site_none").objects.unscoped("test")
    assert rows.count() == 0

    cell(page, 1, "signed_on").click()  # fill down from the row above
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    assert cell(page, 2, "signed_on").inner_text() == "2020-01-06"
    cell(page, 2, "signer").click()
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("吴岸")
    page.keyboard.press("Enter")
    cell(page, 2, "for_year").click()
    page.keyboard.type("2021")  # typing replaces what stood there
    page.keyboard.press("Enter")
    assert cell(page, 2, "for_year").inner_text() == "2021"
    assert cell(page, 2, "signer").inner_text() == "吴岸"
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert sorted(rows.values_list("sector", "signer", "for_year")) == [
        ("消防", "陈青", 2020), ("燃气", "吴岸", 2021), ("防汛", "陈青", 2020)
    ]  # fmt: skip
    assert says(page) == "没有改动"
    assert one.overflow() == 0
    assert [fault for fault in one.faults if "422" not in fault] == []
