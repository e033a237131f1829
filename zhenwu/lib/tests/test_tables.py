from datetime import date

import pytest

from zhenwu.lib.sheets import Sheet, SheetError, find_table


def sheet(*rows, merged=(), hidden_rows=()):
    width = max(map(len, rows))
    return Sheet(
        "表1", False, [[*row, *[""] * (width - len(row))] for row in rows], list(merged), frozenset(hidden_rows)
    )


def labels(table):
    return [column.label for column in table.columns]


def values(table):
    return [[row.cells[column.index] for column in table.columns] for row in table.rows]


def test_title_and_note_rows_are_skipped_and_the_unit_is_kept():
    table = find_table(
        sheet(
            ["青石镇低保花名册"],
            ["填报单位：青石镇", "", "填报时间：2020年3月", "单位：万元"],
            ["序号", "姓名", "金额\n（元）", "备 注"],
            [1.0, "张三", 300.0, ""],
            merged=[(0, 0, 0, 3)],
        )
    )
    assert labels(table) == ["序号", "姓名", "金额", "备注"]
    assert [column.unit for column in table.columns] == [None, None, "元", None]
    assert (table.header_rows, table.sheet_unit) == ((3,), "万元")
    assert [(row.number, row.cells) for row in table.rows] == [(4, [1.0, "张三", 300.0, ""])]


@pytest.mark.parametrize(
    ("above", "below", "day"),
    [
        ([["花名册"], ["填报单位：青石镇", "", "填报日期：2020年6月1日"]], [], date(2020, 6, 1)),
        ([["填报日期：", date(2020, 6, 1)]], [], date(2020, 6, 1)),
        ([["花名册"]], [["填表人：张三", "", "填表日期：2020年6月1日"]], date(2020, 6, 1)),
        ([["花名册"]], [], None),
    ],
)
def test_the_day_of_the_sheet_stands_above_or_below(above, below, day):
    table = find_table(
        sheet(*above, ["序号", "姓名", "出生日期"], [1.0, "张三", "1950-01-01"], *below), ["姓名", "出生日期"]
    )
    assert (table.sheet_day, len(table.rows)) == (day, 1)


TWO_LEVELS = [
    ["户收入表"],
    ["序号", "户主信息", "", "收入(元)", "", "备注"],
    ["", "姓名", "身份证号", "工资性", "经营性", ""],
    [1.0, "张三", "519999195302141012", 1.0, 2.0, ""],
]
TWO_LEVEL_LABELS = ["序号", "户主信息/姓名", "户主信息/身份证号", "收入/工资性", "收入/经营性", "备注"]


@pytest.mark.parametrize("known", [None, ["姓名", "工资性", "收入/经营性"], ["身份证号", "备注"]])
@pytest.mark.parametrize(
    "merged",
    [[(0, 0, 0, 5), (1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 1, 4), (1, 5, 2, 5)], []],
    ids=["merged", "typed"],
)
def test_two_levels_make_paths(known, merged):
    table = find_table(sheet(*TWO_LEVELS, merged=merged), known)
    assert labels(table) == TWO_LEVEL_LABELS
    assert table.columns[3].path == ("收入", "工资性")
    assert table.columns[3].unit == "元"
    assert table.header_rows == (2, 3)
    assert len(table.rows) == 1


def test_three_levels():
    table = find_table(
        sheet(
            ["村", "人口", "", "", ""],
            ["", "户籍", "", "常住", ""],
            ["", "男", "女", "男", "女"],
            ["青石村", 1.0, 2.0, 3.0, 4.0],
            merged=[(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)],
        )
    )
    assert labels(table) == ["村", "人口/户籍/男", "人口/户籍/女", "人口/常住/男", "人口/常住/女"]
    assert table.header_rows == (1, 2, 3)


def test_merged_data_cells_are_filled_down_and_marked():
    source = sheet(
        ["村", "户主", "姓名", "金额"],
        ["青石村", "张三", "张三", 600.0],
        ["", "", "李四", ""],
        ["", "王五", "王五", 300.0],
        merged=[(1, 0, 3, 0), (1, 1, 2, 1), (1, 3, 2, 3)],
    )
    table = find_table(source)
    assert values(table) == [
        ["青石村", "张三", "张三", 600.0],
        ["青石村", "张三", "李四", 600.0],
        ["青石村", "王五", "王五", 300.0],
    ]
    assert table.filled == {3: {0, 1, 3}, 4: {0}}
    assert source.rows[2] == ["", "", "李四", ""]


def test_rows_that_are_no_data_are_dropped_with_their_reason():
    table = find_table(
        sheet(
            ["低保花名册"],
            ["序号", "村", "姓名", "金额(元)"],
            ["甲", "乙", "1", "2"],
            [1.0, "青石村", "张三", 300.0],
            ["", "青石村 小 计", "", 300.0],
            ["", "", "", ""],
            ["低保花名册"],
            ["序号", "村", "姓 名", "金额（元）"],
            [2.0, "白水村", "李四", 100.0],
            [3.0, "白水村", "王五", 100.0],
            [4.0, "", "", ""],
            ["合　计", "", "", 400.0],
            ["填表人：赵六", "", "审核人：", ""],
            ["注：金额为月标准", "", "", ""],
            ["第1页 共2页"],
            hidden_rows=[10],
        )
    )
    assert [row.number for row in table.rows] == [4, 9]
    assert table.dropped == [
        (3, "栏次行"),
        (5, "合计、小计行"),
        (6, "空行"),
        (7, "重复的标题或页码"),
        (8, "重复的表头"),
        (10, "隐藏行"),
        (11, "只有序号的空行"),
        (12, "合计、小计行"),
        (13, "填表人、审核人等落款"),
        (14, "表下说明"),
        (15, "重复的标题或页码"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        ["会计张三", "计生专干", "13800001234", 0.0],
        ["张三", "审计局小区", "时间：3-5日", ""],
        ["青石村", "李四", "", ""],
        ["备注", "李四", "注：见附件", ""],
        ["", "李四", "13800001234", 1.0],
    ],
)
def test_rows_that_only_look_like_totals_stay(row):
    table = find_table(sheet(["单位", "姓名", "电话", "金额"], ["镇政府", "王五", "", 1.0], row))
    assert [found.cells for found in table.rows][1] == row
    assert table.dropped == []


def test_all_rows_are_accounted_for():
    rows = [["序号", "姓名", "面积"], *[[float(n), f"张{n}", 1.5] for n in range(50)], ["合计", "", 75.0]]
    table = find_table(sheet(*rows))
    assert len(table.rows) + len(table.dropped) + len(table.header_rows) == len(rows)


def test_known_headers_find_the_table_below_other_text():
    source = sheet(
        ["联系人", "赵六"],
        ["村", "镇"],
        ["姓名（户主）", "身份证号码", "面积(亩)"],
        ["张三", "519999195302141012", 1.0],
    )
    table = find_table(source, {"身份证号码", "面积"})
    assert table.header_rows == (3,)
    assert labels(table) == ["姓名(户主)", "身份证号码", "面积"]


def test_a_wrong_table_says_what_was_found_and_what_was_asked():
    with pytest.raises(SheetError, match="表头对不上") as caught:
        find_table(sheet(["树种", "株数"], ["柏树", 3.0]), ["姓名", "身份证号", "金额"])
    assert caught.value.code == "no_header"
    assert "第 1 行是“树种、株数”" in str(caught.value)
    assert "应有“姓名、身份证号、金额”" in str(caught.value)


def test_without_header_or_rows():
    for source, code in (
        (sheet([1.0, 2.0], [3.0, 4.0]), "no_header"),
        (sheet(["", ""]), "empty_sheet"),
        (Sheet("表1", False, []), "empty_sheet"),
        (sheet(["姓名", "金额"], ["合计", 0.0]), "no_rows"),
    ):
        with pytest.raises(SheetError) as caught:
            find_table(source)
        assert caught.value.code == code
        assert "“表1”" in str(caught.value)


def test_data_under_no_header_is_told():
    table = find_table(sheet(["姓名", "电话", "", "金额"], ["张三", "13800001234", "党员", 1.0], ["李四", "", "", 2.0]))
    assert (labels(table), table.unnamed) == (["姓名", "电话", "金额"], ["C"])
