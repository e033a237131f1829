"""The blank sheet of a ledger: its labels as headers, choices as drop-downs, and a second sheet that explains each column.

Written with XlsxWriter itself, because drop-downs are the one thing that `lib.sheets.BookWriter` does not do. Every text in
it comes from the pack or the register of places, and is written as a string, never as a formula.
"""

from collections.abc import Iterator
from datetime import date
from typing import IO, Any

import xlsxwriter

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.filters import villages_for
from zhenwu.ledgers.importing.linefinding import label_of_parent, named_by_fields
from zhenwu.ledgers.linesheets import label_of
from zhenwu.ledgers.queries import shown_fields, shown_lines
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_ROWS = 2000  # rows that carry formats and drop-downs
_HOW = {
    "date": "日期，如 2020-03-15", "month": "月份，如 2020-03", "datetime": "日期和时间，如 2020-03-15 09:30",
    "integer": "整数", "decimal": "数字", "money": "数字，单位元；表头写“（万元）”的按万元读", "percent": "百分数，85 表示 85%",
    "area_mu": "数字，单位亩", "length_km": "数字，单位公里", "bool": "是 或 否", "person": "姓名；有同名的另填身份证号",
    "household": "户号，或户主姓名", "division": "村（社区）名称", "unit": "站所名称", "user": "工作人员姓名或登录名",
    "ref": "对应台账的编号或名称", "phone": "11位手机号或区号加号码", "idno": "18位身份证号", "bank_account": "银行账号",
    "uscc": "18位统一社会信用代码", "geo": "经度,纬度，如 106.8472,29.5631", "multichoice": "可填多项，用顿号隔开",
}  # fmt: skip


Columns = list[tuple[str, str, str, list[str], str]]  # (header, required, type, options, help)


def write_template(ledger: Ledger, scope: Scope, target: IO[bytes], *, today: date) -> None:
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheets = {ledger.label[:31]: _columns(ledger, scope, today)} | _line_sheets(ledger, scope, today)
    made = [(book.add_worksheet(name), columns) for name, columns in sheets.items()]
    guide = book.add_worksheet("填写说明")
    lists = book.add_worksheet("选项")
    lists.hide()
    head = {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1, "bg_color": "#F2F2F2"}
    plain, wrap = book.add_format(head), book.add_format({"text_wrap": True, "valign": "top"})
    for column, (label, width) in enumerate(
        (("列", 20), ("是否必填", 12), ("怎么填", 34), ("可填的内容", 50), ("说明", 50))
    ):
        guide.write_string(0, column, label, plain)
        guide.set_column(column, column, width, wrap)
    rows = [row for sheet, columns in made for row in _explained(sheet.name if len(made) > 1 else "", columns)]
    for number, row in enumerate(rows, 1):
        for column, said in enumerate(row):
            guide.write_string(number, column, said, wrap)
    begin = 0
    for sheet, columns in made:
        _write_sheet(book, sheet, columns, lists, begin, head)
        begin += len(columns)
    guide.freeze_panes(1, 0)
    made[0][0].activate()
    book.close()


def _write_sheet(book: Any, sheet: Any, columns: Columns, lists: Any, begin: int, head: dict[str, Any]) -> None:
    """One blank sheet; its drop-downs stand in the columns of `lists` from `begin` on."""
    must, plain = book.add_format(head | {"bg_color": "#FCE4D6"}), book.add_format(head)
    text, formats = book.add_format({"num_format": "@"}), {"date": book.add_format({"num_format": "yyyy-mm-dd"})}
    for at, (label, required, kind, options, _) in enumerate(columns):
        sheet.write_string(0, at, label, must if required == "必填" else plain)
        sheet.set_column(at, at, max(12, min(30, len(label) * 2 + 4)), formats.get(kind, text))
        if options and kind != "multichoice":
            for row, option in enumerate(options):
                lists.write_string(row, begin + at, option)
            column = xlsxwriter.utility.xl_col_to_name(begin + at)
            sheet.data_validation(1, at, _ROWS, at, {
                "validate": "list", "source": f"=选项!${column}$1:${column}${len(options)}", "error_type": "warning",
                "error_title": "不在可选项里", "error_message": "请从下拉列表中选择。",
            })  # fmt: skip
    sheet.freeze_panes(1, 0)


def _explained(sheet: str, columns: Columns) -> Iterator[tuple[str, ...]]:
    for label, required, kind, options, says in columns:
        name = f"{sheet}·{label}" if sheet else label
        yield name, required, _HOW.get(kind, "文字"), "、".join(options), says


def _line_sheets(ledger: Ledger, scope: Scope, today: date) -> dict[str, Columns]:
    """A sheet for each child table: what names the row of a line, as on the main sheet, then the columns."""
    found: dict[str, Columns] = {}
    main = {one[0]: one for one in _columns(ledger, scope, today)}
    for code, columns in shown_lines(ledger, scope).items():
        named_by = [label_of_parent(ledger, one) for one in named_by_fields(ledger)]
        sheet: Columns = [
            (label, "必填", main[label][2], main[label][3], "属于哪条记录：与主表填得一样")
            for label in named_by
            if label in main
        ]
        for kind in columns.values():
            if kind.writable and kind.widget != "file":
                sheet.append((label_of(kind), _required(ledger, kind), kind.name, _options(kind), kind.spec.help))
        found[ledger.types[code].label[:31]] = sheet
    return found


def _columns(ledger: Ledger, scope: Scope, today: date) -> Columns:
    """Every column of the main sheet that can be filled."""
    spec = ledger.spec
    found = []
    if spec.place != "town":
        villages = [name for _, name in villages_for(scope, today)] if spec.place == "village" else []
        found.append((spec.place_label, "必填" if spec.place_required else "", "division", villages, ""))
    for kind in shown_fields(ledger, scope).values():
        if not kind.writable or kind.widget == "file":
            continue
        found.append((label_of(kind), _required(ledger, kind), kind.name, _options(kind), kind.spec.help))
        if kind.name in ("person", "household") and f"{kind.label}身份证号" not in {one[0] for one in found}:
            found.append((f"{kind.label}身份证号", "", "idno", [], f"用来认出{kind.label}是谁，避免同名"))
    if ledger.states:
        found.append(("状态", "", "choice", [state.label for state in ledger.states.values()], "不填为第一个状态"))
    return [*found, ("备注", "", "text", [], "")]


def _required(ledger: Ledger, kind: FieldType) -> str:
    if kind.spec.required_when:
        return "视情况"
    if kind.spec.required is True:
        return "必填"
    return f"到“{ledger.state_label(kind.spec.required)}”时" if isinstance(kind.spec.required, str) else ""


def _options(kind: FieldType) -> list[str]:
    if kind.name == "bool":
        return ["是", "否"]
    return [option.shown for option in kind.spec.options]
