"""Recruiting members: one row per person with its dated steps, and the half-yearly reviews."""

from datetime import date, timedelta
from random import Random
from typing import Any

from zhenwu.config.demo.party import Branch, Party
from zhenwu.config.demo.world import AS_OF, YEAR, Row, World, add_months, after_workdays, day_in

_STAGES = (("applicant", 18), ("activist", 18), ("target", 6), ("probationary", 9), ("member", 8), ("stopped", 1))
_OPINIONS = (
    "思想要求进步，工作积极主动，同意继续培养。",
    "能够按时参加党课学习，群众反映较好。",
    "表现良好，发挥作用较好，同意继续考察。",
)


class Growth:
    def __init__(self, world: World, party: Party) -> None:
        self.world, self.party, self.rng = world, party, world.rng("growth")

    def build(self) -> None:
        village_branches = [one for one in self.party.branches if one.row["division"]]
        turn = 0
        for stage, at_full in _STAGES:
            for _ in range(self.world.scaled(at_full, min(at_full, 6))):
                self._candidate(village_branches[turn * 3 % len(village_branches)], stage)
                turn += 1

    def _candidate(self, branch: Branch, stage: str) -> None:
        rng = self.rng
        person = self.party.newcomer(branch, rng)
        veterans = [
            one
            for one in branch.members
            if one["full_on"] and one["full_on"] < date(2016, 1, 1) and one["left_on"] is None
        ]
        veterans = [one for one in veterans if not self._same_family(person["id"], one["person"])]
        helpers = rng.sample([one["person"] for one in veterans], 2)
        row = self.world.add(
            "party_development", division=branch.row["division"], person=person["id"], branch=branch.row["id"],
            **dict.fromkeys(_FIELDS), state=stage,
        )  # fmt: skip
        row.update(_steps(rng, stage, helpers, branch.row["secretary"], len(branch.members), int(row["id"][-5:])))
        if stage in ("probationary", "member"):
            self.party.member(branch, person, row["d15"], "正式" if stage == "member" else "预备")
        if stage == "stopped":
            row.update(stop_on=add_months(row["d03"], 5), stop_why="自愿停止")
        self._reviews(row, helpers[0])

    def _reviews(self, row: Row, reviewer: str) -> None:
        """One every half year from the first day of a stage to its last, a few days early."""
        if row["d03"]:
            self._review_span(row, "培养", row["d03"], row["d07"] or row["stop_on"] or AS_OF, reviewer)
        if row["d15"]:
            self._review_span(row, "预备期", row["d15"], row["d23"] or AS_OF, reviewer)

    def _review_span(self, row: Row, stage: str, first: date, last: date, reviewer: str) -> None:
        point = first
        while (due := add_months(point, 6)) < last:
            point = due - timedelta(days=self.rng.randint(1, 9))
            self.world.add("development_review", division=row["division"], development=row["id"], stage=stage, reviewed_on=point,
                           reviewer=reviewer, opinion=self.rng.choice(_OPINIONS))  # fmt: skip

    def _same_family(self, one: str, other: str) -> bool:
        return bool(self.world.homes[one] & self.world.homes[other])


_FIELDS = (
    *(f"d{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25)),
    "talker", "recommend", "contact1", "contact2", "sponsor1", "sponsor2", "political", "hours", "train_days", "public_from",
    "public_to", "form_no", "vote15_due", "vote15_present", "vote15_yes", "vote15_written", "vote15_no", "vote15_abstain",
    "talker2", "submitted_on", "vote23_due", "vote23_present", "vote23_yes", "outcome", "ext_months", "stop_on", "stop_why",
)  # fmt: skip


def _steps(rng: Random, stage: str, helpers: list[str], secretary: str, members: int, number: int) -> dict[str, Any]:
    """The dates of the steps up to `stage`, each after the one before and within its time limit."""
    start = {
        "applicant": (date(YEAR - 1, 11, 1), date(YEAR, 11, 10)), "activist": (date(YEAR - 1, 1, 10), date(YEAR, 6, 1)),
        "target": (date(2018, 9, 1), date(2019, 3, 1)), "probationary": (date(2017, 9, 1), date(2018, 2, 1)),
        "member": (date(2016, 9, 1), date(2017, 2, 1)), "stopped": (date(2019, 2, 1), date(2019, 4, 1)),
    }[stage]  # fmt: skip
    day = day_in(rng, *start)
    said: dict[str, Any] = {"d01": day, "d02": day + timedelta(days=rng.randint(4, 26)), "talker": secretary}
    if stage == "applicant":
        return said
    said["d03"] = said["d02"] + timedelta(days=rng.randint(70, 130))
    said["d04"] = said["d03"] + timedelta(days=rng.randint(5, 15))
    said["d05"] = said["d04"] + timedelta(days=rng.randint(1, 10))
    said |= {"recommend": rng.choice(("党员推荐", "群团推优")), "contact1": helpers[0], "contact2": helpers[1]}
    if stage in ("activist", "stopped"):
        return said
    said["d07"] = add_months(said["d03"], 12) + timedelta(days=rng.randint(10, 80))
    said["d08"] = said["d07"] + timedelta(days=rng.randint(5, 14))
    if stage == "target":
        return said
    meeting = (
        day_in(rng, date(YEAR, 2, 20), date(YEAR, 8, 20))
        if stage == "probationary"
        else day_in(rng, date(2019, 3, 1), date(2019, 8, 20))
    )
    said["d09"] = meeting - timedelta(days=rng.randint(90, 110))
    said["d10"], said["d11"], said["d12"] = (meeting - timedelta(days=n) for n in (80, 65, 50))
    said["public_from"] = said["d12"] + timedelta(days=1)
    said["public_to"] = after_workdays(said["public_from"], 7)
    said["d13"] = meeting - timedelta(days=rng.randint(8, 20))
    said["d14"] = said["d13"] + timedelta(days=rng.randint(1, 6))
    said["d15"] = meeting
    due = max(7, members - 3)
    present = due - rng.randint(0, 2)
    against = rng.randint(0, 1)
    said |= {
        "sponsor1": helpers[0], "sponsor2": helpers[1], "political": "合格", "hours": rng.choice((24, 28, 32)), "train_days": 4,
        "form_no": f"519999{YEAR}{number:04d}", "vote15_due": due, "vote15_present": present, "vote15_yes": present - against,
        "vote15_written": 0, "vote15_no": against, "vote15_abstain": 0, "talker2": secretary,
    }  # fmt: skip
    said["submitted_on"] = meeting + timedelta(days=rng.randint(2, 8))
    said["d16"] = said["submitted_on"] + timedelta(days=rng.randint(3, 15))
    said["d17"] = said["d16"] + timedelta(days=rng.randint(5, 40))
    said["d18"] = said["d17"] + timedelta(days=rng.randint(3, 15))
    said["d19"] = said["d17"] + timedelta(days=rng.randint(5, 20))
    said["d20"] = said["d17"] + timedelta(days=rng.randint(10, 35))
    if stage == "probationary":
        return said
    said["d22"] = add_months(meeting, 12) - timedelta(days=rng.randint(5, 20))
    said["d23"] = add_months(meeting, 12) + timedelta(days=rng.randint(1, 20))
    said["d24"] = said["d23"] + timedelta(days=rng.randint(10, 60))
    said["d25"] = said["d24"] + timedelta(days=rng.randint(5, 20))
    return said | {"vote23_due": due, "vote23_present": due - 1, "vote23_yes": due - 1, "outcome": "按期转正"}
