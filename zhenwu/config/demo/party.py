"""Party organisations and their members. Every village has its branch; the branches of the four merged villages go on
under a general branch of the new village."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from zhenwu.config.demo.people import living_adults
from zhenwu.config.demo.places import MERGER, VILLAGES
from zhenwu.config.demo.world import LAST, YEAR, Row, World, add_months, age, day_in

_OTHERS = (  # name, kind, domain, members at full size, months of the term's start before now
    ("中国共产党青石镇机关支部委员会", "党支部", "机关", 34, date(2019, 3, 12)),
    ("中国共产党青石镇退休干部支部委员会", "党支部", "机关", 22, date(2018, 12, 5)),
    ("中国共产党青石镇中心小学支部委员会", "党支部", "学校", 20, date(2019, 5, 8)),
    ("中国共产党青石镇初级中学支部委员会", "党支部", "学校", 18, date(2018, 11, 20)),
    ("中国共产党青石镇中心卫生院支部委员会", "党支部", "卫生院", 14, date(2019, 6, 18)),
    ("中国共产党青石镇供销社支部委员会", "联合党支部", "其他", 9, date(2019, 9, 3)),
    ("中国共产党云岭县青石茶叶专业合作社支部", "党支部", "两新", 5, date(2019, 4, 16)),
    ("中国共产党云岭县青石果业有限公司支部", "党支部", "两新", 4, date(2020, 5, 20)),
    ("中国共产党云岭县青石生态养殖专业合作社支部", "党支部", "两新", 4, date(2019, 7, 9)),
    ("中国共产党云岭县青石乡村旅游有限公司支部", "党支部", "两新", 4, date(2019, 8, 22)),
    ("中国共产党云岭县青石农机服务专业合作社支部", "党支部", "两新", 4, date(2018, 10, 30)),
    ("中国共产党云岭县青石石材加工有限公司支部", "党支部", "两新", 4, date(2019, 2, 14)),
)
_JOBS = {"村": ("农牧渔民",) * 8 + ("村（社区）干部", "企业", "其他"), "社区": ("企业", "离退休", "其他", "农牧渔民"),
         "机关": ("机关事业",), "学校": ("机关事业",), "卫生院": ("机关事业",), "两新": ("企业",), "其他": ("企业", "离退休")}  # fmt: skip


@dataclass
class Branch:
    """A branch row with its members and the village whose people it takes them from."""

    row: Row
    home: str
    members: list[Row]


class Party:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("party")
        self.branches: list[Branch] = []  # those that hold meetings
        self._used: set[str] = set()

    def build(self) -> None:
        committee = self._branch(
            "中国共产党云岭县青石镇委员会", "党委", "机关", None, date(1992, 9, 1), date(2019, 1, 8)
        )
        joint: list[Branch] = []
        for village in VILLAGES:
            domain = "社区" if village.community else "村"
            row = self._branch(
                f"中国共产党青石镇{village.name}支部委员会", "党支部", domain, village.code, date(1996, 7, 1),
                day_in(self.rng, date(2019, 1, 5), date(2019, 3, 20)), parent=committee,
            )  # fmt: skip
            branch = self._staffed(row, village.code, self.world.scaled(min(38, 14 + 2 * village.share), 9))
            if village.code in MERGER.sources:
                joint.append(branch)
        for name, kind, domain, size, since in _OTHERS:
            row = self._branch(
                name, kind, domain, None, since if since.year == YEAR else date(2008, 4, 1), since, parent=committee
            )
            self._staffed(
                row,
                VILLAGES[0].code,
                max(5 if size < 10 else 8, size * self.world.persons // 20_000) if size > 5 else size,
            )
        general = self._branch(
            f"中国共产党青石镇{MERGER.name}总支部委员会",
            "党总支",
            "村",
            MERGER.code,
            date(YEAR, 6, 18),
            date(YEAR, 6, 18),
            parent=committee,
        )
        for branch in joint:
            branch.row["parent"] = general["id"]
        general["secretary"] = joint[0].members[1]["person"]
        office = next(one for one in self.branches if one.row["domain"] == "机关")
        committee["secretary"] = office.members[1]["person"]
        self._leavers()

    def say_rosters(self) -> None:
        """What the branches themselves report, once all members are known; half of them count on the last day."""
        for number, branch in enumerate(self.branches):
            if number % 2:
                living = [one for one in branch.members if is_member(one, LAST)]
                full = sum(one["kind"] == "正式" for one in living)
                branch.row.update(
                    roster_full=full,
                    roster_prob=len(living) - full,
                    roster_mobile=sum(one["mobile"] for one in living),
                    roster_on=LAST,
                )

    def member(self, branch: Branch, person: Row, join_on: date, kind: str = "正式") -> Row:
        """A member row; a full member is full exactly a year after joining."""
        rng = self.rng
        mobile = person["live_status"] == "away" and rng.random() < 0.5
        row = self.world.add(
            "party_member", division=branch.row["division"], person=person["id"], branch=branch.row["id"], kind=kind, join_on=join_on,
            full_on=add_months(join_on, 12) if kind == "正式" else None, job=rng.choice(_JOBS[branch.row["domain"]]), mobile=mobile,
            mobile_to=rng.choice(("县城，亲属联系", "省城务工，工友联系", "沿海务工，本人电话联系")) if mobile else None,
            rights="正常", left_on=None, left_why=None, state="active",
        )  # fmt: skip
        branch.members.append(row)
        self._used.add(person["id"])
        return row

    def newcomer(self, branch: Branch, rng: Random, oldest: int = 45) -> Row:
        """Someone of the branch's village who is in nothing of the Party yet."""
        free = [one for one in living_adults(self.world, branch.home, 23, oldest) if one["id"] not in self._used]
        person = rng.choice(free)
        self._used.add(person["id"])
        return person

    def _branch(
        self,
        name: str,
        kind: str,
        domain: str,
        division: str | None,
        founded: date,
        term: date,
        parent: Row | None = None,
    ) -> Row:
        years = 5 if kind == "党委" or domain in ("村", "社区") else 3
        return self.world.add(
            "party_branch", division=division, name=name, kind=kind, domain=domain, parent=parent and parent["id"], founded=founded,
            has_committee=True, committee_size=5 if kind in ("党委", "党总支") else 3, group_count=0, secretary=None,
            secretary_phone=None, dispatched=False, term_start=term, term_end=add_months(term, 12 * years) - timedelta(days=1),
            roster_full=None, roster_prob=None, roster_mobile=None, roster_on=None, closed_on=None, close_reason=None, state="active",
        )  # fmt: skip

    def _staffed(self, row: Row, home: str, size: int) -> Branch:
        rng, branch = self.rng, Branch(row, home, [])
        youngest = 30 if row["domain"] in ("村", "社区") else 28
        free = [one for one in living_adults(self.world, home, youngest, 78) if one["id"] not in self._used]
        for person in rng.sample(free, size):
            first = max(date(person["birth"].year + 22, 3, 1), date(1984, 1, 1))
            self.member(branch, person, day_in(rng, first, date(max(2014, first.year + 1), 12, 20)))
        branch.members.sort(key=lambda one: one["join_on"])
        secretary = self.world.of[branch.members[0]["person"]]
        if not secretary["phone"]:
            secretary["phone"] = self.world.phones.take()
        row.update(secretary=secretary["id"], secretary_phone=secretary["phone"], has_committee=size >= 7,
                   committee_size=3 if size >= 7 else None, group_count=2 if size >= 20 else 0)  # fmt: skip
        if row["domain"] in ("村", "社区"):
            branch.members[0]["job"] = "村（社区）干部"
        self.branches.append(branch)
        return branch

    def _leavers(self) -> None:
        """Members who died this year, and a few who moved to another organisation."""
        world, rng = self.world, self.rng
        dead = [
            one for one in world.rows["person"]
            if one["hukou_status"] == "dead" and 60 <= age(one["birth"], LAST) <= 88 and one["death_date"].month <= 10
        ]  # fmt: skip
        by_home = {branch.home: branch for branch in reversed(self.branches)}
        for person in dead[: world.scaled(6, 2)]:
            member = self.member(by_home[person["division"]], person, date(person["birth"].year + 25, 6, 20))
            member.update(left_on=person["death_date"], left_why="死亡", state="left", mobile=False, mobile_to=None)
        for branch in rng.sample(self.branches[:10], world.scaled(5, 2)):
            member = branch.members[-1]
            member.update(left_on=day_in(rng, date(YEAR, 3, 1), date(YEAR, 11, 30)), left_why="转出", state="left")


def is_member(member: Row, on: date) -> bool:
    return member["join_on"] <= on and (member["left_on"] is None or member["left_on"] > on)
