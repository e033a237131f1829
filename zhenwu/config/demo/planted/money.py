"""Contracts and payments of projects."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.planted.projects import FUNDS, of_one_fund, project, said, works_of
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World

_NOT_IN_SUPPLEMENT = (
    "limit_price", "award_on", "start_plan", "days_plan", "advance_pct", "progress_pct", "accept_pct", "retention_pct", "retention_form",
    "defect_months", "wage_pct", "wage_account", "pay_guarantee",
)  # fmt: skip


def _contract(world: World, check: str, row: Row, what: str, why: str = "项目管理程序") -> None:
    said(world, f"project_contract.{check}", row["id"], what=what, why=why)


def _paid(world: World, contract: Row, kind: str) -> list[Row]:
    return [row for row in world.rows["project_payment"] if row["contract"] == contract["id"] and row["kind"] == kind]


def _works(world: World, picker: Picker, aspects: str, *states: str) -> Row:
    return works_of(world, project(world, picker, aspects, *states))


def above_limit_price(world: World, picker: Picker, turn: int) -> None:
    works, more = _works(world, picker, "limit amount", "building", "settled"), (10_000, 100, 300, 50_000, 100)[turn]
    works["limit_price"] = works["amount"] - more
    _contract(world, "PC02", works, f"合同价高于最高限价{more}元")
    if turn == 0:
        spared = _works(world, picker, "limit amount", "building", "settled")
        spared["limit_price"] = spared["amount"]
        world.spare("project_contract.PC02", spared["id"], what="合同价等于最高限价")


def signed_late(world: World, picker: Picker, turn: int) -> None:
    works, days = _works(world, picker, "award", "building", "settled"), (45, 31, 32, 60, 31)[turn]
    works["award_on"] = works["signed_on"] - timedelta(days=days)
    _contract(world, "PC03", works, f"中标{days}天后才签约")
    if turn == 0:
        spared = _works(world, picker, "award", "building", "settled")
        spared["award_on"] = spared["signed_on"] - timedelta(days=30)
        world.spare("project_contract.PC03", spared["id"], what="中标30天签约")


def too_much_retained(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "retention", "building")
    works["retention_pct"] = Decimal(("5", "3.5", "3.01", "4", "10")[turn])
    _contract(world, "PC05", works, f"质保金{works['retention_pct']}%")


def retained_twice(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "bond", "building")
    works["perf_bond"] = Decimal((50_000, 100, 20_000, 30_000, 1_000)[turn])
    _contract(world, "PC06", works, "履约保证金和质保金重复预留")


def without_wage_account(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "wage", "building")
    works["wage_account"] = None
    _contract(world, "PC09", works, "没有农民工工资专户")


def wrong_advance(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "advance", "settled", "handed")
    works["advance_pct"] = Decimal((40, 31, 9, 35, 5)[turn])
    _contract(world, "PC07", works, f"预付款{works['advance_pct']}%")
    if turn < 2:
        spared = _works(world, picker, "advance", "contracted")
        spared["advance_pct"] = Decimal((30, 10)[turn])
        world.spare("project_contract.PC07", spared["id"], what=f"预付款{spared['advance_pct']}%")


def paid_to_another(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "payee", "building", "settled")
    pay = _paid(world, works, ("progress", "advance")[turn % 2])[0]
    pay["payee"] = f"云岭达茂劳务服务部{'一二三四五'[turn]}"
    said(world, "project_payment.PP03", pay["id"], what="收款单位不是合同乙方")


def paid_from_money_that_is_not(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "source", "building")
    pay = _paid(world, works_of(world, one), "advance")[0]
    pay["fund"] = "bond"
    said(world, "project_payment.PP09", one["id"], "bond", what="没有债券资金却用债券付款")


def paid_too_much(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "advance source", "building")
    works = works_of(world, one)
    measured = sum((row["measured"] for row in _paid(world, works, "progress") if row["measured"]), Decimal(0))
    paid = sum((row["amount"] for row in world.rows["project_payment"] if row["contract"] == works["id"]), Decimal(0))
    cap = max(works["amount"] * 20 // 100, min(measured * 80 // 100, works["amount"] * 97 // 100))
    more = (50_000, 100, 10_000, 100, 20_000)[turn]
    _pay_more(world, picker, one, _paid(world, works, "progress")[-1], cap - paid + more, f"记{YEAR}900{turn}")
    said(world, "project_payment.PP01", works["id"], what=f"{one['name']}超付{more}元", why="合同约定")


def _pay_more(world: World, picker: Picker, one: Row, base: Row, amount: Decimal, voucher: str) -> None:
    values = {code: value for code, value in base.items() if code != "id"}
    picker.use(world.add("project_payment", **values | {
        "amount": amount, "measured": Decimal(0), "invoice_amt": amount, "voucher_no": voucher, "paid_on": date(YEAR, 12, 20),
        "applied_on": date(YEAR, 12, 14), "approved_on": date(YEAR, 12, 17), "fund": max(FUNDS, key=lambda fund: one[f"fund_{fund}"]),
        "period": f"{YEAR}-12",
    }))  # fmt: skip


def paid_before_contract(world: World, picker: Picker, turn: int) -> None:
    one, days = project(world, picker, "early", "settled", "building", "accepted"), (5, 1, 2, 20, 1)[turn]
    early = next(row for row in world.rows["project_payment"] if row["project"] == one["id"] and row["kind"] == "early")
    paid = world.of[early["contract"]]["signed_on"] - timedelta(days=days)
    early.update(applied_on=paid - timedelta(days=4), approved_on=paid - timedelta(days=2), paid_on=paid)
    said(world, "project_payment.PP07", early["id"], what=f"签约前{days}天就付款")


def not_paid_out(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "money", "settled")
    gone = _paid(world, works, "settle")
    world.rows["project_payment"] = [row for row in world.rows["project_payment"] if row not in gone]
    said(world, "project_payment.PP02", works["id"], what="结算后没有付清", why="欠付工程款")


def retention_paid_early(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "money", "settled")
    works = works_of(world, one)
    back = works["settled_amt"] * 3 // 100
    values = {code: value for code, value in _paid(world, works, "settle")[0].items() if code != "id"}
    paid = date(YEAR, 12, 10 + turn)
    pay = world.add("project_payment", **values | {
        "kind": "retention", "period": None, "measured": None, "amount": back, "invoice_amt": back, "voucher_no": f"记{YEAR}910{turn}",
        "applied_on": paid - timedelta(days=6), "approved_on": paid - timedelta(days=3), "paid_on": paid,
    })  # fmt: skip
    picker.use(pay)
    said(world, "project_payment.PP04", pay["id"], what="缺陷责任期没有满就返还质保金")
    said(world, "project_payment.PP01", works["id"], what="因此付到了审定价的100%")
    _fund_with_room(world, one, pay)


def _fund_with_room(world: World, row: Row, payment: Row) -> None:
    """Pay from the source that has the most left, so that only the planted error is there."""
    used: dict[str, Decimal] = {}
    for one in world.rows["project_payment"]:
        if one["project"] == row["id"] and one is not payment:
            used[one["fund"]] = used.get(one["fund"], Decimal(0)) + one["amount"]
    payment["fund"] = max(FUNDS, key=lambda fund: row[f"fund_{fund}"] - used.get(fund, Decimal(0)))


def invoice_too_small(world: World, picker: Picker, turn: int) -> None:
    works, less = _works(world, picker, "invoice", "settled"), (1_000, 1, 100, 50_000, 10)[turn]
    pay = _paid(world, works, "progress")[-1]
    pay["invoice_amt"] = max(pay["amount"] - less, Decimal(0))
    if pay["amount"] == 0:
        pay = _paid(world, works, "advance")[0]
        pay["invoice_amt"] = pay["amount"] - less
    said(world, "project_payment.PP08", works["id"], what="发票比拨付少")


def voucher_twice(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "voucher", "settled", "building")
    rows = [row for row in _paid(world, works_of(world, one), "progress") if row["paid_on"].year == YEAR]
    first, second = rows[0], rows[-1]
    second["voucher_no"] = first["voucher_no"]
    said(world, "project_payment.PP06", *sorted((first["id"], second["id"])), what="两笔用同一凭证号")


def retention_not_returned(world: World, picker: Picker, turn: int) -> None:
    works = _works(world, picker, "money", "handed")
    pay = _paid(world, works, "retention")[0]
    pay.update(state="applied", approved_on=None, paid_on=None, voucher_no=None)
    said(world, "project_payment.PP05", pay["id"], what="质保金到期未退")


def settled_above_contract(world: World, picker: Picker, turn: int) -> None:
    works, more = _works(world, picker, "limit amount", "handed", "settled"), (10_000, 100, 1_000, 100, 500)[turn]
    works["amount"] = works["settled_amt"] - more
    _contract(world, "PC11", works, f"结算比合同价多{more}元")


def not_tendered(world: World, picker: Picker, turn: int) -> None:
    """A works contract of four million and more without a tender."""
    _, works = _large(world, picker, 5_000_000)
    amount = Decimal((4_250_000, 4_000_000, 4_000_100, 4_600_000, 4_000_000)[turn])
    works.update(amount=amount, limit_price=Decimal(4_700_000), procure="竞争性磋商")
    _contract(world, "PC01", works, f"{amount}元施工合同没有招标", why="必须招标的工程项目规定")


def just_below_tender(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        _, works = _large(world, picker, 4_900_000)
        works.update(amount=Decimal(3_999_900), limit_price=Decimal(4_500_000), procure="竞争性磋商")
        world.spare("project_contract.PC01", works["id"], what="399.99万元施工合同没有招标")


def split_in_two(world: World, picker: Picker, turn: int) -> None:
    one, works = _large(world, picker, 4_800_000)
    works.update(amount=Decimal(2_200_000), limit_price=Decimal(2_300_000), procure="竞争性磋商")
    values = {code: value for code, value in works.items() if code != "id"}
    second = Decimal((2_000_000, 1_800_000, 1_900_000, 1_800_000, 2_100_000)[turn])
    picker.use(world.add("project_contract", **values | {
        "contract_no": f"{works['contract_no']}-乙", "amount": second, "limit_price": second + 50_000, "party_b": f"云岭双合{'甲乙丙丁戊'[turn]}建设工程有限公司",
    }))  # fmt: skip
    said(world, "project_contract.PC10", one["id"], "works", what="一个项目拆成两份施工合同", why="化整为零规避招标")


def _large(world: World, picker: Picker, total: int) -> tuple[Row, Row]:
    one = project(world, picker, "category funds advance limit estimate", "contracted")
    of_one_fund(one, Decimal(total))
    return one, works_of(world, one)


def supplement_too_large(world: World, picker: Picker, turn: int) -> None:
    one = project(world, picker, "supplement advance", "building")
    works = works_of(world, one)
    share = ("0.12", "0.11", "0.2", "0.15", "0.11")[turn]
    values = {code: value for code, value in works.items() if code != "id"}
    picker.use(world.add("project_contract", **values | dict.fromkeys(_NOT_IN_SUPPLEMENT) | {
        "kind": "supplement", "main": works["id"], "contract_no": f"{works['contract_no']}-补1", "amount": works["amount"] * Decimal(share) // 100 * 100,
        "signed_on": AS_OF - timedelta(days=40), "state": "signed",
    }))  # fmt: skip
    _contract(world, "PC04", works, f"补充协议追加{share}")
    one["budget_est"] = works["amount"]
    said(world, "gov_project.GP03", one["id"], "合同金额合计", what="合同合计超过核定概算")


KINDS = (
    above_limit_price, signed_late, too_much_retained, retained_twice, without_wage_account, wrong_advance, paid_to_another,
    paid_from_money_that_is_not, paid_too_much, paid_before_contract, not_paid_out, retention_paid_early, invoice_too_small, voucher_twice,
    retention_not_returned, settled_above_contract, not_tendered, just_below_tender, split_in_two, supplement_too_large,
)  # fmt: skip
