"""Projects, contracts, payments, progress. Yuan."""

from datetime import date
from decimal import Decimal

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.world import AS_OF, FIRST, LAST, YEAR, Row, add_months, month_end, ym

_FUNDS = ("central", "prov", "local", "eastwest", "bond", "self")
_AT_WORK = ("building", "completed", "accepted", "settled", "handed")


def count(tally: Tally) -> None:
    _Counting(tally).run()


class _Counting:
    def __init__(self, tally: Tally) -> None:
        self.tally, self.of = tally, tally.world.of
        self.projects = [row for row in tally.rows("gov_project") if row["state"] != "cancelled"]
        self.carried_out = [
            row for row in self.projects
            if row["parent"] is None and row["state"] not in ("reserved", "ratified") and row["actual_start"] and row["actual_start"] <= LAST
            and (row["accepted_on"] is None or row["accepted_on"] >= FIRST)
        ]  # fmt: skip
        self.roots = {row["id"] for row in self.carried_out}
        self.progress: dict[str, list[Row]] = {}
        for row in tally.rows("project_progress"):
            self.progress.setdefault(row["project"], []).append(row)
        for some in self.progress.values():
            some.sort(key=lambda row: row["progress_month"])
        self.children = [
            row for row in self.projects if row["parent"] in self.roots and row["parent"] not in self.progress
        ]

    def run(self) -> None:
        self._projects()
        self._contracts()
        self._payments()
        self._owed()
        self._reports()

    def _projects(self) -> None:
        tally, rows = self.tally, self.carried_out
        tally.count("gp_impl_n", rows, lambda row: row["category"])
        tally.total("gp_plan_invest", (row["total_invest"] for row in rows if row["total_invest"] is not None))
        done = Decimal(0)
        latest = Decimal(0)
        for row in (*rows, *self.children):
            reports = self.progress.get(row["id"], [])
            before = [one["cum_invest"] for one in reports if one["progress_month"] < f"{YEAR}-01"]
            this_year = [one["cum_invest"] for one in reports if one["progress_month"] >= f"{YEAR}-01"]
            if this_year:
                done += this_year[-1] - (before[-1] if before else 0)
            if reports:
                latest += reports[-1]["cum_invest"]
        tally.figures["gp_done_invest"] = done
        tally.count("gp_new_start_n", (row for row in rows if in_year(row["actual_start"])))
        tally.count("gp_complete_n", (row for row in rows if in_year(row["completed_on"])))
        tally.count("gp_accept_n", (row for row in rows if in_year(row["accepted_on"])))
        planned = [row for row in self.projects if row["parent"] is None and row["plan_year"] == YEAR]
        tally.share_of("gp_start_rate", planned, lambda row: row["actual_start"] and row["actual_start"] <= LAST)
        tally.share(
            "gp_pay_rate",
            sum((row["amount"] for row in self._paid() if self._root(row) in self.roots), Decimal(0)),
            latest,
        )

    def _paid(self) -> list[Row]:
        return [row for row in self.tally.rows("project_payment") if row["state"] == "paid" and row["paid_on"] <= LAST]

    def _root(self, payment: Row) -> str:
        project = self.of[payment["project"]]
        return str(project["parent"] or project["id"])

    def _contracts(self) -> None:
        tally, rows = self.tally, self.tally.rows("project_contract")
        added: dict[str, Decimal] = {}
        for row in rows:
            if row["main"]:
                added[row["main"]] = added.get(row["main"], Decimal(0)) + row["amount"]
        mains = [row for row in rows if row["kind"] != "supplement"]
        signed = [row for row in mains if in_year(row["signed_on"])]
        tally.count("pc_n", signed)
        supplements = [row for row in rows if row["main"] and in_year(self.of[row["main"]]["signed_on"])]
        tally.total("pc_amount", (row["amount"] for row in (*signed, *supplements)))
        limited = [row for row in rows if row["limit_price"] is not None and in_year(row["signed_on"])]
        tally.share(
            "pc_save_rate",
            sum(row["limit_price"] - row["amount"] for row in limited),
            sum(row["limit_price"] for row in limited),
        )
        tally.total("pc_cut_amt", (
            row["amount"] + added.get(row["id"], Decimal(0)) - row["settled_amt"] for row in mains if in_year(row["settled_on"])
        ))  # fmt: skip

    def _payments(self) -> None:
        tally, paid = self.tally, self._paid()
        tally.total("pp_paid_year", (row["amount"] for row in paid if in_year(row["paid_on"])))
        tally.total("pp_paid_total", (row["amount"] for row in paid))
        mine = [row for row in paid if self._root(row) in self.roots]
        planned = {fund: sum((row[f"fund_{fund}"] for row in self.carried_out), Decimal(0)) for fund in _FUNDS}
        spent = {fund: [row["amount"] for row in mine if row["fund"] == fund] for fund in _FUNDS}
        for fund in _FUNDS:
            if planned[fund] or spent[fund]:
                tally.share(f"pp_fund_rate.{fund}", sum(spent[fund], Decimal(0)), planned[fund])
        tally.share("pp_fund_rate", sum((row["amount"] for row in mine), Decimal(0)), sum(planned.values()))

    def _owed(self) -> None:
        """What contracts and rules say must be paid, less what was; and retentions that are over."""
        short = retained = Decimal(0)
        payments = [row for row in self.tally.rows("project_payment") if row["contract"]]
        for works in self.tally.rows("project_contract"):
            project = self.of[works["project"]]
            mine = [row for row in payments if (self.of[row["contract"]]["main"] or row["contract"]) == works["id"]]
            kept = (
                min(works["retention_pct"] or Decimal(0), Decimal(3))
                if works["retention_form"] == "cash"
                else Decimal(0)
            )
            if works["kind"] == "works":
                paid = sum(
                    (row["amount"] for row in mine if row["state"] == "paid" and row["paid_on"] <= LAST), Decimal(0)
                )
                measured = sum(
                    (
                        row["measured"] or Decimal(0)
                        for row in mine
                        if row["kind"] == "progress" and row["applied_on"] <= LAST
                    ),
                    Decimal(0),
                )
                if works["settled_on"] and works["settled_on"] <= LAST:
                    least = works["settled_amt"] * (100 - kept) / 100
                else:
                    least = (
                        measured * 60 / 100
                        if project["actual_start"] and project["actual_start"] <= LAST
                        else Decimal(0)
                    )
                short += max(least - paid, Decimal(0))
            returned = any(row["kind"] == "retention" and row["state"] == "paid" for row in mine)
            accepted = project["accepted_on"]
            if works["retention_form"] == "cash" and works["settled_amt"] and accepted and not returned and add_months(
                    accepted, works["defect_months"]) <= LAST:  # fmt: skip
                retained += works["settled_amt"] * kept / 100
        self.tally.figures["pp_short"], self.tally.figures["pp_retention_due"] = short, retained

    def _reports(self) -> None:
        """Reports for a month are due by the 5th of the next; on 31 December November is the last month due."""
        first_report: dict[tuple[str, str], date] = {}
        for row in self.tally.rows("project_progress"):
            key = (self._root(row), row["progress_month"])
            first_report[key] = min(first_report.get(key, row["reported_on"]), row["reported_on"])
        due = on_time = 0
        for project in self.projects:
            if project["parent"] is not None or project["state"] not in _AT_WORK:
                continue
            for month in range(1, 12):
                first, last = date(YEAR, month, 1), month_end(YEAR, month)
                if project["actual_start"] <= last and (project["completed_on"] or AS_OF) >= first:
                    due += 1
                    said = first_report.get((project["id"], ym(first)))
                    on_time += said is not None and said <= add_months(first, 1).replace(day=5)
        self.tally.share("pg_report_rate", on_time, due)
        latest = [some[-1] for some in self.progress.values()]
        self.tally.count("pg_problem_open", (row for row in latest if row["need"]))
        invested = Decimal(0)
        for some in self.progress.values():
            for number, row in enumerate(some):
                if row["progress_month"] == f"{YEAR}-11":
                    invested += row["cum_invest"] - (some[number - 1]["cum_invest"] if number else 0)
        self.tally.figures["pg_month_invest"] = invested
