"""A column that mixes 万元 and 元 (part 13 of the dirty values: such a column is red)."""

from datetime import date

import pytest

from zhenwu.ledgers.importing.actions import stage_file
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures

TODAY = date(2020, 6, 1)


@pytest.fixture
def staged(running, places, lin, tmp_path, sheet):  # noqa: F811
    """`staged(header, cells, …)`: the preview of a sheet with one column of numbers."""
    area = text(3, "area", type='"area_mu"', label='"面积"')
    count = text(4, "people", type='"integer"', unit='"人"', label='"人数"')
    money = text(2, "paid", type='"money"', label='"金额"')
    running(
        trial=pack(
            "trial", text(1, "name", label='"名称"'), money, area, count, ledger='key = ["name"]\nplace = "town"\n'
        )
    )

    def read(header, *cells):
        path = tmp_path / "表.xlsx"
        path.write_bytes(sheet([["名称", header], *([f"第{at}户", cell] for at, cell in enumerate(cells))]))
        return stage_file("trial", path, name="表.xlsx", by=lin, today=TODAY)

    return read


def outcome(found, code="paid"):
    """What each cell became: its value, or ✗; with a question mark where a person is to look at it."""
    said = []
    for row in found.rows:
        if row.problems:
            said.append("✗")
        else:
            words = "？" if any("没有写单位" in one for one in row.remarks) else ""
            said.append(f"{row.values[code].normalize():f}{words}" if row.values.get(code) is not None else "")
    return said


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("金额", ["3.2万元", 1.5, "2万"], ["32000", "✗", "20000"]),  # 1.5 元 or 1.5 万元?
        ("金额", ["3.2万元", 28000, "2万"], ["32000", "28000？", "20000"]),  # 2.8 亿 it cannot be
        ("金额", ["3.2万元", 800, "0.5万元"], ["32000", "800？", "5000"]),
        ("金额", ["3.2万元", 500, "2万元"], ["32000", "✗", "20000"]),  # far from both
        ("金额", ["3.2万元", "1200元", 0, ""], ["32000", "1200", "0", ""]),  # each says its unit; nothing is nothing
        ("金额（万元）", ["3.2", 1.5, "2万元"], ["32000", "15000", "20000"]),  # the header decides
        ("金额（元）", ["3.2万元", 1.5], ["32000", "1.5"]),
        ("金额", [12000, 1.5, 38000], ["12000", "1.5", "38000"]),  # nobody names a unit: 元, as the field says
    ],
)
def test_bare_amounts_beside_amounts_in_ten_thousands(staged, header, cells, expected):
    assert outcome(staged(header, *cells)) == expected


def test_areas_and_counts_alike(staged):
    assert outcome(staged("面积", "2公顷", 3, 30), "area") == ["30", "✗", "30？"]
    assert [row.values.get("people") for row in staged("人数", "1.2万", 11800, 2).rows] == [12000, 11800, None]


def test_the_refusal_says_what_to_do(staged):
    found = staged("金额", "3.2万元", 1.5)
    (problem,) = found.rows[1].problems
    assert str(problem.message).endswith(
        "“金额”填的是“1.5”，没有写单位，而同一列有的写了“3.2万元”：分不清是不是元。请在表头写明单位，或在这一格写上单位。"
    )
