"""River segments with their heads at three levels, a year of patrols, and the environmental issues found."""

from datetime import date, timedelta

from zhenwu.config.demo.names import person_name
from zhenwu.config.demo.people import living_adults
from zhenwu.config.demo.places import BY_CODE, VILLAGES, place_on
from zhenwu.config.demo.safety import site_periods
from zhenwu.config.demo.world import FIRST, LAST, YEAR, Row, World, day_in

_SEGMENTS = (  # name, kind, village, the other villages it passes, km
    ("青石河青石街段", "河流", 0, (1,), "3.2"), ("青石河河口段", "河流", 1, (), "2.6"), ("青石河龙泉段", "河流", 2, (0,), "4.1"),
    ("双桥沟", "河流", 3, (), "3.8"), ("石门溪", "河流", 4, (5,), "5.4"), ("竹溪", "河流", 5, (), "4.7"),
    ("柳湾河", "河流", 6, (7,), "3.3"), ("松岭沟", "河流", 7, (), "2.9"), ("梨园沟", "河流", 8, (), "2.2"),
    ("马鞍溪", "河流", 9, (), "3.6"), ("大坪水库", "湖库", 10, (), "0"), ("红岩溪", "河流", 11, (10,), "4.4"),
    ("茶山沟", "河流", 12, (), "1.9"), ("云台溪", "河流", 13, (), "2.7"), ("龙泉堰", "塘堰", 2, (), "0"),
)  # fmt: skip
_KINDS = ("垃圾", "污水直排", "畜禽粪污", "秸秆焚烧", "四乱", "侵占河道", "农药包装", "扬尘")
_WAYS = ("禁烧巡查", "水源巡查", "污染源排查", "聚居点检查", "群众举报", "12345")
_TOWN_HEADS = ("唐怀谷", "石润泽", "方启安")


class Ecology:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("ecology")
        self._busy: dict[tuple[str, date], int] = {}

    def build(self) -> None:
        for number, (name, kind, home, passed, km) in enumerate(_SEGMENTS):
            self._segment(number, name, kind, home, passed, km)
        self._patrols()
        self._issues()

    def _segment(self, number: int, name: str, kind: str, home: int, passed: tuple[int, ...], km: str) -> None:
        rng, world, village = self.rng, self.world, VILLAGES[home]
        keeper, patroller = rng.sample([one for one in living_adults(world, village.code, 35, 60) if one["phone"]], 2)
        town = _TOWN_HEADS[number % 3]
        row = world.add(
            "river_segment", division=village.code, name=name, kind=kind, span=f"{village.name}上游至下游交界", length=km,
            area_mu="36.5" if kind == "湖库" else "4.2" if kind == "塘堰" else None,
            villages=[village.code, *(VILLAGES[one].code for one in passed)], head_town_name=town, head_village_name=keeper["name"],
            patroller_name=patroller["name"], county_head_name=None, dept="县水务局", target_class="Ⅲ", board="完好",
            board_phone=keeper["phone"], outfall_n=rng.randint(0, 2), spot=f"{village.lon:.5f},{village.lat:.5f}", removed_on=None, state="active",
        )  # fmt: skip
        changed = date(YEAR, 4, 1) if number % 5 != 2 else None
        if changed:
            former = person_name(rng, "1")
            self._head(row, "村", former, None, "村支部书记", None, date(2017, 6, 1), changed)
        self._head(row, "镇", town, None, "镇班子成员", None, date(2018, 3, 1), None)
        self._head(
            row, "村", keeper["name"], keeper["id"], "村支部书记", keeper["phone"], changed or date(2017, 6, 1), None
        )
        self._head(
            row, "巡河员", patroller["name"], patroller["id"], "公益性岗位", patroller["phone"], date(2018, 5, 1), None
        )

    def _head(
        self,
        segment: Row,
        level: str,
        name: str,
        person: str | None,
        post: str,
        phone: str | None,
        first: date,
        last: date | None,
    ) -> None:
        self.world.add("river_head", division=segment["division"], segment=segment["id"], level=level, head_name=name, head=person,
                       post=post, phone=phone, valid_from=first, valid_to=last)  # fmt: skip

    def _patrols(self) -> None:
        """Town heads once a month, village heads and patrollers once a week; village heads skip the patroller's hour."""
        for segment in self.world.rows["river_segment"]:
            for level, every in (("镇", "月"), ("村", "周"), ("巡河员", "周")):
                for _, first, last in site_periods(every):
                    if level != "镇" or last <= LAST:
                        self._patrol(segment, level, day_in(self.rng, first, last))
        self.world.rows["river_patrol"].sort(key=lambda one: (one["patrol_on"], one["id"]))
        for number, row in enumerate(self.world.rows["river_patrol"], 1):
            row["id"] = f"river_patrol-{number:05d}"
            self.world.of[row["id"]] = row

    def _patrol(self, segment: Row, level: str, on: date) -> None:
        rng = self.rng
        heads = [
            one for one in self.world.rows["river_head"]
            if one["segment"] == segment["id"] and one["level"] == level and one["valid_from"] <= on
            and (one["valid_to"] is None or on < one["valid_to"])
        ]  # fmt: skip
        head = heads[0]
        turn = self._busy.get((head["head_name"], on), 0)  # one person, several segments: one after the other
        self._busy[head["head_name"], on] = turn + 1
        self.world.add(
            "river_patrol", division=place_on(segment["division"], on), segment=segment["id"], head_name=head["head_name"], head=head["head"],
            level=level, patrol_on=on, start_time=f"{8 + turn:02d}:{rng.choice((0, 5, 10)):02d}", minutes=rng.randint(20, 48),
            km=f"{rng.randint(8, 30) / 10:.1f}", find_n=0, find_text="未发现问题",
        )  # fmt: skip

    def _issues(self) -> None:
        rng, world = self.rng, self.world
        early = [one for one in world.rows["river_patrol"] if FIRST <= one["patrol_on"] <= LAST]
        for number, patrol in enumerate(sorted(rng.sample(early, world.scaled(40, 14)), key=lambda one: one["id"])):
            segment = world.of[patrol["segment"]]
            patrol.update(find_n=1, find_text="发现问题1个，已立单交办")
            row = self._issue(patrol["division"], "巡河", patrol["patrol_on"], f"{segment['name']}第{number + 1}号点")
            row.update(found_by=patrol["head_name"], patrol=patrol["id"])
        for number in range(world.scaled(150, 44)):
            village = VILLAGES[number * 5 % len(VILLAGES)].code
            on = day_in(rng, FIRST, LAST)
            self._issue(place_on(village, on), rng.choice(_WAYS), on, f"{BY_CODE[village].name}{number + 1}号地块")

    def _issue(self, village: str, way: str, on: date, where: str) -> Row:
        """One that is handled, verified by someone else and closed within its time."""
        rng = self.rng
        level = rng.choices(("一般", "较重", "严重"), (75, 20, 5))[0]
        due = on + timedelta(days={"一般": 7, "较重": 15, "严重": 30}[level])
        handled = on + timedelta(days=rng.randint(1, 4))
        closed = handled + timedelta(days=rng.randint(0, 2))
        kind = rng.choice(_KINDS)
        fined = kind == "秸秆焚烧" and rng.random() < 0.5
        done = closed <= LAST
        return self.world.add(
            "eco_issue", division=village, found_way=way, ref_no=None, kind=kind, spot_text=where, detail=f"{where}存在{kind}问题",
            found_on=on, found_by=person_name(rng, "1"), level=level, sent_to=f"{where[:2]}责任单位", sent_on=on,
            county_on=on if level == "严重" else None, due_on=due, extend_to=None, handled_on=handled if done else None,
            handled_by=person_name(rng, "1") + "甲" if done else None, way=("罚款" if fined else "责令") if done else None,
            fine=rng.choice((500, 800, 1000)) if fined and done else None, closed_on=closed if done else None,
            closed_by=person_name(rng, "2") + "乙" if done else None, sent_back_on=None, repeat_of=None,
            state="closed" if done else "sent",
        )  # fmt: skip
