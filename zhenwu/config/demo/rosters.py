"""The rows as the offices' Excel rosters: title and note rows above, village names as people write them, dates in several
spellings, money in 万元, totals at the end. Everything can be found again by name, ID number or number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from zhenwu.config.demo.build import Demo
from zhenwu.config.demo.layouts import LAYOUTS, Layout, SheetPlan
from zhenwu.config.demo.places import BY_CODE, NAMES, NEW, TOWN_NAME, group_name
from zhenwu.config.demo.world import Row
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import FieldSpec, PackSpec

_JOINT = "｜"


@dataclass(frozen=True)
class Roster:
    """One sheet to import, in this order."""

    ledger: str
    file: str
    sheet: str


@dataclass(frozen=True)
class _Column:
    header: str
    code: str  # a field, `division`, `state`, `note` or `<person field>:idno`
    kind: str  # field type
    group: str = ""


class Rosters:
    def __init__(self, demo: Demo, pack_set: PackSet) -> None:
        self.demo, self.packs = demo, pack_set.packs
        self._of = {row["id"]: row for rows in demo.rows.values() for row in rows}
        self._rng = Random(f"{demo.seed}/rosters")

    def write(self, folder: Path) -> list[Roster]:
        written = []
        for number, layout in enumerate((one for one in LAYOUTS if one.ledger in self.packs), 1):
            name = f"{number:02d}-{layout.ledger}.xlsx"
            with xlsxwriter.Workbook(str(folder / name), _OPTIONS) as book:
                styles = _Styles(book)
                for title, rows, plan in self._sheets(layout):
                    sheet = book.add_worksheet(title)
                    self._sheet(sheet, styles, layout, plan, rows)
                    written.append(Roster(layout.ledger, name, title))
        return written

    def added_order(self) -> dict[str, list[str]]:
        """Symbolic ids by ledger in the order in which the sheets add rows: the n-th row stored is the n-th id."""
        found = {}
        for layout in LAYOUTS:
            if layout.ledger in self.packs:
                added = [rows for _, rows, plan in self._sheets(layout) if not plan.only]
                found[layout.ledger] = [row["id"] for rows in added for row in rows]
        return found

    def _sheets(self, layout: Layout) -> Iterator[tuple[str, list[Row], SheetPlan]]:
        rows = self.demo.rows[layout.ledger]
        if layout.layered:
            names = ("台账", "续表一", "续表二", "续表三", "续表四")
            for name, layer in zip(names, _layers(rows, layout.layered), strict=False):
                yield name, layer, SheetPlan(name)
            return
        for plan in layout.sheets:
            yield plan.name, plan.rows(rows), plan

    def _sheet(self, sheet: Worksheet, styles: "_Styles", layout: Layout, plan: SheetPlan, rows: list[Row]) -> None:
        pack = self.packs[layout.ledger]
        columns = self._columns(pack, layout, plan, rows)
        last = len(columns)
        sheet.merge_range(0, 0, 0, last, f"{layout.title}（2020年）", styles.title)
        sheet.write_string(1, 0, f"填报单位：{TOWN_NAME}{layout.office}    填报时间：2021年1月5日", styles.note)
        first = self._header(sheet, styles, columns)
        fields = {one.code: one for one in pack.field}
        at = first
        for number, row in enumerate(rows, 1):
            sheet.write_number(at, 0, number)
            for index, column in enumerate(columns, 1):
                self._cell(sheet, styles, at, index, self._value(row, column, fields.get(column.code), layout, pack))
            at += 1
            if layout.subtotals and number < len(rows) and rows[number]["division"] != row["division"]:
                sheet.write_string(at, 0, "小计", styles.bold)
                at += 1
        sheet.write_string(at, 0, "合计", styles.bold)
        sheet.write_string(at, 1, f"{len(rows)}条", styles.bold)
        sheet.write_string(at + 1, 0, "填表人：经办人员    审核人：站所负责人")

    def _header(self, sheet: Worksheet, styles: "_Styles", columns: list[_Column]) -> int:
        """Writes the header rows; returns the first data row."""
        grouped = any(column.group for column in columns)
        bottom = 3 if grouped else 2
        cells = [_Column("序号", "", ""), *columns]
        index = 0
        while index < len(cells):
            column = cells[index]
            end = index
            while column.group and end + 1 < len(cells) and cells[end + 1].group == column.group:
                end += 1
            if column.group:
                sheet.merge_range(2, index, 2, end, column.group, styles.header)
                for inner in range(index, end + 1):
                    sheet.write_string(3, inner, cells[inner].header, styles.header)
            elif grouped:
                sheet.merge_range(2, index, 3, index, column.header, styles.header)
            else:
                sheet.write_string(2, index, column.header, styles.header)
            index = end + 1
        sheet.freeze_panes(bottom + 1, 0)
        return bottom + 1

    def _columns(self, pack: PackSpec, layout: Layout, plan: SheetPlan, rows: list[Row]) -> list[_Column]:
        groups = {code: label for label, codes in layout.groups.items() for code in codes}
        found = []
        if any(row.get("division") for row in rows):
            found.append(_Column(layout.headers.get("division", pack.ledger.place_label), "division", "division"))
        for field in pack.field:
            if field.type in ("files", "computed") or (plan.only and field.code not in plan.only):
                continue
            if layout.ledger == "person" and field.type == "person" and not plan.only:
                continue  # kin are rows of this ledger too: they come on the second sheet
            if field.required is not True and all(row.get(field.code) is None for row in rows):
                continue
            header = layout.headers.get(field.code, field.label)
            found.append(_Column(header, field.code, field.type, groups.get(field.code, "")))
            if field.type == "person":
                found.append(_Column(f"{field.label}身份证号", f"{field.code}:idno", "text"))
        if pack.lifecycle and not plan.only:
            found.append(_Column("状态", "state", "state"))
        return found

    def _value(self, row: Row, column: _Column, field: FieldSpec | None, layout: Layout, pack: PackSpec) -> Any:
        if column.code == "division":
            return self._village(row["division"])
        if column.code == "state":
            return (
                next(one.label for one in pack.lifecycle.states if one.code == row["state"]) if pack.lifecycle else None
            )
        if column.code.endswith(":idno"):
            target = row.get(column.code.removesuffix(":idno"))
            return self._of[target].get("idno") if target else None
        value = row.get(column.code)
        if value is None or field is None:
            return None
        if column.code in layout.wan:
            return Decimal(value) / 10_000
        return self._shown(value, field)

    def _shown(self, value: Any, field: FieldSpec) -> Any:
        """The value as the office writes it: a name for a link, a label for a choice, a date in one of its spellings."""
        if field.type == "person":
            return self._of[value]["name"]
        if field.type == "household":
            return self._of[value]["hno"]
        if field.type == "division":
            return "、".join(NAMES[one] for one in value) if isinstance(value, list) else _place_name(value)
        if field.type.startswith("ref:"):
            return self._reference(self._of[value], field.type.removeprefix("ref:"))
        if field.type in ("choice", "multichoice"):
            option = next(one for one in field.options if one.value == value)
            return option.shown
        if field.type == "date":
            return self._date(value)
        if field.type == "bool":
            return "是" if value else "否"
        if field.type in _NUMBERS:
            return Decimal(str(value))
        return str(value)

    def _reference(self, target: Row, ledger: str) -> str:
        if ledger == "party_development":
            return _JOINT.join((self._of[target["person"]]["name"], target["d01"].isoformat()))
        if ledger == "dibao":
            home = self._of[target["household"]]
            return _JOINT.join((self._of[home["head"]]["name"], target["receive_date"].isoformat()))
        return str(target[_NAMED_BY[ledger]])

    def _village(self, code: str | None) -> str | None:
        """The name, one time in eight as people shorten it or with the township in front."""
        if code is None:
            return None
        draw = self._rng.random()
        if draw < 0.06:
            return f"{TOWN_NAME}{NAMES[code]}"
        if draw < 0.12:
            others = (NEW if code == NEW.code else BY_CODE[code]).aliases
            return self._rng.choice(others)
        return NAMES[code]

    def _date(self, value: date) -> Any:
        draw = self._rng.random()
        if draw < 0.7:
            return value
        if draw < 0.85:
            return f"{value.year}.{value.month}.{value.day}"
        return f"{value.year}年{value.month}月{value.day}日"

    def _cell(self, sheet: Worksheet, styles: "_Styles", row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, styles.date)
        elif isinstance(value, Decimal):
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, value)


_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NUMBERS = ("integer", "decimal", "money", "percent", "area_mu", "length_km")
_NAMED_BY = {
    "party_branch": "name", "hazard_site": "name", "hazard_inspection": "no", "hazard": "detail", "river_segment": "name",
    "gov_project": "name", "project_contract": "contract_no", "eco_issue": "spot_text",
}  # fmt: skip


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        self.note = book.add_format({"font_size": 10})
        self.header = book.add_format(
            {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        )
        self.bold = book.add_format({"bold": True})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})


def _layers(rows: list[Row], code: str) -> list[list[Row]]:
    """Rows that point to no row of their own ledger, then those that point to these, and so on."""
    depth: dict[str, int] = {}
    of = {row["id"]: row for row in rows}

    def deep(row: Row) -> int:
        if row["id"] not in depth:
            depth[row["id"]] = deep(of[row[code]]) + 1 if row[code] else 0
        return depth[row["id"]]

    layers: list[list[Row]] = []
    for row in rows:
        while len(layers) <= deep(row):
            layers.append([])
        layers[deep(row)].append(row)
    return layers


def _place_name(code: str) -> str:
    return NAMES[code] if len(code) == 12 else group_name(code[:12], int(code[12:]))
