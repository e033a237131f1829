"""Safety: the sites to inspect, declarations of none, inspections for every required cell, hazards found and closed."""

from datetime import date, timedelta

from zhenwu.config.demo.names import person_name
from zhenwu.config.demo.people import living_adults
from zhenwu.config.demo.places import BY_CODE, MERGER, NEW, VILLAGES, in_force, place_on
from zhenwu.config.demo.world import FIRST, LAST, YEAR, Row, World, day_in, month_end

_NO_FOREST = ("519999100001", "519999100002")
_NO_GEOLOGY = ("519999100001", "519999100002", "519999100203", "519999100204", "519999100206")
_SITES = {  # sector: kinds with what hazards are found there
    "道路交通": (("急弯陡坡", "急弯", ("警示标志缺失", "护栏破损", "路面坑槽")), ("路口", "路口", ("视线遮挡", "减速带脱落")), ("劝导站", "劝导站", ("劝导记录不全", "值守人员不在岗"))),
    "安全生产": (("加油站", "加油点", ("灭火器过期", "静电接地损坏")), ("烟花爆竹店", "烟花店", ("超量存放", "疏散通道堆物")), ("砂石加工", "砂石厂", ("皮带机无防护罩", "配电箱未上锁")), ("小作坊", "作坊", ("电线私拉乱接", "操作规程未上墙"))),
    "食品药品": (("学校食堂", "食堂", ("留样不足", "消毒记录缺失")), ("农家乐", "农家乐", ("健康证过期", "生熟不分")), ("药店", "药店", ("过期药品未下架",)), ("超市", "超市", ("过期食品未下架", "进货台账不全"))),
    "森林防灭火": (("林区卡口", "卡口", ("登记本缺失", "火源收缴不严")), ("坟场", "坟场", ("祭祀残火未清", "防火隔离带杂草丛生")), ("林区输电线", "输电线段", ("线下树木过高",))),
    "疫情防控": (("联防组", "联防组", ("外来人员登记不全", "消杀记录缺失")), ("集市", "集市", ("未设测温点", "口罩佩戴不严")), ("快递点", "快递点", ("快件消杀不到位",))),
    "地质灾害": (("隐患点", "滑坡点", ("裂缝扩大", "截水沟堵塞", "警示牌倒伏")),),
}  # fmt: skip
_KINDS = ("设施", "人的行为", "管理", "环境")
_AT_FULL = {"道路交通": 4, "安全生产": 4, "食品药品": 4, "森林防灭火": 3, "疫情防控": 4, "地质灾害": 3}


def sector_cells(sector: str) -> list[tuple[str, date, date]]:
    """(name, first day, last day) of the periods in which a sector must be inspected: weeks count from the first day of
    a season, a rest of four days or more is a week of its own, a shorter one belongs to the week before."""
    if sector == "道路交通":
        return _months(1, 12)
    if sector in ("安全生产", "食品药品"):
        return [(f"{YEAR}-Q{q}", date(YEAR, 3 * q - 2, 1), month_end(YEAR, 3 * q)) for q in range(1, 5)]
    if sector == "森林防灭火":
        return [*_weeks(FIRST, date(YEAR, 6, 30)), *_months(7, 12)]
    if sector == "疫情防控":
        return _weeks(date(YEAR, 1, 24), LAST)
    return [*_months(1, 4), *_weeks(date(YEAR, 5, 1), date(YEAR, 9, 30)), *_months(10, 12)]


def site_periods(freq: str) -> list[tuple[str, date, date]]:
    """Periods of a site's own frequency: calendar months, quarters, halves, ISO weeks of the year that have ended."""
    if freq == "周":
        weeks = []
        monday = date.fromisocalendar(YEAR, 1, 1)
        while monday.isocalendar()[0] == YEAR:
            weeks.append((f"{YEAR}-W{monday.isocalendar()[1]:02d}", monday, monday + timedelta(days=6)))
            monday += timedelta(days=7)
        return [one for one in weeks if one[2] <= LAST]
    if freq == "月":
        return _months(1, 12)
    if freq == "季":
        return [(f"{YEAR}-Q{q}", date(YEAR, 3 * q - 2, 1), month_end(YEAR, 3 * q)) for q in range(1, 5)]
    return (
        [(f"{YEAR}-H{h}", date(YEAR, 6 * h - 5, 1), month_end(YEAR, 6 * h)) for h in (1, 2)] if freq == "半年" else []
    )


def due_periods(site: Row) -> list[tuple[str, date, date]]:
    end = site["active_to"]
    return [
        one for one in site_periods(site["freq"]) if site["active_from"] <= one[1] and (end is None or end > one[2])
    ]


class Safety:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("safety")
        self._leads = {code: [person_name(self.rng, "1"), person_name(self.rng, "1")] for code in (*BY_CODE, NEW.code)}
        self._taken: set[tuple[str, date, str]] = set()

    def build(self) -> None:
        self._sites()
        self._declarations()
        self._inspections()
        self._hazards()

    def _sites(self) -> None:
        rng, world = self.rng, self.world
        for village in VILLAGES:
            monitors = living_adults(world, village.code, 30, 65)
            for sector, kinds in _SITES.items():
                if _declared(village.code, sector):
                    continue
                for number in range(1, world.scaled(_AT_FULL[sector], 1) + 1):
                    kind, word, _ = kinds[(number - 1) % len(kinds)]
                    risk = rng.choices("红橙黄蓝", (4, 10, 36, 50))[0]
                    freq = "月" if risk in "红橙" else "季" if risk == "黄" or sector == "地质灾害" else "半年"
                    geology = sector == "地质灾害"
                    world.add(
                        "hazard_site", division=village.code, sector=sector, kind=kind, name=f"{village.name}{word}{number}号",
                        spot=f"{village.lon + rng.uniform(-0.004, 0.004):.5f},{village.lat + rng.uniform(-0.004, 0.004):.5f}",
                        duty_name=person_name(rng, "1"), phone=world.phones.take(),
                        manager=person_name(rng, "1") if risk in "红橙" else None, risk=risk, freq=freq, season_only=False,
                        people_n=rng.randint(4, 60) if geology else None, monitor=rng.choice(monitors)["id"] if geology else None,
                        card_on=date(2019, 4, rng.randint(1, 28)) if geology else None,
                        active_from=date(2019, rng.randint(1, 12), rng.randint(1, 28)), active_to=None, state="in_use",
                    )  # fmt: skip

    def _declarations(self) -> None:
        for village in VILLAGES:
            for sector in ("森林防灭火", "地质灾害"):
                if _declared(village.code, sector):
                    self.world.add("site_none", division=village.code, sector=sector, for_year=YEAR,
                                   signer=self._leads[village.code][0], signed_on=date(YEAR, 1, self.rng.randint(3, 18)))  # fmt: skip

    def _inspections(self) -> None:
        """Site visits first; then a tour of the whole village for every cell."""
        for site in self.world.rows["hazard_site"]:
            for _, first, last in due_periods(site):
                on = day_in(self.rng, max(first, FIRST), last)
                self._inspect(place_on(site["division"], on), site["sector"], on, site)
        for sector in _SITES:
            for _, first, last in sector_cells(sector):
                for village in (*VILLAGES, NEW):
                    if in_force(village.code, first, last) and not _declared(village.code, sector):
                        on = day_in(self.rng, first, last)
                        self._inspect(self._then(village.code, on), sector, on, None)

    def _then(self, village: str, on: date) -> str:
        """One of the merged villages, for a day of the new village's cell before it existed."""
        return self.rng.choice(MERGER.sources) if village == MERGER.code and on < MERGER.day else village

    def _inspect(self, village: str, sector: str, on: date, site: Row | None) -> Row:
        rng = self.rng
        lead = rng.choice(self._leads[village])
        start = f"{rng.randint(8, 17):02d}:{rng.choice((0, 10, 20, 30, 40, 50)):02d}"
        while (village, on, start) in self._taken:
            start = f"{rng.randint(7, 18):02d}:{rng.randint(0, 59):02d}"
        self._taken.add((village, on, start))
        return self.world.add(
            "hazard_inspection", division=village, sector=sector, site=site and site["id"], inspect_on=on, start_at=start, lead_name=lead,
            team_n=rng.randint(2, 6), minutes=rng.randint(20, 120), items_n=rng.randint(4, 20), found_n=0, fixed_now=0,
            result="未发现隐患", campaign=None,
        )  # fmt: skip

    def _hazards(self) -> None:
        """At least one in every village and quarter, so that no quarter of a village is without any."""
        world, rng = self.world, self.rng
        with_site = [one for one in world.rows["hazard_inspection"] if one["site"]]
        chosen: list[Row] = []
        groups: dict[tuple[str, int], list[Row]] = {}
        for one in world.rows["hazard_inspection"]:
            groups.setdefault((one["division"], (one["inspect_on"].month + 2) // 3), []).append(one)
        for _, some in sorted(groups.items()):
            sited = [one for one in some if one["site"]]
            chosen.append(rng.choice(sited or some))
        rest = [one for one in with_site if one not in chosen]
        chosen += rng.sample(rest, min(len(rest), world.scaled(230, 70) - len(chosen)))
        recent: dict[tuple[str, str], Row] = {}
        for inspection in sorted(chosen, key=lambda one: (one["inspect_on"], one["id"])):
            for _ in range(rng.choices((1, 2), (85, 15))[0]):
                self._hazard(inspection, recent)
        self._reported_and_carried()

    def _hazard(self, inspection: Row, recent: dict[tuple[str, str], Row]) -> None:
        rng, world = self.rng, self.world
        site = world.of.get(inspection["site"] or "")
        on = inspection["inspect_on"]
        kinds = ("灾害体",) if inspection["sector"] == "地质灾害" and rng.random() < 0.4 else _KINDS
        kind = rng.choice(kinds)
        if site:
            free = [
                one
                for one in (*kinds, *_KINDS)
                if (site["id"], one) not in recent or (on - recent[site["id"], one]["found_on"]).days > 180
            ]
            kind = kind if kind in free or not free else free[0]
        inspection["found_n"] += 1
        words = next(
            (hazards for one, _, hazards in _SITES[inspection["sector"]] if site and one == site["kind"]),
            ("村内环境杂乱",),
        )
        where = site["name"] if site else f"{_name(inspection['division'])}{inspection['lead_name']}排查路段"
        detail = f"{where}{rng.choice(words)}（{on.month}月{on.day}日第{inspection['found_n']}处）"
        now_fixed = rng.random() < 0.3
        inspection["fixed_now"] += now_fixed
        inspection["result"] = f"发现隐患{inspection['found_n']}处，已交办整改"
        hazard = self._row(inspection["division"], inspection["sector"], on, detail, kind, 0 if now_fixed else None)
        hazard.update(
            found_by_way="排查", inspection=inspection["id"], site=inspection["site"], finder=inspection["lead_name"]
        )
        if site:
            before = recent.get((site["id"], kind))
            if (
                before and (on - before["found_on"]).days <= 180
            ):  # every kind was met here lately: said to be a repetition
                hazard["repeat_of"] = before["id"]
            recent[site["id"], kind] = hazard

    def _row(self, village: str, sector: str, on: date, detail: str, kind: str, days: int | None = None) -> Row:
        """An ordinary hazard: closed in time when its time is over at the end of the year."""
        rng = self.rng
        due = on + timedelta(days=rng.randint(7, 15))
        fixed = on + timedelta(days=days if days is not None else rng.randint(1, 6))
        closed = max(fixed, on + timedelta(days=1)) + timedelta(
            days=rng.randint(0, (due - max(fixed, on + timedelta(days=1))).days)
        )
        owner, supervisor, rechecker, closer = (person_name(rng, rng.choice("12")) for _ in range(4))
        done = closed <= LAST
        return self.world.add(
            "hazard", division=village, found_by_way="群众举报", inspection=None, site=None, sector=sector, found_on=on,
            finder=person_name(rng, "1"), detail=detail, kind=kind, grade="一般", grade_basis=None, grade_first=None, control=None,
            report_on=None, plan_on=None, duty_unit=f"{_name(village)}村民委员会", fix_owner=owner + "一", supervisor=supervisor + "二",
            measure="限期整改，专人监督", fund=rng.choice((None, None, 200, 500, 1200, 3000)), due_on=due, ext_req_on=None,
            ext_due=None, transfer_to=None, transfer_on=None, reply_on=None, fixed_on=fixed if done else None,
            recheck_on=fixed if done else None, rechecker=rechecker + "三" if done else None, close_on=closed if done else None,
            close_by=closer if done else None, close_level="镇" if done else None, reopen_on=None, repeat_of=None,
            state="closed" if done else "fixing",
        )  # fmt: skip

    def _reported_and_carried(self) -> None:
        """Reports from villagers, rows carried over from last year, a few grave ones, some handed to the county."""
        rng, world = self.rng, self.world
        for number in range(world.scaled(20, 6)):
            village = VILLAGES[number * 5 % len(VILLAGES)].code
            on = day_in(rng, FIRST, date(YEAR, 11, 20))
            self._row(
                place_on(village, on),
                "道路交通",
                on,
                f"群众反映{_name(place_on(village, on))}第{number + 1}处路灯不亮",
                "设施",
            )
        for number in range(world.scaled(12, 4)):
            village = VILLAGES[number * 3 % len(VILLAGES)].code
            on = day_in(rng, date(YEAR - 1, 11, 5), date(YEAR - 1, 12, 20))
            row = self._row(village, "安全生产", on, f"{_name(village)}上年第{number + 1}处作坊用电不规范", "管理")
            late = day_in(rng, date(YEAR, 1, 3), date(YEAR, 1, 31))
            row.update(found_by_way="上级交办", due_on=on + timedelta(days=15), ext_req_on=on + timedelta(days=10),
                       ext_due=date(YEAR, 2, 10), fixed_on=late, recheck_on=late, close_on=late)  # fmt: skip
        ordinary = [
            one
            for one in world.rows["hazard"]
            if one["close_on"] and one["found_on"].year == YEAR and one["found_on"].month < 9
        ]
        grave = world.scaled(14, 3)
        picked = rng.sample(ordinary, grave + world.scaled(11, 2))
        for row in picked[:grave]:
            on = row["found_on"]
            row.update(grade="重大", grade_basis="重大生产安全事故隐患判定标准", control="设置警示，停用整改", report_on=on,
                       plan_on=on + timedelta(days=5), due_on=on + timedelta(days=60), close_level="县", fund=25000)  # fmt: skip
        for row in picked[grave:]:
            on = row["found_on"]
            row.update(transfer_to="县交通运输局", transfer_on=on, reply_on=row["fixed_on"])


def _name(village: str) -> str:
    return NEW.name if village == NEW.code else BY_CODE[village].name


def _declared(village: str, sector: str) -> bool:
    return (sector == "森林防灭火" and village in _NO_FOREST) or (sector == "地质灾害" and village in _NO_GEOLOGY)


def _months(first: int, last: int) -> list[tuple[str, date, date]]:
    return [(f"{YEAR}-{month:02d}", date(YEAR, month, 1), month_end(YEAR, month)) for month in range(first, last + 1)]


def _weeks(first: date, last: date) -> list[tuple[str, date, date]]:
    days = (last - first).days + 1
    count = max((days + 3) // 7, 1)
    starts = [first + timedelta(days=7 * n) for n in range(count)]
    ends = [*(one - timedelta(days=1) for one in starts[1:]), last]
    return [(f"{a:%Y-%m-%d}~{b:%m-%d}", a, b) for a, b in zip(starts, ends, strict=True)]
