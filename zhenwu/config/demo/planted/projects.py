"""Projects, contracts, payments and monthly progress."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World, add_months


def plant(world: World, picker: Picker) -> None:
    _Spoiler(world, picker).run()


class _Spoiler:
    """Each project carries at most a few errors, of kinds that do not touch each other."""

    def __init__(self, world: World, picker: Picker) -> None:
        self.world, self.picker = world, picker
        self.projects, self.contracts = world.rows["gov_project"], world.rows["project_contract"]
        self.payments, self.progress = world.rows["project_payment"], world.rows["project_progress"]

    def run(self) -> None:
        self._projects()
        self._building()
        self._finished()
        self._large_contracts()
        self._progress_rows()

    def _said(self, check: str, *subject: object, what: str, why: str = "项目管理程序") -> None:
        self.world.plant(check, *subject, what=what, why=why)

    def _project(self, state: str, **wanted: object) -> Row:
        return self.picker.pick(
            self.projects,
            lambda row: (
                row["state"] == state
                and row["parent"] is None
                and "打捆" not in row["name"]
                and all(row[k] == v for k, v in wanted.items())
            ),
        )

    def _works(self, project: Row) -> Row:
        return next(row for row in self.contracts if row["project"] == project["id"] and row["kind"] == "works")

    def _paid(self, contract: Row, kind: str) -> list[Row]:
        return [row for row in self.payments if row["contract"] == contract["id"] and row["kind"] == kind]

    def _latest(self, project: Row) -> list[Row]:
        return sorted(
            (row for row in self.progress if row["project"] == project["id"]), key=lambda row: row["progress_month"]
        )

    def _projects(self) -> None:
        one = self._project("reserved")
        self._said("gov_project.GP02", one["id"], what=f"{one['name']}资金来源合计少5万元")
        one["fund_local"] = max(one["fund_local"] - 50_000, Decimal(0))
        one["est_feas"] = one["budget_est"] * 8 // 10
        self._said("gov_project.GP04", one["id"], what="概算超过估算四分之一")

        one = self._project("ratified")
        one["total_invest"] = None
        self._said("gov_project.GP14", one["id"], what=f"{one['name']}没有填批复总投资")

        one = self._project("reserved")
        small = Decimal(96)
        one.update(total_invest=small, est_feas=small, budget_est=small, fund_central=small)
        one.update({f"fund_{fund}": Decimal(0) for fund in ("prov", "local", "eastwest", "bond", "self")})
        self._said("gov_project.GP11", one["id"], what=f"{one['name']}总投资96元，漏乘一万")

        like = self._project("completed")
        values = {code: value for code, value in like.items() if code != "id"}
        twin = self.world.add("gov_project", **values | {
            "name": like["name"].removesuffix("工程") + "项目", "state": "reserved", "online_code": None, "approval_no": None, "approval_on": None,
            "actual_start": None, "completed_on": None, "fund_arrived": None, "plan_year": YEAR,
        })  # fmt: skip
        self.picker.use(twin)
        self._said("gov_project.GP10", like["id"], twin["id"], what=f"{like['name']}又立一次项")
        like["completed_on"] = date(YEAR, 10, 20)
        like["plan_end"] = date(YEAR, 11, 10)
        self._said("gov_project.GP05", like["id"], what="10月20日完工，年底还没有验收")
        self.progress[:] = [
            row for row in self.progress if row["project"] != like["id"] or row["progress_month"] <= f"{YEAR}-10"
        ]

        parent = next(row for row in self.projects if "打捆项目" in row["name"])
        parent["total_invest"] += 100_000
        parent["fund_central"] += 100_000
        self._said("gov_project.H11-SUM", parent["id"], what="打捆项目比子项合计多10万元")

    def _building(self) -> None:
        one = self._project("building")
        one["approval_on"] = one["actual_start"] + timedelta(days=10)
        self._said("gov_project.GP01", one["id"], what=f"{one['name']}开工十天后才批复")
        self._said("gov_project.GP09", one["id"], what="批复晚于签约和开工")
        works = self._works(one)
        works["limit_price"] = works["amount"] - 10_000
        self._said("project_contract.PC02", works["id"], what="合同价高于最高限价1万元")

        one = self._project("building")
        one["plan_end"] = date(YEAR, 11, 30)
        self._said("gov_project.GP07", one["id"], what=f"{one['name']}超过计划工期")
        works = self._works(one)
        works["award_on"] = works["signed_on"] - timedelta(days=45)
        self._said("project_contract.PC03", works["id"], what="中标45天后才签约")
        works["retention_pct"] = Decimal(5)
        self._said("project_contract.PC05", works["id"], what="质保金5%")

        one = self._project("building")
        one["fund_arrived"] = Decimal(10_000)
        self._said("gov_project.GP13", one["id"], what=f"{one['name']}到位资金1万元，少于已付")
        works = self._works(one)
        works["perf_bond"] = Decimal(50_000)
        self._said("project_contract.PC06", works["id"], what="履约保证金和质保金重复预留")
        works["wage_account"] = None
        self._said("project_contract.PC09", works["id"], what="没有农民工工资专户")

        one = self._project("building")
        works = self._works(one)
        works["advance_pct"] = Decimal(40)
        self._said("project_contract.PC07", works["id"], what="预付款40%")
        pay = self._paid(works, "progress")[0]
        pay["payee"] = "云岭达茂劳务服务部"
        self._said("project_payment.PP03", pay["id"], what="收款单位不是合同乙方")
        pay = self._paid(works, "advance")[0]
        pay["fund"] = "bond"
        self._said("project_payment.PP09", one["id"], "bond", what="没有债券资金却用债券付款")

        one = self._project("building")
        works = self._works(one)
        measured = sum((row["measured"] for row in self._paid(works, "progress") if row["measured"]), Decimal(0))
        paid = sum((row["amount"] for row in self.payments if row["contract"] == works["id"]), Decimal(0))
        cap = max(works["amount"] * 20 // 100, min(measured * 80 // 100, works["amount"] * 97 // 100))
        base = self._paid(works, "progress")[-1]
        values = {code: value for code, value in base.items() if code != "id"}
        extra = cap - paid + 50_000
        self.world.add("project_payment", **values | {
            "amount": extra, "measured": Decimal(0), "invoice_amt": extra, "voucher_no": f"记{YEAR}9001", "paid_on": date(YEAR, 12, 20),
            "applied_on": date(YEAR, 12, 14), "approved_on": date(YEAR, 12, 17), "fund": _largest(one), "period": f"{YEAR}-12",
        })  # fmt: skip
        self._said("project_payment.PP01", works["id"], what=f"{one['name']}超付5万元", why="合同约定")

    def _finished(self) -> None:
        one = self._project("settled")
        one.update(final_amt=None, final_on=None, state="accepted")
        self._said("gov_project.GP06", one["id"], what=f"{one['name']}完工三个月没有决算")
        early = next(row for row in self.payments if row["project"] == one["id"] and row["kind"] == "early")
        signed = self.world.of[early["contract"]]["signed_on"]
        early.update(
            applied_on=signed - timedelta(days=9),
            approved_on=signed - timedelta(days=7),
            paid_on=signed - timedelta(days=5),
        )
        self._said("project_payment.PP07", early["id"], what="签约前五天就付款")

        one = self._project("settled")
        one["accepted_on"] = one["completed_on"] - timedelta(days=4)
        self._said("gov_project.GP09", one["id"], what=f"{one['name']}验收早于完工")
        works = self._works(one)
        gone = self._paid(works, "settle")
        self.payments[:] = [row for row in self.payments if row not in gone]
        self._said("project_payment.PP02", works["id"], what="结算后没有付清", why="欠付工程款")

        one = self._project("settled")
        works = self._works(one)
        back = works["settled_amt"] * 3 // 100
        base = self._paid(works, "settle")[0]
        values = {code: value for code, value in base.items() if code != "id"}
        early_back = self.world.add("project_payment", **values | {
            "kind": "retention", "period": None, "measured": None, "amount": back, "invoice_amt": back, "voucher_no": f"记{YEAR}9002",
            "applied_on": date(YEAR, 12, 4), "approved_on": date(YEAR, 12, 7), "paid_on": date(YEAR, 12, 10),
        })  # fmt: skip
        self._said("project_payment.PP04", early_back["id"], what="缺陷责任期没有满就返还质保金")
        self._said("project_payment.PP01", works["id"], what="因此付到了审定价的100%")
        self._fund_with_room(one, early_back)

        one = self._project("settled")
        works = self._works(one)
        pay = self._paid(works, "settle")[0]
        pay["invoice_amt"] = pay["amount"] - 1_000
        self._said("project_payment.PP08", works["id"], what="发票比拨付少1000元")
        other = self._paid(works, "progress")[-1]
        if other["paid_on"].year == pay["paid_on"].year:
            other["voucher_no"] = pay["voucher_no"]
            self._said("project_payment.PP06", *sorted((other["id"], pay["id"])), what="两笔用同一凭证号")

        one = self._project("handed")
        works = self._works(one)
        pay = self._paid(works, "retention")[0]
        pay.update(state="applied", approved_on=None, paid_on=None, voucher_no=None)
        self._said("project_payment.PP05", pay["id"], what="质保金到期未退")

        one = self._project("handed")
        works = self._works(one)
        works["amount"] = works["settled_amt"] - 10_000
        self._said("project_contract.PC11", works["id"], what="结算比合同价多1万元")

    def _fund_with_room(self, project: Row, payment: Row) -> None:
        """Pay from the source that has the most left, so that only the planted error is there."""
        used: dict[str, Decimal] = {}
        for row in self.payments:
            if row["project"] == project["id"] and row is not payment:
                used[row["fund"]] = used.get(row["fund"], Decimal(0)) + row["amount"]
        funds = ("central", "prov", "local", "eastwest", "bond", "self")
        payment["fund"] = max(funds, key=lambda fund: project[f"fund_{fund}"] - used.get(fund, Decimal(0)))

    def _large_contracts(self) -> None:
        one, works = self._contracted(5_000_000)
        works.update(amount=Decimal(4_250_000), limit_price=Decimal(4_500_000), procure="竞争性磋商")
        self._said("project_contract.PC01", works["id"], what="425万元施工合同没有招标", why="必须招标的工程项目规定")
        one["category"] = "east_west"
        self._said("gov_project.H11-EW", one["id"], what="没有协作资金却归入东西部协作")

        one, works = self._contracted(4_800_000)
        works.update(amount=Decimal(2_200_000), limit_price=Decimal(2_300_000), procure="竞争性磋商")
        values = {code: value for code, value in works.items() if code != "id"}
        self.world.add("project_contract", **values | {
            "contract_no": f"{works['contract_no']}-乙", "amount": Decimal(2_000_000), "limit_price": Decimal(2_100_000), "party_b": "云岭双合建设工程有限公司",
        })  # fmt: skip
        self._said("project_contract.PC10", one["id"], "works", what="一个项目拆成两份施工合同", why="化整为零规避招标")

        one = self._project("building")
        works = self._works(one)
        values = {code: value for code, value in works.items() if code != "id"}
        added = works["amount"] * 12 // 100
        self.world.add("project_contract", **values | dict.fromkeys((
            "limit_price", "award_on", "start_plan", "days_plan", "advance_pct", "progress_pct", "accept_pct", "retention_pct", "retention_form",
            "defect_months", "wage_pct", "wage_account", "pay_guarantee")) | {
            "kind": "supplement", "main": works["id"], "contract_no": f"{works['contract_no']}-补1", "amount": added,
            "signed_on": AS_OF - timedelta(days=40), "state": "signed",
        })  # fmt: skip
        self._said("project_contract.PC04", works["id"], what="补充协议追加12%")
        one["budget_est"] = works["amount"]
        self._said("gov_project.GP03", one["id"], "合同金额合计", what="合同合计超过核定概算")

    def _contracted(self, total: int) -> tuple[Row, Row]:
        one = self._project("contracted")
        one.update({f"fund_{fund}": Decimal(0) for fund in ("prov", "local", "eastwest", "bond", "self")})
        one.update(
            total_invest=Decimal(total),
            est_feas=Decimal(total),
            budget_est=Decimal(total),
            fund_central=Decimal(total),
            category="road",
        )
        return one, self._works(one)

    def _progress_rows(self) -> None:
        building = [row for row in self.projects if row["state"] == "building" and row["parent"]]

        def rows_of(number: int) -> list[Row]:
            return self._latest(building[number])

        last = rows_of(0)[-1]
        last["physical_pct"] = rows_of(0)[-2]["physical_pct"] - 1
        self._said("project_progress.PG01", last["id"], what="形象进度倒退")

        last, before = rows_of(1)[-1], rows_of(1)[-2]
        last.update(physical_pct=before["physical_pct"], done_text=before["done_text"])
        self._said("project_progress.PG05", last["id"], what="照抄上月")
        rows_of(1)[0]["reported_on"] = add_months(
            date.fromisoformat(rows_of(1)[0]["progress_month"] + "-01"), 1
        ) + timedelta(days=9)
        self._said("project_progress.PG07", rows_of(1)[0]["id"], what="10日才报上月进度")

        last = rows_of(2)[-1]
        last["physical_pct"] = min(last["physical_pct"] + 26, Decimal(99))
        self._said("project_progress.PG03", last["id"], what="形象进度比投资进度高20个百分点以上")

        carried = [
            row
            for row in self.projects
            if row["state"] == "settled" and row["actual_start"].year < YEAR and self.picker.is_free(row)
        ]
        one = carried[0]
        self.picker.use(one)
        gone = next(row for row in self._latest(one) if row["progress_month"] == f"{YEAR - 1}-12")
        self.progress[:] = [row for row in self.progress if row is not gone]
        self._said("gov_project.GP08", one["id"], f"{YEAR - 1}-12", what=f"{one['name']}上年12月没有报进度")
        self._said("project_progress.H5-BASE", one["id"], what="缺上年12月基数")

        one = carried[1] if len(carried) > 1 else self._project("settled")
        self.picker.use(one)
        last = self._latest(one)[-1]
        last["cum_invest"] = one["total_invest"] + 10_000
        self._said("project_progress.PG02", one["id"], what="完成投资比批复多1万元")
        self._said("gov_project.GP03", one["id"], "累计完成投资", what="超核定概算1万元")


def _largest(project: Row) -> str:
    return max(("central", "prov", "local", "eastwest", "bond", "self"), key=lambda fund: project[f"fund_{fund}"])
