"""Government projects through their stages, with contracts, monthly progress and payments that fit each other.

All money is in whole hundreds of yuan, so that a roster in 万元 with two decimals loses nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.names import firm_name
from zhenwu.config.demo.places import NAMES, VILLAGES, place_on
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World, add_months, day_in, ym

_STAGES = (  # how many at full size, and at least
    ("old", 6, 3), ("carried", 12, 6), ("quick", 12, 5), ("done", 6, 3), ("building", 18, 8), ("contracted", 14, 5), ("procuring", 1, 1),
    ("ratified", 6, 3), ("reserved", 26, 8), ("cancelled", 1, 1),
)  # fmt: skip
_CATEGORIES = (  # category, what, scale unit, scale, total in 万元
    ("road", "通组公路硬化", "公里", (2, 6), (80, 380)), ("village_infra", "人居环境整治", "户", (60, 200), (40, 160)),
    ("water", "安全饮水提升", "户", (80, 300), (30, 150)), ("bridge", "便民桥新建", "座", (1, 2), (60, 180)),
    ("farmland", "高标准农田建设", "亩", (300, 1200), (120, 390)), ("health", "村卫生室改造", "处", (1, 2), (15, 60)),
    ("env", "污水管网改造", "米", (800, 3000), (70, 240)), ("industry", "茶叶基地提质", "亩", (200, 800), (60, 220)),
    ("culture", "文化广场修缮", "㎡", (400, 1500), (20, 90)), ("east_west", "协作产业园配套", "处", (1, 3), (150, 390)),
    ("public", "便民服务站改建", "㎡", (150, 500), (25, 80)), ("ecology", "退化林修复", "亩", (200, 900), (30, 120)),
)  # fmt: skip
_FUNDS = ("central", "prov", "local", "eastwest", "bond", "self")
_STEPS = (
    "场地清理和放线",
    "基础开挖",
    "基础施工",
    "主体施工",
    "主体施工过半",
    "附属工程施工",
    "管线和面层施工",
    "设备安装",
    "收尾清场",
    "消缺整改",
)


@dataclass
class _Plan:
    """When a project starts and ends; `done` and later are None while they lie ahead."""

    start: date | None
    done: date | None = None
    accepted: date | None = None
    settled: date | None = None
    state: str = "building"


class Projects:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("projects")
        self._vouchers = 0
        self._contracts = 0
        self._firms: set[str] = set()
        self._turn = 0

    def build(self) -> None:
        for stage, at_full, least in _STAGES:
            for _ in range(self.world.scaled(at_full, least)):
                self._project(stage)
        self._bundle()
        self._short_of_money()

    def _project(self, stage: str, parent: Row | None = None) -> Row:
        rng, turn = self.rng, self._turn
        self._turn += 1
        category, what, unit, scale, band = _CATEGORIES[turn % len(_CATEGORIES)]
        village = VILLAGES[(turn * 5 + turn // len(VILLAGES)) % len(VILLAGES)]
        plan = self._plan(stage)
        total = Decimal(rng.randint(*band)) * 10_000
        approved = (plan.start or day_in(rng, date(YEAR, 3, 1), date(YEAR, 8, 30))) - timedelta(
            days=rng.randint(95, 140)
        )
        main = "eastwest" if category == "east_west" else rng.choice(("central", "prov", "local"))
        money = dict.fromkeys((f"fund_{one}" for one in _FUNDS), Decimal(0))
        money[f"fund_{main}"] = total * 8 // 10
        money["fund_self" if main == "local" else "fund_local"] += total - total * 8 // 10
        planned_end = (plan.done or date(YEAR + 1, 6, 30)) + timedelta(days=rng.randint(3, 25))
        handed = plan.state == "handed"
        row = self.world.add(
            "gov_project", division=village.code, name=f"{village.name}{what}{turn + 1}期工程", category=category,
            parent=parent and parent["id"], online_code=f"{approved.year}-519999-48-01-{100 + turn:06d}",
            plan_year=YEAR + 1 if stage == "reserved" else (plan.start or date(YEAR, 1, 1)).year, is_key=rng.random() < 0.25, client="青石镇人民政府", manager=f"项目专班{turn % 5 + 1}组",
            villages=[village.code], scale_text=f"{what}及附属设施", scale_qty=Decimal(rng.randint(*scale)), scale_unit=unit, total_invest=total,
            est_feas=total, budget_est=total, **money, fund_arrived=total if plan.start else None, opening_cum=None,
            approval_no=f"云发改〔{approved.year}〕{20 + turn}号" if stage not in ("reserved", "cancelled") else None,
            approval_on=approved if stage not in ("reserved", "cancelled") else None,
            build_mode="bid" if turn % 3 else "purchase", plan_start=plan.start or (date(YEAR + 1, 3, 1) if stage == "reserved" else date(YEAR, 10, 10)), plan_end=planned_end,
            actual_start=plan.start, completed_on=plan.done, accepted_on=plan.accepted, final_amt=None, final_on=plan.settled,
            handed_on=plan.settled and plan.settled + timedelta(days=10) if handed else None,
            benefit_house=rng.randint(40, 300), benefit_people=rng.randint(140, 1000), state=plan.state,
        )  # fmt: skip
        if stage in ("reserved", "cancelled", "ratified", "procuring"):
            return row
        amount = total * 85 // 100 // 10_000 * 10_000
        works = self._contract(row, "works", amount, approved + timedelta(days=rng.randint(50, 80)), plan)
        design = self._contract(
            row, "design", max(total * 3 // 100 // 1_000 * 1_000, Decimal(2_000)), approved - timedelta(days=-15), plan
        )
        if plan.start is None:
            return row
        self._pay(row, design, "early", design["amount"], design["signed_on"] + timedelta(days=12), {})
        self._run(row, works, plan)
        return row

    def _plan(self, stage: str) -> _Plan:
        rng = self.rng
        if stage == "old":
            start = day_in(rng, date(2019, 2, 1), date(2019, 3, 15))
            done = day_in(rng, date(2019, 8, 5), date(2019, 8, 25))
            return _Plan(
                start, done, done + timedelta(days=rng.randint(20, 50)), date(2019, 11, rng.randint(5, 25)), "handed"
            )
        if stage == "carried":
            start = day_in(rng, date(2019, 7, 1), date(2019, 9, 30))
            done = day_in(rng, date(YEAR, 4, 5), date(YEAR, 6, 25))
            return _Plan(
                start,
                done,
                done + timedelta(days=rng.randint(15, 50)),
                done + timedelta(days=rng.randint(60, 85)),
                "settled",
            )
        if stage == "quick":
            start = day_in(rng, date(YEAR, 2, 25), date(YEAR, 3, 25))
            done = day_in(rng, date(YEAR, 8, 1), date(YEAR, 9, 10))
            return _Plan(
                start,
                done,
                done + timedelta(days=rng.randint(15, 50)),
                done + timedelta(days=rng.randint(60, 80)),
                "settled",
            )
        if stage == "done":
            return _Plan(
                day_in(rng, date(YEAR, 5, 1), date(YEAR, 6, 10)),
                day_in(rng, date(YEAR, 11, 10), date(YEAR, 12, 12)),
                state="completed",
            )
        if stage in ("building", "child"):
            return _Plan(day_in(rng, date(YEAR, 3, 10), date(YEAR, 9, 20)))
        return _Plan(None, state=stage)

    def _contract(self, project: Row, kind: str, amount: Decimal, signed: date, plan: _Plan) -> Row:
        rng, works = self.rng, kind == "works"
        self._contracts += 1
        bid = amount >= 4_000_000 or (works and project["build_mode"] == "bid")
        state = "performing" if plan.start else "signed"
        if plan.settled:
            state = "closed" if plan.state == "handed" else "settled"
        row = self.world.add(
            "project_contract", division=project["division"], project=project["id"], kind=kind, main=None,
            contract_no=f"QS-{signed.year}-{self._contracts:03d}", party_b=self._firm("建设工程有限公司" if works else "工程设计有限公司"),
            procure="公开招标" if bid else "竞争性磋商" if works else "询价", limit_price=amount * 110 // 100 if works else None, amount=amount,
            award_on=signed - timedelta(days=rng.randint(5, 25)) if works else None, signed_on=signed,
            start_plan=signed + timedelta(days=20) if works else None, days_plan=180 if works else None,
            advance_pct=Decimal(20) if works else None, progress_pct=Decimal(80) if works else None, accept_pct=Decimal(85) if works else None,
            retention_pct=Decimal(3) if works else None, retention_form="cash" if works else None, perf_bond=None,
            defect_months=12 if works else None, wage_pct=Decimal(20) if works else None,
            wage_account="农民工工资专户（青石项目）" if works else None, pay_guarantee=works or None,
            settled_amt=amount if plan.settled and not works else None, settled_on=plan.settled, state=state,
        )  # fmt: skip
        if works and plan.settled:
            row["settled_amt"] = amount - Decimal(rng.choice((0, 10_000, 20_000)))
        if not works:
            row["settled_on"] = plan.settled
        return row

    def _firm(self, kind: str) -> str:
        name = firm_name(self.rng, kind)
        while name in self._firms:
            name = firm_name(self.rng, kind)
        self._firms.add(name)
        return name

    def _run(self, project: Row, works: Row, plan: _Plan) -> None:
        """Monthly progress until completion or the last month whose report is due, and payments after it."""
        assert plan.start is not None
        last = min(plan.done or AS_OF, date(YEAR, 11, 30))
        months = []
        month = date(plan.start.year, plan.start.month, 1)
        while month <= last:
            months.append(month)
            month = add_months(month, 1)
        whole = works["amount"]
        full = len(months) if plan.done and plan.done <= last else max(len(months) + self.rng.randint(2, 5), 7)
        advance = whole * 20 // 100
        spent: dict[str, Decimal] = {}
        self._pay(project, works, "advance", advance, plan.start + timedelta(days=6), spent)
        paid = advance
        for number, first in enumerate(months, 1):
            share = Decimal(number) / full
            measured = whole if number == full else whole * number // full // 1_000 * 1_000
            design = project["total_invest"] * 3 // 100 // 1_000 * 1_000
            physical = min(int(100 * share), 100 if number == full else 95)
            self._progress(project, first, measured + design, physical, number, plan)
            due = measured * 80 // 100 // 100 * 100
            before = whole * (number - 1) // full // 1_000 * 1_000
            on = add_months(first, 1) + timedelta(days=self.rng.randint(8, 16))
            if plan.settled and on >= plan.settled:
                on = plan.settled - timedelta(days=3)
            amount = max(due - paid, Decimal(0))
            if on <= AS_OF and (amount or measured > before):
                self._pay(project, works, "progress", amount * 8 // 1000 * 100, on, spent, ym(first), measured - before)
                rest = amount - amount * 8 // 1000 * 100
                if rest:
                    self._pay(project, works, "wage", rest, on, spent, ym(first))
                paid += amount
        if plan.settled:
            end = works["settled_amt"] * 97 // 100
            self._pay(project, works, "settle", end - paid, plan.settled + timedelta(days=8), spent)
            project["final_amt"] = works["settled_amt"] + project["total_invest"] * 3 // 100 // 1_000 * 1_000
            if plan.state == "handed" and plan.accepted:
                back = works["settled_amt"] - end
                self._pay(project, works, "retention", back, add_months(plan.accepted, 12) + timedelta(days=9), spent)

    def _progress(self, project: Row, first: date, invested: Decimal, physical: int, number: int, plan: _Plan) -> None:
        finished = plan.done is not None and ym(plan.done) == ym(first)
        self.world.add(
            "project_progress", division=place_on(project["division"], first), project=project["id"], progress_month=ym(first),
            reported_on=add_months(first, 1) + timedelta(days=self.rng.randint(0, 4)), cum_invest=invested, basis="since_start",
            physical_pct=Decimal(100 if finished else physical), done_qty=None, done_text=f"{first.month}月：{_STEPS[min(number, len(_STEPS)) - 1]}",
            problem=None, need=None, state="confirmed",
        )  # fmt: skip

    def _pay(
        self, project: Row, contract: Row, kind: str, amount: Decimal, on: date, spent: dict[str, Decimal], period: str | None = None,
        measured: Decimal | None = None,
    ) -> None:  # fmt: skip
        """One payment, or two when the first source has not enough left. Not on a day after the year."""
        if on > AS_OF or (not amount and measured is None):
            return
        root = self.world.of[project["parent"]] if project["parent"] else project
        used: dict[str, Decimal] = root.setdefault("_spent", {})
        left = amount
        sources = sorted(_FUNDS, key=lambda one: -root[f"fund_{one}"])
        parts = []
        for fund in sources:
            take = min(left, root[f"fund_{fund}"] - used.get(fund, Decimal(0)))
            if take > 0:
                parts.append((fund, take))
                left -= take
        for number, (fund, part) in enumerate(parts or [(sources[0], Decimal(0))]):
            used[fund] = used.get(fund, Decimal(0)) + part
            self._vouchers += 1
            self.world.add(
                "project_payment", division=project["division"], project=project["id"], contract=contract["id"], kind=kind, period=period,
                measured=(measured if number == 0 else Decimal(0)) if measured is not None else None, amount=part, fund=fund,
                payee=contract["party_b"] if kind != "wage" else "农民工工资专户（青石项目）", invoice_amt=part, voucher_no=f"记{on.year}{self._vouchers:04d}",
                applied_on=on - timedelta(days=6), approved_on=on - timedelta(days=3), paid_on=on, state="paid",
            )  # fmt: skip

    def _bundle(self) -> None:
        """One approved bundle of three works; the parts are rows of their own."""
        start = date(YEAR, 4, 15)
        parent = self._project("ratified")
        parent.update(name="青石镇农村道路补短板打捆项目", category="road", state="building", actual_start=start, plan_start=start,
                      approval_on=date(YEAR, 1, 8), scale_unit="公里", scale_qty=Decimal(9), plan_end=date(YEAR + 1, 6, 30), plan_year=YEAR)  # fmt: skip
        parent.update({f"fund_{one}": Decimal(0) for one in _FUNDS}, total_invest=Decimal(0))
        children = []
        for number in range(3):
            # the parent's money is what its parts add up to, so it is known before anything is paid
            child = self._project("reserved", parent)
            total = Decimal(60 + 20 * number) * 10_000
            plan = _Plan(start + timedelta(days=12 * number))
            child.update(name=f"{NAMES[child['division']]}产业路改建（打捆第{number + 1}标段）", category="road", scale_unit="公里", scale_qty=Decimal(3),
                         total_invest=total, est_feas=total, budget_est=total, fund_arrived=total, state="building", actual_start=plan.start,
                         plan_start=plan.start, plan_end=date(YEAR + 1, 6, 30), approval_on=date(YEAR, 1, 8), build_mode="bid",
                         approval_no=parent["approval_no"], plan_year=YEAR)  # fmt: skip
            child.update({f"fund_{one}": Decimal(0) for one in _FUNDS}, fund_central=total)
            parent["total_invest"] += total
            children.append((child, plan))
        total = parent["total_invest"]
        parent.update(fund_central=total, est_feas=total, budget_est=total, fund_arrived=total)
        for child, plan in children:
            works = self._contract(
                child, "works", child["total_invest"] * 85 // 100 // 10_000 * 10_000, date(YEAR, 3, 5), plan
            )
            self._run(child, works, plan)

    def _short_of_money(self) -> None:
        """Matters that need someone above; money still owed that is no finding yet."""
        latest: dict[str, Row] = {}
        for row in self.world.rows["project_progress"]:
            latest[row["project"]] = row
        building = [row for project, row in sorted(latest.items()) if self.world.of[project]["state"] == "building"]
        for row, need in zip(building, ("协调占地补偿", "协调电力线路迁改", "协调砂石供应"), strict=False):
            row["need"] = need
        for row in self.world.rows["gov_project"]:
            row.pop("_spent", None)
