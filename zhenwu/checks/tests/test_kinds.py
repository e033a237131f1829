"""Checks that a pack declares without SQL, and policies that say why: what they find, what they leave, what they refuse."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from zhenwu.checks.cases import CaseRunner
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import PackSpec

HEAD = """
[ledger]
code = "{code}"
label = "{label}"
line = "payments"
prefix = "{prefix}"
one_row = "一条"
unit = "财政所"
source = "试验"
"""
FIELD = '[[field]]\nid = {id}\ncode = "{code}"\nlabel = "{label}"\ntype = "{type}"\n'


def fields(*said: tuple[str, str, str]) -> str:
    return "".join(
        FIELD.format(id=n, code=code, label=label, type=kind) for n, (code, label, kind) in enumerate(said, 1)
    )


ROSTER = HEAD.format(code="roster", label="审批花名册", prefix="HM") + fields(
    ("item", "项目", "text"), ("period", "月份", "month"), ("due", "应发", "money"), ("batch", "批次", "text")
)
PAID = HEAD.format(code="paid", label="发放台账", prefix="FF") + fields(
    ("item", "项目", "text"), ("period", "月份", "month"), ("amount", "实发", "money"), ("paid_on", "日期", "date"),
    ("ok", "成功", "bool"),
)  # fmt: skip
AGREE = """
[[agree]]
code = "X-06"
label = "花名册与发放不符"
severity = "red"
reason = "试验"
left = { ledger = "roster", label = "花名册", key = ["item", "period"], value = "due", in_year = "period" }
right = { ledger = "paid", key = ["item", "period"], value = "amount", where = { ok = [true] }, in_year = "period" }
"""
CONTROL = """
[[control]]
code = "T-01"
label = "批次总额与明细不符"
severity = "red"
reason = "试验"
total = "due"
key = ["item", "period"]
when = { batch = ["一"] }
tolerance = 0.05
details = { ledger = "paid", label = "发放台账", key = ["item", "period"], value = "amount" }
"""
OUTLIER = """
[[outlier]]
code = "O-1"
label = "发放额与以往相差较大"
reason = "试验"
month = "paid_on"
value = "amount"
"""


def case(findings: str, **rows: Any) -> str:
    places = 'division = [{ id = "v1", name = "甲村" }, { id = "v2", name = "乙村" }]\n'
    said = "".join(f"{code} = [\n{''.join(f'  {row},{chr(10)}' for row in some)}]\n" for code, some in rows.items())
    return f'\n[[case]]\nname = "例"\nas_of = "2020-12-31"\nfindings = [{findings}]\n[case.rows]\n{places}{said}'


@pytest.fixture
def differ() -> Iterator[Any]:
    runners = []

    def run(one: str, other: str) -> list[str]:
        packs = {
            pack.ledger.code: pack for pack in (PackSpec.model_validate(tomllib.loads(text)) for text in (one, other))
        }
        runner = CaseRunner(PackSet(packs))
        runners.append(runner)
        own = next(iter(packs.values()))
        problems = [str(problem) for problem in runner.sql_problems(own)]
        return problems or runner.run(own, own.case[0])

    yield run
    for runner in runners:
        runner.close()


ROWS = {
    "roster": [
        '{ id = "r1", division = "v1", item = "低保", period = "2020-01", due = 600, batch = "一" }',
        '{ id = "r2", division = "v1", item = "低保", period = "2020-01", due = 400, batch = "二" }',
        '{ id = "r3", division = "v1", item = "低保", period = "2020-02", due = 500, batch = "一" }',
        '{ id = "r4", division = "v1", item = "低保", period = "2020-03", due = 500, batch = "一" }',
        '{ id = "r5", division = "v1", item = "低保", period = "2019-12", due = 500, batch = "三" }',
    ],
    "paid": [
        '{ id = "p1", division = "v1", item = "低保", period = "2020-01", amount = 1000, ok = true }',
        '{ id = "p2", division = "v1", item = "低保", period = "2020-02", amount = "499.96", ok = true }',
        '{ id = "p3", division = "v1", item = "低保", period = "2020-02", amount = 100, ok = false }',
        '{ id = "p4", division = "v1", item = "高龄", period = "2020-02", amount = 50, ok = true }',
    ],
}  # fmt: skip


def test_two_accounts_agree_on_keys_and_sums(differ):
    found = '["X-06", "低保", "2020-02"], ["X-06", "低保", "2020-03"], ["X-06", "高龄", "2020-02"]'
    assert differ(PAID + AGREE + case(found, **ROWS), ROSTER) == []


def test_a_difference_within_the_tolerance_is_none(differ):
    found = '["X-06", "低保", "2020-03"], ["X-06", "高龄", "2020-02"]'
    assert differ(PAID + AGREE + "tolerance = 0.04\n" + case(found, **ROWS), ROSTER) == []


def test_a_difference_says_both_sums(differ):
    said = differ(PAID + AGREE + case("", **ROWS), ROSTER)
    assert "unexpected finding [X-06, 低保, 2020-02]: 低保，2020-02：花名册500，发放台账499.96，数额不等。" in said
    assert "unexpected finding [X-06, 高龄, 2020-02]: 高龄，2020-02：花名册（空），发放台账50，前一本没有。" in said


def test_without_a_value_rows_are_counted(differ):
    text = AGREE.replace('value = "due", ', "").replace('value = "amount", ', "")
    found = '["X-06", "低保", "2020-01"], ["X-06", "低保", "2020-03"], ["X-06", "高龄", "2020-02"]'
    assert differ(PAID + text + case(found, **ROWS), ROSTER) == []


def test_a_total_is_what_its_details_add_up_to(differ):
    assert differ(ROSTER + CONTROL + case('["T-01", "r1"], ["T-01", "r3"], ["T-01", "r4"]', **ROWS), PAID) == []
    said = differ(ROSTER + CONTROL + case("", **ROWS), PAID)
    assert "unexpected finding [T-01, r1]: r1的“应发”填的是600，发放台账合计1000，相差400。" in said


def months(place: str, *amounts: int) -> list[str]:
    return [
        f'{{ id = "{place}{n}", division = "{place}", paid_on = 2020-{n:02d}-10, amount = {amount} }}'
        for n, amount in enumerate(amounts, 1)
    ]


def test_a_month_far_from_its_own_past_is_a_hint(differ):
    # median 101, MAD 1: 106 scores 0.6745 × 5 ÷ 1 = 3.37, 107 scores 4.05
    rows = {
        "paid": [*months("v1", 100, 101, 102, 100, 101, 102, 106), *months("v2", 100, 101, 102, 100, 101, 102, 107)]
    }
    assert differ(PAID + OUTLIER + case('["O-1", "v2", "2020-07"]', **rows), ROSTER) == []


def test_too_short_a_past_says_nothing_and_units_are_not_compared(differ):
    rows = {"paid": [*months("v1", 100, 100, 100, 100, 100, 900), *months("v2", *[5000] * 8)]}
    assert differ(PAID + OUTLIER + case("", **rows), ROSTER) == []


def test_where_all_months_were_alike_any_other_is_a_hint(differ):
    rows = {"paid": [*months("v1", 100, 100, 100, 100, 100, 100, 101)]}
    assert differ(PAID + OUTLIER + case('["O-1", "v1", "2020-07"]', **rows), ROSTER) == []
    # most of them alike: MAD is 0, the mean distance stands in: in July 2 ÷ 6 · 1.2533 · 3.5 = 1.46, in August 4 ÷ 7 · … = 2.51
    rows = {"paid": [*months("v1", 100, 100, 100, 100, 100, 102, 102, 102)]}
    assert differ(PAID + OUTLIER + case('["O-1", "v1", "2020-07"]', **rows), ROSTER) == []


@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        ('value = "due"', 'value = "duu"', "roster has no column duu. Known: id, division, item"),
        ('ledger = "roster"', 'ledger = "rooster"', "there is no ledger rooster"),
        ('label = "花名册", ', "", "roster is another ledger. Say what people call it"),
        ("ok = [true]", 'item = ["甲\') OR TRUE --"]', ""),  # a word is a word: it finds nothing and hides nothing
    ],
)
def test_what_is_declared_wrongly_is_said(differ, was, now, problem):
    assert was in AGREE
    said = "\n".join(differ(PAID + AGREE.replace(was, now) + case("", **ROWS), ROSTER))
    assert problem in said if problem else said.count("unexpected finding") == 3


def test_keys_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="as many fields"):
        PackSpec.model_validate(
            tomllib.loads(PAID + AGREE.replace('key = ["item", "period"], value = "due"', 'key = ["item"]'))
        )


def test_a_policy_says_why_on_both_sides(differ):
    policy = """
[[policy]]
code = "P-1"
label = "应享与实享"
reason = "试验"
entitled = "SELECT item AS person, division AS place, due AS amount, batch AS why FROM roster"
enrolled = "SELECT item AS person, division AS place, amount FROM paid"
"""
    rows = {"roster": ['{ id = "a", division = "v1", item = "甲", due = 100, batch = "满80周岁" }'],
            "paid": ['{ id = "b", division = "v1", item = "乙", amount = 60 }']}  # fmt: skip
    said = differ(PAID + policy + case("", **rows), ROSTER)
    assert sorted(said) == [
        "unexpected finding [P-1, 乙, 错享]: 错享：应享（空），实享60。依据：没有写明。",
        "unexpected finding [P-1, 甲, 漏享]: 漏享：应享100，实享（空）。依据：满80周岁。",
    ]
