"""Minimum living allowance: families who live together, their applications, members and amounts."""

from datetime import date, timedelta
from decimal import Decimal

from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months, age, day_in, ym

STANDARD = 450  # yuan a person and month, the demo township's own parameter
_BOOST = {"elder70": 60, "minor": 50, "severe_dis": 100}


class Welfare:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("welfare")
        self._members: dict[str, list[Row]] = {}
        for one in world.rows["household_member"]:
            self._members.setdefault(one["household"], []).append(one)
        self._said: set[tuple[str, date]] = set()

    def build(self) -> None:
        world, rng = self.world, self.rng
        whole = [one for one in world.rows["household"] if one["to_date"] is None and self._fits(one)]
        bereaved = [one for one in whole if any(_died_early(world.of[m["person"]]) for m in self._members[one["id"]])]
        intact = [one for one in whole if all(m["to_date"] is None for m in self._members[one["id"]])]
        chosen = sorted(rng.sample(intact, world.scaled(336, 26)), key=lambda one: one["id"])
        bereaved = bereaved[: world.scaled(8, 1)]
        for number, household in enumerate([*bereaved, *chosen]):
            kind = "paying"
            if number % 24 == 5:
                kind = "stopped"
            elif number % 40 == 7:
                kind = "refused"
            elif number % 30 == 9:
                kind = "single"
            self._case(household, kind, new=number >= len(bereaved) and (number % 6 == 1 or kind == "refused"))

    def _fits(self, household: Row) -> bool:
        """Alive or died this year, nobody moved away, nobody born late in the year."""
        people = [self.world.of[m["person"]] for m in self._members[household["id"]]]
        return all(one["hukou_status"] in ("here", "dead") and one["birth"].year < YEAR for one in people)

    def _case(self, hukou: Row, kind: str, new: bool) -> None:
        world, rng = self.world, self.rng
        head = world.of[hukou["head"]]
        received = (
            day_in(rng, date(YEAR, 1, 20), date(YEAR, 9, 10))
            if new
            else day_in(rng, date(2015, 3, 1), date(2019, 9, 20))
        )
        while (head["name"], received) in self._said:
            received += timedelta(days=1)
        self._said.add((head["name"], received))
        family = self._living(hukou, received)
        here = [m for m in family if m["to_date"] is None]
        days = {
            "accept_date": 1, "check_start": 2, "visit_date": 6, "review_date": 10, "notice_from": 11, "notice_to": 19, "submit_date": 20,
        }  # fmt: skip
        dates = {code: received + timedelta(days=count) for code, count in days.items()}
        decided = received + timedelta(days=rng.randint(23, 28))
        income = Decimal(rng.randrange(100, 400, 10)) if kind != "single" else Decimal(rng.randrange(460, 640, 10))
        refused = kind == "refused"
        insured = 1 if kind == "single" else len(here)
        row = world.add(
            "dibao", division=hukou["division"], household=family[0]["household"], applicant=head["id"],
            cert_no=None if refused else f"519999{received:%y}{len(world.rows.get('dibao', [])) + 1:05d}", area="rural",
            unit="single" if kind == "single" else "whole", receive_date=received, kin_flag="none", **dates, check_result="over_income" if refused else "pass",
            visitors="何静宜、罗一鸣", income_year=(Decimal(520) if refused else income) * 12 * len(here), deduct=Decimal(0),
            income_pc_m=Decimal(520) if refused else income, property_flag="none", objection="none", meeting_date=dates["review_date"],
            confirm_date=None if refused else decided, refuse_date=decided if refused else None,
            notify_date=decided + timedelta(days=1) if refused else None, dclass=None if refused else rng.choice("ABBC"), calc_way=None,
            monthly=None, start_ym=None if refused else ym(add_months(decided, 1)), checked_on=None, review_next=None, stop_ym=None, stop_why=None,
            state="refused" if refused else "stopped" if kind == "stopped" else "paying",
        )  # fmt: skip
        boosts = self._add_members(row, family, insured)
        if refused:
            return
        row["monthly"] = (Decimal(STANDARD) if kind == "single" else insured * (STANDARD - income)) + boosts
        row["checked_on"] = day_in(rng, date(YEAR, 3, 1), date(YEAR, 11, 20)) if not new else None
        row["review_next"] = day_in(rng, date(YEAR + 1, 1, 10), date(YEAR + 1, 9, 30))
        if kind == "stopped":
            row.update(
                stop_ym=ym(day_in(rng, date(YEAR, 2, 1), date(YEAR, 11, 30)) if not new else LAST), stop_why="income"
            )

    def _living(self, hukou: Row, since: date) -> list[Row]:
        """The family as it lives together: a household of its own kind, linked to the registered one."""
        world = self.world
        start = since - timedelta(days=2)
        household = world.add(
            "household", division=hukou["division"], hkind="living", hno=f"GT{hukou['hno']}", head=hukou["head"], grp=hukou["grp"],
            addr=hukou["addr"], same_as=hukou["id"], from_date=start, to_date=None, close_reason=None, state="active",
        )  # fmt: skip
        found = []
        for member in self._members[hukou["id"]]:
            birth = world.of[member["person"]]["birth"]
            found.append(world.add(
                "household_member", division=hukou["division"], household=household["id"], person=member["person"], rel=member["rel"],
                from_date=max(start, birth), to_date=member["to_date"], counted=True, state=member["state"],
            ))  # fmt: skip
        return found

    def _add_members(self, case: Row, family: list[Row], insured: int) -> Decimal:
        """Rows of the members; returns the sum of the extra amounts that are still paid."""
        rng, world, total = self.rng, self.world, Decimal(0)
        for number, member in enumerate(family):
            person = world.of[member["person"]]
            years, gone = age(person["birth"], LAST), member["to_date"] is not None
            holds = number < insured or case["unit"] == "whole"
            boost = (
                "elder70" if years >= 71 else "minor" if years < 18 else "severe_dis" if rng.random() < 0.06 else "none"
            )
            if not holds or case["state"] == "refused" or gone:
                boost = "none"
            amount = Decimal(_BOOST[boost]) if boost != "none" else None
            world.add(
                "dibao_member", division=case["division"], dibao=case["id"], person=person["id"], counted=True,
                insured=holds and case["state"] != "refused", labor=person["labor"], boost=boost, boost_amt=amount,
                from_ym=case["start_ym"] or ym(case["receive_date"]), to_ym=ym(person["death_date"]) if gone else None,
                end_why="death" if gone else None, state="out" if gone else "in",
            )  # fmt: skip
            total += amount or 0
        return total


def _died_early(person: Row) -> bool:
    return person["hukou_status"] == "dead" and person["death_date"].month < 11
