"""What pack authors are told: cases that hold, cases that differ, and SQL that may not run."""

import tomllib

import pytest

from zhenwu.checks.cases import CaseRunner
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import PackSpec

PACK = '''
[ledger]
code = "aid"
label = "救助"
line = "welfare"
prefix = "JZ"
one_row = "一人"
unit = "民政办"
source = "试验"
counts = { review = ["approved"], state_not = ["stopped"] }
[[field]]
id = 1
code = "who"
label = "姓名"
type = "text"
[[field]]
id = 2
code = "amount"
label = "金额"
type = "money"
[[field]]
id = 3
code = "kinds"
label = "类别"
type = "multichoice"
options = ["甲", "乙"]
[[field]]
id = 4
code = "share"
label = "占比"
type = "computed"
sql = """CAST(100 * r.amount AS BIGINT)
  // CAST((SELECT sum(a.amount) FROM aid a WHERE a.division = r.division) AS BIGINT)"""
[lifecycle]
initial = "open"
states = [{ code = "open", label = "在保" }, { code = "stopped", label = "停保" }]
[[indicator]]
code = "aid_sum"
label = "金额"
unit = "元"
show_unit = "万元"
places = 2
definition = "在保金额"
agg = "sum"
kind = "stock"
sql = "SELECT id AS row, division AS place, NULL AS day, amount AS num FROM aid"
[[indicator]]
code = "aid_all"
label = "登记"
unit = "人"
definition = "全部登记"
kind = "stock"
counts = "all"
sql = "SELECT id AS row, division AS place, NULL AS day, 1 AS num FROM aid"
[[indicator]]
code = "aid_kind"
label = "分类"
unit = "人"
definition = "按类别"
kind = "stock"
by = "类别"
sql = "SELECT a.id AS row, a.division AS place, NULL AS day, 1 AS num, k.value AS part FROM aid a JOIN aid__kinds k ON k.row = a.id"
[[indicator]]
code = "aid_mean"
label = "人均"
unit = "元"
places = 2
definition = "中位数"
agg = "median"
kind = "stock"
sql = "SELECT id AS row, division AS place, NULL AS day, amount AS num FROM aid"
[[indicator]]
code = "aid_cover"
label = "覆盖率"
unit = "%"
places = 1
definition = "有救助记录的村"
agg = "ratio"
kind = "stock"
sql = "SELECT row, place, NULL AS day, met AS num, 1 AS den FROM cov_c_1"
[[check]]
code = "A-1"
label = "占比过高"
severity = "yellow"
reason = "试验"
message = "{who}占{share}%。"
sql = "SELECT id AS row, who, share, CASE WHEN share > 90 THEN 'E' ELSE 'W' END AS severity FROM aid WHERE share > 50"
[[coverage]]
code = "C-1"
label = "无记录"
severity = "yellow"
reason = "试验"
message = "{village_name}没有记录。"
subject = ["village", "kind"]
down = "village"
across = "kind"
expected = """SELECT d.id AS village, '救助' AS kind, d.id AS place, d.name AS village_name
  FROM division d WHERE d.level = 'village' AND d.in_force"""
actual = "SELECT division AS village, '救助' AS kind, id AS row FROM aid"
[[policy]]
code = "P-1"
label = "应享与实享"
reason = "试验"
entitled = "SELECT who AS person, division AS place, 100 AS amount FROM aid"
enrolled = "SELECT who AS person, division AS place, amount FROM aid WHERE state = 'open'"
[[case]]
name = "全部"
as_of = "2020-12-31"
findings = [
  ["A-1", "x"], ["C-1", "v2", "救助"], ["P-1", "钱二", "金额不符"], ["P-1", "孙三", "漏享"],
]
[case.figures]
aid_sum = "0.09"
aid_all = 4
aid_mean = 450
"aid_kind.甲" = 1
"aid_kind.乙" = 2
aid_cover = "50.0"
[case.rows]
division = [{ id = "v1", name = "甲村" }, { id = "v2", name = "乙村" }, { id = "v0", name = "旧村", valid_to = 2020-01-01 }]
aid = [
  { id = "x", division = "v1", who = "钱二", amount = 800, kinds = ["甲", "乙"] },
  { id = "y", division = "v1", who = "赵一", amount = 100, kinds = ["乙"] },
  { id = "z", division = "v1", who = "孙三", amount = 100, state = "stopped", kinds = ["甲"] },
  { id = "w", division = "v1", who = "李四", amount = 100, review = "draft" },
]
'''


def runner_of(text: str) -> tuple[CaseRunner, PackSpec]:
    pack = PackSpec.model_validate(tomllib.loads(text))
    return CaseRunner(PackSet({"aid": pack}, [], {"aid": "packs/welfare/aid.toml"})), pack


def differences(text: str) -> list[str]:
    runner, pack = runner_of(text)
    try:
        assert runner.sql_problems(pack) == []
        return runner.run(pack, pack.case[0])
    finally:
        runner.close()


def test_a_case_that_holds_says_nothing() -> None:
    assert differences(PACK) == []


def test_every_difference_is_named() -> None:
    said = differences(PACK.replace('["A-1", "x"]', '["A-1", "y"]').replace("aid_all = 4", "aid_all = 5"))
    assert said == [
        "missing finding [A-1, y]",
        "unexpected finding [A-1, x]: 钱二占72%。",
        "figure aid_all is 4 (shown 4), expected 5.",
    ]


def test_a_column_that_does_not_exist_is_named_with_what_does() -> None:
    assert (
        "rows.aid: there is no column amout. Known: id, no, "
        in differences(PACK.replace("amount = 800", "amout = 8"))[0]
    )


@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        ("who, share, CASE", "whom, share, CASE", 'check A-1: Binder Error: Referenced column "whom" not found'),
        ("{who}占", "{name}占", "check A-1: the message names name, which the SQL does not return."),
        ("division AS village, '救助' AS kind", "division AS village, '救助' AS sort", "coverage C-1: Binder Error"),
        ("amount AS num FROM aid", "avg(amount) AS num FROM aid GROUP BY 1, 2", "num is DOUBLE."),
        ("met AS num, 1 AS den", "met AS num", "does not return den."),
        ("share > 50", "amount // 2 > 50", "check A-1: divides decimals with “//”."),
        ("1 AS num, k.value AS part", "1 AS num", "indicator aid_kind: does not return part."),
    ],
)
def test_sql_that_may_not_run_says_where_and_why(was: str, now: str, problem: str) -> None:
    assert was in PACK
    runner, pack = runner_of(PACK.replace(was, now, 1))
    told = "\n".join(str(one) for one in runner.sql_problems(pack))
    runner.close()
    assert problem in told
    assert told.startswith("packs/welfare/aid.toml, ")
