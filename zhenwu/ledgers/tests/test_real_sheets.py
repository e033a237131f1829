"""Sheets as townships get them: each case is one invented book with what makes it hard, and what must be read from it."""

import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zhenwu.divisions.models import Alias
from zhenwu.ledgers.importing.actions import stage_file
from zhenwu.lib.idno import check_digit
from zhenwu.lib.tests import ole
from zhenwu.packs import runtime

TODAY = date(2020, 6, 1)
HEAD = ["村（社区）", "领域", "对象类型", "名称", "责任人", "风险等级", "检查频次", "启用日期"]
ONE = ["青山村", "消防", "商铺", "一号店", "李青", "黄", "月", "2020-01-05"]
TWO = ["河口村", "燃气", "餐馆", "二号店", "王红", "红", "周", "2020-02-01"]
MAN, WOMAN = "519999195302141012", "519999198001011226"
SMALL_X = next(number + "X" for serial in range(11, 99, 2) if check_digit(number := f"519999196001010{serial}") == "X")
Make = Callable[[openpyxl.Workbook], None]


def like(row: Sequence[Any], **changes: Any) -> list[Any]:
    return [changes.get(label, value) for label, value in zip(HEAD, row, strict=True)]


@dataclass
class Case:
    """A book and what is in it: `names` of the rows read, `values` of some of their fields by name, `dropped` reasons, `says` words
    that its problems must have. `name` decides the file's ending where it matters."""

    what: str
    rows: Sequence[Sequence[Any]] = ()
    make: Make | None = None
    data: Callable[[], bytes] | None = None
    ledger: str = "hazard_site"
    names: Sequence[str] = ("一号店", "二号店")
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    dropped: Sequence[str] | None = None
    says: Sequence[str] = ()
    notes: Sequence[str] = ()
    name: str = "台账.xlsx"
    sheets: Sequence[str] = ()

    def bytes(self) -> bytes:
        if self.data:
            return self.data()
        book, target = openpyxl.Workbook(), io.BytesIO()
        for row in self.rows:
            book.active.append(list(row))
        if self.make:
            self.make(book)
        book.save(target)
        return target.getvalue()


def merge(*areas: str, **cells: Any) -> Make:
    def made(book: openpyxl.Workbook) -> None:
        for place, value in cells.items():
            book.active[place] = value
        for area in areas:
            book.active.merge_cells(area)

    return made


def hide_rows(*numbers: int) -> Make:
    def made(book: openpyxl.Workbook) -> None:
        for number in numbers:
            book.active.row_dimensions[number].hidden = True

    return made


def another_sheet(title: str, rows: Sequence[Sequence[Any]], *, first: bool = False, hidden: bool = False) -> Make:
    def made(book: openpyxl.Workbook) -> None:
        page = book.create_sheet(title, 0 if first else None)
        for row in rows:
            page.append(list(row))
        if hidden:
            page.sheet_state = "hidden"

    return made


def text_of(rows: Sequence[Sequence[Any]], *, mark: str = ",", encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: "\r\n".join(mark.join(str(cell) for cell in row) for row in rows).encode(encoding)


PEOPLE = ["姓名", "性别", "身份证号", "户籍村", "联系电话", "人户状态"]
CASES = [
    Case("title, note and date rows above", [
        ["青石镇2020年安全排查对象台账"], ["填报单位：应急办", "", "", "", "", "填报日期：2020年6月1日"], [], HEAD, ONE, TWO,
    ], dropped=[]),
    Case("a title merged over the whole table, with a subtitle", [
        ["安全排查对象"], ["（2020年上半年）"], HEAD, ONE, TWO,
    ], make=merge("A1:H1", "A2:H2"), dropped=[]),
    Case("serial numbers, a column-number row, a total and signatures", [
        ["序号", *HEAD], ["甲", *range(1, 9)], [1, *ONE], [2, *TWO], ["合计", "", "", "", "2家"], ["制表人：李青", "", "审核人：王红"],
    ], dropped=["栏次行", "合计、小计行", "填表人、审核人等落款"]),
    Case("a subtotal after each village and a grand total", [
        HEAD, ONE, ["小计", "", "", "1家"], TWO, ["河口村小计", "", "", "1家"], ["总计", "", "", "2家"],
    ], dropped=["合计、小计行"] * 3),
    Case("signature rows of many kinds", [
        HEAD, ONE, TWO, [], ["审核人：", "", "填表人：李青"], ["单位负责人（签章）：", "", "", "联系电话：1380000"], ["注：本表一式两份"],
    ], dropped=["空行", "填表人、审核人等落款", "填表人、审核人等落款", "表下说明"]),
    Case("a header of two levels under merged groups", [
        ["村（社区）", "基本情况", "", "", "责任", "管理", "", ""], ["", *HEAD[1:]], ONE, TWO,
    ], make=merge("A1:A2", "B1:D1", "F1:H1")),
    Case("a header of three levels", [
        ["村（社区）", "对象", "", "", "责任", "管理", "", ""], ["", "基本情况", "", "", "人员", "要求", "", ""], ["", *HEAD[1:]], ONE, TWO,
    ], make=merge("A1:A3", "B1:D1", "B2:D2", "F1:H1", "F2:H2")),
    Case("villages merged down over their rows", [
        HEAD, ONE, like(ONE, 名称="三号店", **{"村（社区）": None}), TWO,
    ], make=merge("A2:A3"), names=["一号店", "三号店", "二号店"], values={("三号店", "division"): "青山村"}),
    Case("villages and kinds merged down, with a subtotal between", [
        HEAD, ONE, like(ONE, 名称="三号店", 领域=None, **{"村（社区）": None}), ["小计", "", "", "2家"], TWO,
    ], make=merge("A2:A3", "B2:B3"), names=["一号店", "三号店", "二号店"],
        values={("三号店", "division"): "青山村", ("三号店", "sector"): "消防"}, dropped=["合计、小计行"]),
    Case("a village merged over its rows and its subtotal", [
        HEAD, ONE, like(ONE, 名称="三号店", **{"村（社区）": None}), ["", "小计", "", "2家"], TWO,
    ], make=merge("A2:A4"), names=["一号店", "三号店", "二号店"], dropped=["合计、小计行"]),
    Case("hidden rows", [HEAD, ONE, like(ONE, 名称="旧店"), TWO], make=hide_rows(3), dropped=["隐藏行"]),
    Case("a hidden sheet in front", [HEAD, ONE, TWO],
         make=another_sheet("去年", [HEAD, like(ONE, 名称="去年的店")], first=True, hidden=True)),
    Case("an explanation in front of the table's sheet", [HEAD, ONE, TWO],
         make=another_sheet("填表说明", [["怎样填"], ["一、每个点位一行"]], first=True)),
    Case("two sheets read together", [HEAD, ONE], make=another_sheet("第二页", [["续表"], HEAD, TWO]), sheets=["Sheet", "第二页"]),
    Case("the header printed again on each page", [
        HEAD, ONE, ["安全排查对象台账"], HEAD, TWO, ["第1页 共1页"],
    ], dropped=None),
    Case("blank columns between", [
        [HEAD[0], "", *HEAD[1:]], [ONE[0], "", *ONE[1:]], [TWO[0], "", *TWO[1:]],
    ]),
    Case("numbers as text, with blanks and full width", [
        [*HEAD, "从业人数"], [*ONE, " １２ "], [*TWO, "3人"],
    ], values={("一号店", "people_n"): 12, ("二号店", "people_n"): 3}),
    Case("a former village name, a village with its town, a code", [
        HEAD, like(ONE, **{"村（社区）": "老青山村"}), like(TWO, **{"村（社区）": "青石镇河口村"}),
        like(TWO, 名称="三号店", **{"村（社区）": 519999100202}),
    ], names=["一号店", "二号店", "三号店"], values={("一号店", "division"): "青山村", ("三号店", "division"): "河口村"}),
    Case("dates in eight spellings", [
        HEAD, *(like(ONE, 名称=f"店{n}", 启用日期=said) for n, said in enumerate([
            "2020-01-05", "2020/1/5", "2020.1.5", "20200105", "2020年1月5日", datetime(2020, 1, 5), "2020年01月05号", 43835,
            "二〇二〇年一月五日",
        ])),
    ], names=[f"店{n}" for n in range(9)], values={(f"店{n}", "active_from"): date(2020, 1, 5) for n in range(9)}),
    Case("a double row names both lines", [HEAD, ONE, TWO, like(ONE, 责任人="别人")], names=["一号店", "二号店", "一号店"],
         says=["第 4 行与第 2 行重复"]),
    Case("ditto marks", [HEAD, ONE, like(ONE, 名称="三号店", 责任人="同上", 启用日期="〃")], names=["一号店", "三号店"],
         values={("三号店", "duty_name"): "李青", ("三号店", "active_from"): date(2020, 1, 5)}),
    Case("amounts in 万元 by header", [
        ["村（社区）", "来源", "领域", "发现日期", "发现人", "隐患描述", "隐患类别", "整改资金（万元）"],
        ["青山村", "排查", "消防", "2020-05-01", "李青", "通道堵塞", "管理", 1.25],
    ], ledger="hazard", names=["通道堵塞"], values={("通道堵塞", "fund"): Decimal("12500.00")}),
    Case("GB18030 csv with semicolons in words", data=text_of([HEAD, ONE, TWO], encoding="gb18030"), name="台账.csv"),
    Case("UTF-8 csv with a mark", data=text_of([HEAD, ONE, TWO], encoding="utf-8-sig"), name="台账.csv"),
    Case("UTF-8 csv without", data=text_of([["台账"], HEAD, ONE, TWO, ["合计", "2"]]), name="台账.csv", dropped=["合计、小计行"]),
    Case("tab-separated UTF-16 text of an old program", data=text_of([HEAD, ONE, TWO], mark="\t", encoding="utf-16"), name="台账.xls"),
    Case("csv named xlsx", data=text_of([HEAD, ONE, TWO], encoding="gb18030"), name="台账.xlsx"),
    Case("IDs as text, with a blank, with a small x, with an apostrophe, with 15 digits", [
        PEOPLE,
        ["陈一", "男", MAN, "青山村", "13800001234", "在家"], ["陈二", "女", "519999 19800101 1226", "青山村", "", "在家"],
        ["陈三", "男", f"'{SMALL_X.lower()}", "青山村", "", "在家"], ["陈四", "男", "519999530214103", "青山村", "", "在家"],
    ], ledger="person", names=["陈一", "陈二", "陈三", "陈四"], values={("陈一", "idno"): MAN, ("陈二", "idno"): WOMAN},
        notes=["15位"]),
    Case("IDs that a spreadsheet rounded", [
        PEOPLE, ["陈一", "男", float(MAN), "青山村", "", "在家"], ["陈二", "女", "5.19999E+17", "青山村", "", "在家"],
    ], ledger="person", names=["陈一", "陈二"], says=["第 2 行“", "第 3 行“", "文本"]),
    Case("phones as numbers", [PEOPLE, ["陈一", "男", MAN, "青山村", 13800001234, "在家"]], ledger="person", names=["陈一"],
         values={("陈一", "phone"): "13800001234"}),
    Case("everything at once", [
        ["附件2"], ["青石镇安全排查对象台账"], ["填报单位：应急办", "", "", "", "", "", "", "", "单位：家"],
        ["序号", "村（社区）", "对象", "", "", "责任人", "管理", "", "", "备注"], ["", "", *HEAD[1:4], "", *HEAD[5:], ""],
        [1, *ONE, "新开"], [2, None, *like(ONE, 名称="三号店", 启用日期="20.2.5")[1:], "/"], ["", "小计", "", "", "2家"],
        [3, *like(TWO, **{"村（社区）": "河口村委会"}), ""], [4], ["合计", "", "", "", "3家"], ["制表人：李青", "", "", "审核人：王红"],
    ], make=merge("A2:J2", "A4:A5", "B4:B5", "C4:E4", "F4:F5", "G4:I4", "J4:J5", "B6:B7"),
        names=["一号店", "三号店", "二号店"],
        values={("三号店", "division"): "青山村", ("三号店", "active_from"): date(2020, 2, 5), ("二号店", "division"): "河口村"}),
]  # fmt: skip


def _staged(case: Case, by: Any) -> Any:
    return stage_file(case.ledger, case.bytes(), name=case.name, by=by, sheets=case.sheets, today=TODAY)


def _check(case: Case, staged: Any, places: dict) -> None:
    said = "\n".join(one.message for one in staged.problems)
    if not case.says:
        assert said == ""
    for words in case.says:
        assert words in said
    key = {"hazard": "desc", "person": "name"}.get(case.ledger, "name")
    if case.ledger == "hazard":
        key = next(one.target for one in staged.mapping if one.column.label == "隐患描述")
    found = [row.values.get(key) for row in staged.rows]
    assert found == list(case.names)
    by_name = dict(zip(found, staged.rows, strict=True))
    for (name, code), value in case.values.items():
        row = by_name[name]
        assert (row.division == places[value].pk) if code == "division" else (row.values.get(code) == value), (
            name,
            code,
        )
    if case.dropped is not None:
        assert [why for _, why in staged.table.dropped] == list(case.dropped)
    notes = "\n".join(note for row in staged.rows for note in row.remarks)
    for words in case.notes:
        assert words in notes


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_a_real_sheet_is_read(case, lin, places):
    Alias.objects.create(division=places["青山村"], name="老青山村")
    _check(case, _staged(case, lin), places)


@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("soffice"), reason="no soffice on this machine")
@pytest.mark.parametrize("ending", ["xls", "et"])
def test_a_book_of_an_older_program_is_read_alike(ending, lin, places, tmp_path):
    """.et of WPS is the same format as .xls of Excel 97; LibreOffice writes it."""
    case = next(one for one in CASES if one.what == "everything at once")
    (tmp_path / "台账.xlsx").write_bytes(case.bytes())
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xls:MS Excel 97",
         "--outdir", str(tmp_path), str(tmp_path / "台账.xlsx")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    if not (tmp_path / "台账.xls").exists():
        pytest.skip("this LibreOffice has no spreadsheets (Debian: libreoffice-calc-nogui)")
    data = (tmp_path / "台账.xls").read_bytes()
    _check(case, stage_file(case.ledger, data, name=f"台账.{ending}", by=lin, today=TODAY), places)


def test_what_reading_remarked_is_shown_and_kept_with_the_row(live, lin, places):
    Alias.objects.create(division=places["青山村"], name="老青山村")
    case = Case("", [HEAD, like(ONE, 启用日期="20.1.5", **{"村（社区）": "老青山村"}), TWO])
    client = live(lin)
    answer = client.post(
        reverse("ledgers:import", args=["hazard_site"]), {"file": SimpleUploadedFile("表.xlsx", case.bytes())}
    )
    page = client.get(answer["Location"])
    assert [tab[1:] for tab in page.context["tabs"]][-1] == ("待核对", 1)
    [row] = client.get(answer["Location"] + "?tab=noted").context["rows"]
    assert row.notes == [
        "“启用日期”年份只写了两位，按 2020 年读取，请核对。", "“老青山村”是青山村的旧名或别名，按青山村读取。",
    ]  # fmt: skip
    client.post(reverse("ledgers:import_apply", args=[page.context["job"].pk]), {"digest": page.context["digest"]})
    stored = runtime.ledger("hazard_site").rows("audit").get(name="一号店")
    assert stored.source.startswith("表.xlsx 第2行（“启用日期”年份只写了两位")


def test_a_remark_on_a_number_does_not_show_the_number(lin, places):
    case = Case("", [PEOPLE, ["陈四", "男", "519999530214103", "青山村", "", "在家"]])
    [row] = stage_file("person", case.bytes(), name="表.xlsx", by=lin, today=TODAY).rows
    assert row.remarks == ["“公民身份号码”由15位旧号升为18位，请与户籍登记核对。"]


@pytest.mark.parametrize("ending", ["xls", "et"])
def test_the_hardest_sheet_as_a_book_of_1997(ending, lin, places):
    case = next(one for one in CASES if one.what == "everything at once")
    page = openpyxl.load_workbook(io.BytesIO(case.bytes())).active
    cells = {
        (cell.row - 1, cell.column - 1): float(cell.value) if isinstance(cell.value, int) else str(cell.value)
        for row in page.iter_rows() for cell in row if cell.value is not None
    }  # fmt: skip
    merged = [(one.min_row - 1, one.min_col - 1, one.max_row - 1, one.max_col - 1) for one in page.merged_cells.ranges]
    data = ole.xls("台账", cells, merged)
    _check(case, stage_file(case.ledger, data, name=f"台账.{ending}", by=lin, today=TODAY), places)
