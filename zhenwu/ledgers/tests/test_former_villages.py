"""A roster that still says the villages and groups of before a merger."""

from datetime import date

import pytest

from zhenwu.divisions.actions import create_divisions, merge
from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers.importing.actions import stage_file

HEAD = ["户籍村", "户籍组", "姓名", "性别", "出生日期", "人户状态", "户籍状态", "劳动能力", "号码状态"]
REST = ["在册在地", "在册", "普通劳动力", "尚未登记"]


@pytest.fixture
def merged(places, admin, lin):
    """青山村 and 河口村, a 1组 each, became 青河村 on 2020-07-01."""
    start = date(2000, 1, 1)
    groups = {
        name: Division(
            code=f"{places[name].code}01", name="1组", level=Level.GROUP, parent=places[name], valid_from=start
        )
        for name in ("青山村", "河口村")
    }
    create_divisions(list(groups.values()), by=admin, reason="试验")
    new = Division(code="519999100203", name="青河村", parent=places["town"])
    merge([places["青山村"], places["河口村"]], into=new, on=date(2020, 7, 1), title="合并", approval="1号", by=lin)
    return new, {name: one.became.get().target for name, one in groups.items()}


def test_a_group_beside_a_former_village_is_what_that_villages_group_became(merged, sheet, lin):
    new, now = merged
    rows = [["河口村", "1组", "李青", "男", "2020-08-01", *REST], ["青山村", "1组", "王山", "男", "2020-09-01", *REST]]
    staged = stage_file("person", sheet([HEAD, *rows]), name="花名册.xlsx", by=lin, today=date(2021, 3, 1))
    assert [row.division for row in staged.rows] == [new.pk, new.pk]
    assert [row.values["hukou_group"] for row in staged.rows] == [now["河口村"].pk, now["青山村"].pk]
    assert now["河口村"] != now["青山村"]
    assert any("河口村" in remark and "青河村" in remark for row in staged.rows for remark in row.remarks)


def test_a_group_beside_the_new_village_is_its_own(merged, sheet, lin):
    _, now = merged
    own = next(one for one in now.values() if one.name == "1组")
    rows = [["青河村", "1组", "李青", "男", "2020-08-01", *REST]]
    staged = stage_file("person", sheet([HEAD, *rows]), name="花名册.xlsx", by=lin, today=date(2021, 3, 1))
    assert [row.values["hukou_group"] for row in staged.rows] == [own.pk]
