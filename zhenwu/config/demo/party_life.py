"""Meetings of the branches: every required cell of the year once, a few extra ones."""

from collections.abc import Iterator
from datetime import date, timedelta

from zhenwu.config.demo.party import Branch, Party, is_member
from zhenwu.config.demo.places import place_on
from zhenwu.config.demo.world import LAST, YEAR, Row, World, day_in, month_end

_TOPICS = {
    "党员大会": ("学习上级会议精神，通报支部工作", "讨论发展党员和支部工作计划", "听取支委会半年工作报告"),
    "支委会": ("研究支部当月重点工作", "研究产业发展和环境整治", "研究党员教育管理"),
    "党小组会": ("学习党章党规，开展谈心谈话", "讨论小组党员联系群众工作"),
    "党课": ("学习习近平新时代中国特色社会主义思想", "弘扬抗疫精神，践行初心使命", "巩固脱贫成果，推进乡村振兴"),
    "主题党日": ("疫情防控志愿服务", "清理河道，整治人居环境", "缴纳党费，重温入党誓词", "走访慰问老党员和困难群众"),
    "组织生活会": ("查摆问题，开展批评和自我批评",),
    "民主评议党员": ("民主评议党员",),
}


def required_cells(branch: Row) -> Iterator[tuple[str, str, int, date, date]]:
    """(kind, period, group, first day, last day) that the rules ask of a branch in the year; it owes from the first
    full period after its founding, the yearly ones always."""
    founded = branch["founded"]
    for quarter in range(1, 5):
        first, last = date(YEAR, 3 * quarter - 2, 1), month_end(YEAR, 3 * quarter)
        if founded <= first:
            for kind in ("党员大会", "党课"):
                yield kind, f"{YEAR}-Q{quarter}", 0, first, last
    for month in range(1, 13):
        first, last = date(YEAR, month, 1), month_end(YEAR, month)
        if founded > first:
            continue
        name = f"{YEAR}-{month:02d}"
        if branch["has_committee"]:
            yield "支委会", name, 0, first, last
        for group in range(1, branch["group_count"] + 1):
            yield "党小组会", name, group, first, last
        yield "主题党日", name, 0, first, last
    for kind, month in (("组织生活会", 1), ("民主评议党员", 12)):
        if founded <= LAST:
            yield (
                kind,
                str(YEAR),
                0,
                max(founded, date(YEAR, month, 1)),
                month_end(YEAR, 12 if founded.year == YEAR else month),
            )


class Life:
    def __init__(self, world: World, party: Party) -> None:
        self.world, self.party, self.rng = world, party, world.rng("life")

    def build(self) -> None:
        for branch in self.party.branches:
            for kind, _, group, first, last in required_cells(branch.row):
                self._meeting(branch, kind, group, day_in(self.rng, first + timedelta(days=2), last))
        office = next(one for one in self.party.branches if one.row["domain"] == "机关")
        lecture = next(
            one for one in self.world.rows["branch_life"] if one["branch"] == office.row["id"] and one["kind"] == "党课"
        )
        committee = self.world.rows["party_branch"][0]
        lecture.update(lecturer=committee["secretary"], lecturer_kind="镇党委书记")

    def _meeting(self, branch: Branch, kind: str, group: int, on: date) -> None:
        rng = self.rng
        members = sum(is_member(one, on) for one in branch.members)
        size = (
            branch.row["committee_size"]
            if kind == "支委会"
            else max(2, members // 2)
            if kind == "党小组会"
            else members - rng.randint(0, 1)
        )
        present = (
            size
            if kind == "支委会" and rng.random() < 0.8
            else max(size // 2 + 1, size - rng.randint(0, max(1, size // 6)))
        )
        decided = kind == "党员大会" and rng.random() < 0.25
        against = rng.randint(0, 1) if decided and present > 4 else 0
        home = branch.row["division"]
        village = home and place_on(home, on)
        evaluated = kind == "民主评议党员"
        self.world.add(
            "branch_life", division=village, branch=branch.row["id"], kind=kind, group_no=group or None, held_on=on,
            chair=branch.row["secretary"], recorder=branch.members[2]["person"],
            lecturer=branch.row["secretary"] if kind == "党课" else None, lecturer_kind="支部书记" if kind == "党课" else None,
            topic=rng.choice(_TOPICS[kind]), expected=size, present=present, decision=decided,
            voters_due=size if decided else None, voters_present=present if decided else None,
            vote_yes=present - against if decided else None, vote_no=against if decided else None, vote_abstain=0 if decided else None,
            eval_good=present // 3 if evaluated else None, eval_pass=present - present // 3 if evaluated else None,
            eval_basic=0 if evaluated else None, eval_fail=0 if evaluated else None, exempt=False,
        )  # fmt: skip
