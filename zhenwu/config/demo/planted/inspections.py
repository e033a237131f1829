"""Sites, declarations of none, and inspections."""

from datetime import date, timedelta

from zhenwu.config.demo.places import MERGER, VILLAGES, now
from zhenwu.config.demo.planted.picking import NoRoom, Picker
from zhenwu.config.demo.safety import due_periods, sector_cells
from zhenwu.config.demo.world import LAST, YEAR, Row, World

_MERGED = (*MERGER.sources, MERGER.code)


def _site(world: World, check: str, row: Row, what: str) -> None:
    world.plant(f"hazard_site.{check}", row["id"], what=f"{row['name']}{what}", why="安全排查底册")


def _said(world: World, check: str, *subject: object, what: str) -> None:
    world.plant(f"hazard_inspection.{check}", *subject, what=what, why="拉网式排查")


def site_without_manager(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard_site"], lambda row: row["risk"] in "红橙")
    one["manager"] = None
    _site(world, "HS-01", one, "没有包保干部")


def site_without_monitor(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard_site"], lambda row: row["sector"] == "地质灾害")
    one["card_on" if turn % 2 else "monitor"] = None
    _site(world, "HS-02", one, "没有两卡发放日期" if turn % 2 else "没有监测员")


def seldom_visited(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["hazard_site"], lambda row: row["sector"] == "安全生产" and row["freq"] in ("季", "半年")
    )
    one.update(risk="橙红"[turn % 2], manager="唐怀谷")
    _site(world, "HS-06", one, f"为{one['risk']}色，检查频次不足每月一次")


def dead_monitor(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard_site"], lambda row: row["sector"] == "地质灾害")
    dead = picker.pick(world.rows["person"], lambda row: row["hukou_status"] == "dead" and row["id"] not in picker.busy)
    one["monitor"] = dead["id"]
    _site(world, "HS-07", one, f"的监测员{dead['name']}已去世")


def _new_site(world: World, picker: Picker, village: str, **values: object) -> Row:
    like = next(row for row in world.rows["hazard_site"] if row["division"] == village)
    usual = {"phone": None, "risk": "蓝", "manager": None, "freq": "赶场日", "spot": None}
    row = world.add("hazard_site", **{code: value for code, value in like.items() if code != "id"} | usual | values)
    picker.use(row)
    return row


def stopped_before_begun(world: World, picker: Picker, turn: int) -> None:
    """A day, or longer; a site that is stopped on its first day is none of these."""
    village, days = VILLAGES[turn * 2], (29, 1, 2, 90, 365)[turn]
    begun = date(YEAR, 3, 1)
    one = _new_site(world, picker, village.code, name=f"{village.name}旧劝导站", active_from=begun, active_to=begun - timedelta(days=days),
                    state="stopped")  # fmt: skip
    _site(world, "HS-08", one, f"停用比启用早{days}天")
    if turn == 0:
        spared = _new_site(
            world,
            picker,
            village.code,
            name=f"{village.name}临时卡点",
            active_from=begun,
            active_to=begun,
            state="stopped",
        )
        world.spare("hazard_site.HS-08", spared["id"], what="启用当天停用")


def sector_without_site(world: World, picker: Picker, turn: int) -> None:
    """All sites of a sector are stopped on the last day, and nobody declared that there are none."""
    sector = ("食品药品", "疫情防控", "安全生产", "道路交通", "食品药品")[turn]
    rows = [row for row in world.rows["hazard_site"] if row["sector"] == sector and row["active_to"] is None]
    villages = sorted({row["division"] for row in rows} - set(_MERGED))
    free = [code for code in villages if all(picker.is_free(row) for row in rows if row["division"] == code)]
    if not free:
        raise NoRoom(f"no village whose sites of {sector} are all free.")
    village = free[turn % len(free)]
    for row in rows:
        if row["division"] == village:
            row.update(active_to=LAST, state="stopped")
            picker.use(row)
    world.plant("hazard_site.HS-04", village, sector, what=f"{sector}点位全部停用，又没有声明", why="领域底数为空")


def declared_none_but_one(world: World, picker: Picker, turn: int) -> None:
    none = picker.pick(world.rows["site_none"], lambda row: True, "site")
    forest = none["sector"] == "森林防灭火"
    _new_site(
        world, picker, none["division"], sector=none["sector"], kind="坟场" if forest else "隐患点", name="后山坟场" if forest else "后山滑坡点",
        freq="雨后", active_from=date(YEAR, 1, 1) if turn % 2 == 0 else LAST, active_to=None, state="in_use",
        people_n=None if forest else 9, monitor=None if forest else world.rows["party_branch"][0]["secretary"],
        card_on=None if forest else date(YEAR, 5, 1),
    )  # fmt: skip
    world.plant("site_none.SN-01", none["id"], what=f"声明没有{none['sector']}对象，底册里却有", why="声明与底册矛盾")


def declared_in_another_year(world: World, picker: Picker, turn: int) -> None:
    none = picker.pick(world.rows["site_none"], lambda row: True, "day")
    none["signed_on"] = (
        date(YEAR - 1, 3, 6),
        date(YEAR - 1, 11, 30),
        date(YEAR + 1, 1, 1),
        date(YEAR - 2, 12, 31),
        date(YEAR - 1, 6, 30),
    )[turn]
    world.plant("site_none.SN-02", none["id"], what=f"2020年声明签字日期是{none['signed_on']}", why="声明一年一签")


def declared_in_december(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        none = picker.pick(world.rows["site_none"], lambda row: True, "day")
        none["signed_on"] = date(YEAR - 1, 12, 1)
        world.spare("site_none.SN-02", none["id"], what="上年12月1日签的当年声明")


def far_from_site(world: World, picker: Picker, turn: int) -> None:
    """501 m, or kilometres; 499 m are near enough. 0.00001 degrees of latitude are 1.109 m."""
    one = picker.pick(world.rows["hazard_inspection"], lambda row: row["site"])
    _move(world, one, ("0.02", "0.00452", "0.01", "0.00452", "0.03")[turn])
    _said(world, "HI-01", one["id"], what="定位离点位500米以上")
    if turn == 0:
        spared = picker.pick(world.rows["hazard_inspection"], lambda row: row["site"])
        _move(world, spared, "0.00450")
        world.spare("hazard_inspection.HI-01", spared["id"], what="定位离点位499米")


def _move(world: World, inspection: Row, north: str) -> None:
    lon, lat = world.of[inspection["site"]]["spot"].split(",")
    inspection["spot"] = f"{lon},{float(lat) + float(north):.5f}"


def more_found_than_listed(world: World, picker: Picker, turn: int) -> None:
    """The inspection says one hazard more than the ledger has of it."""
    listed = 1 if turn % 2 else 0
    one = picker.pick(
        world.rows["hazard_inspection"], lambda row: row["found_n"] == listed and not _is_quiet(picker, row)
    )
    one.update(found_n=listed + 1, result=f"发现隐患{listed + 1}处")
    _said(world, "HI-04", one["id"], what=f"记{listed + 1}处隐患，台账里只有{listed}处")


def _is_quiet(picker: Picker, row: Row) -> bool:
    return (row["division"], _quarter(row)) in picker.quiet


def _quarter(row: Row) -> int:
    return int((row["inspect_on"].month + 2) // 3)


def one_inspector(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["hazard_inspection"], lambda row: row["site"] and row["sector"] in ("安全生产", "食品药品")
    )
    one["team_n"] = 1
    _said(world, "HI-07", one["id"], what="一个人到企业检查")


def sector_of_another_site(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["hazard_inspection"], lambda row: row["site"] and row["sector"] == "道路交通" and row["found_n"] == 0
    )
    one["sector"] = ("防汛", "消防", "燃气", "防汛", "校园")[turn]
    _said(world, "HI-08", one["id"], what=f"道路点位记成{one['sector']}排查")


def in_two_places(world: World, picker: Picker, turn: int) -> None:
    """One leader in two villages 12 km apart, 29 minutes between them or fewer; half an hour is enough."""
    base = picker.pick(world.rows["hazard_inspection"], lambda row: row["site"] is None and row["found_n"] == 0)
    on = date(YEAR, 3, 18) + timedelta(days=9 * turn)
    pair = _pair(world, picker, base, on, ("05:30", "05:39", "05:10", "05:39", "05:15")[turn])
    _said(world, "HI-03", pair[1]["id"], pair[0]["id"], what="同一人不到半小时在相距12公里的两村带队")
    if turn == 0:
        pair = _pair(world, picker, base, on + timedelta(days=1), "05:40")
        world.spare("hazard_inspection.HI-03", pair[1]["id"], pair[0]["id"], what="相隔刚好30分钟")


def _pair(world: World, picker: Picker, base: Row, on: date, second: str) -> list[Row]:
    pair = []
    for village, spot, start in (
        ("519999100209", "106.44000,29.53800", "05:10"),
        ("519999100204", "106.54500,29.47200", second),
    ):
        values = {code: value for code, value in base.items() if code != "id"}
        pair.append(world.add("hazard_inspection", **values | {
            "division": village, "inspect_on": on, "start_at": start, "spot": spot, "sector": "防汛", "lead_name": "方启安",
        }))  # fmt: skip
    picker.use(*pair)
    return pair


def quiet_quarter(world: World, picker: Picker, turn: int) -> None:
    """All hazards of one village and quarter taken away: a whole quarter without any is suspicious."""
    hazards: dict[str, list[Row]] = {}
    for row in world.rows["hazard"]:
        hazards.setdefault(row["inspection"] or "", []).append(row)
    cells: dict[tuple[str, int], list[Row]] = {}
    for row in world.rows["hazard_inspection"]:
        if row["division"] not in _MERGED:
            cells.setdefault((row["division"], _quarter(row)), []).append(row)
    seen = {village for village, _ in picker.quiet}

    def taken_away(cell: tuple[str, int]) -> list[Row]:
        """What would have to go, if all of it is ordinary and free; else nothing."""
        found = [row for row in cells[cell] if row["found_n"]]
        gone = [one for row in found for one in hazards.get(row["id"], [])]
        ordinary = all(one["grade"] == "一般" and one["transfer_on"] is None for one in gone)  # the others are few
        free = cell[0] not in seen and ordinary and all(picker.is_free(one) for one in (*found, *gone))
        return [*found, *gone] if free else []

    wanted = (3, 1, 4, 2, 3)[turn]
    order = sorted(cells, key=lambda cell: (cell[1] != wanted, cell))
    village, quarter = next((cell for cell in order if taken_away(cell)), ("", 0))
    if not village:
        raise NoRoom("no quarter of a village whose hazards are all free.")
    spoiled = taken_away((village, quarter))
    found = [row for row in spoiled if "inspect_on" in row]
    gone = [row for row in spoiled if "inspect_on" not in row]
    picker.quiet.add((village, quarter))
    picker.use(*found, *gone)
    _remove_hazards(world, gone)
    for row in found:
        row.update(found_n=0, fixed_now=0, result="未发现隐患")
    _said(world, "HI-05", village, f"{YEAR}-Q{quarter}", what=f"第{quarter}季度没有发现一处隐患")


def _remove_hazards(world: World, gone: list[Row]) -> None:
    """A row that repeats one of them repeats what that one repeated."""
    ids = {row["id"]: row["repeat_of"] for row in gone}
    world.rows["hazard"] = [row for row in world.rows["hazard"] if row["id"] not in ids]
    for row in world.rows["hazard"]:
        while row["repeat_of"] in ids:
            row["repeat_of"] = ids[row["repeat_of"]]


def missing_week(world: World, picker: Picker, turn: int) -> None:
    """A week of a village without inspections of its sector. A visit to a site would cover the week: it is moved to the day
    after, still in the site's own period."""
    sector = ("疫情防控", "森林防灭火", "疫情防控", "地质灾害", "疫情防控")[turn]
    weeks = [(name, first, last) for name, first, last in sector_cells(sector) if 5 <= (last - first).days < 10]
    by_village: dict[str, list[Row]] = {}
    for row in world.rows["hazard_inspection"]:
        if row["sector"] == sector and row["division"] not in _MERGED:
            by_village.setdefault(now(row["division"]), []).append(row)
    seen = world.rows["hazard_inspection"]
    for village, rows in sorted(by_village.items(), key=lambda one: int(one[0]) * (turn + 3) % 11):
        for name, first, last in weeks:
            gone = [row for row in rows if first <= row["inspect_on"] <= last]
            tours = [row for row in gone if not row["site"]]
            if tours and last.month == (last + timedelta(days=1)).month and all(picker.is_free(row) for row in gone) and not any(
                row["found_n"] for row in tours):  # fmt: skip
                picker.use(*gone)
                for row in gone:
                    if row["site"]:
                        row["inspect_on"] = last + timedelta(days=1)
                world.rows["hazard_inspection"] = [row for row in seen if row not in tours]
                _said(world, "HI-10", village, sector, name, what=f"{sector}{name}没有排查")
                return
    raise NoRoom(f"no week of {sector} that is free.")


def site_not_visited(world: World, picker: Picker, turn: int) -> None:
    def period_of(row: Row) -> str | None:
        site = world.of[row["site"]]
        return next((name for name, first, last in due_periods(site) if first <= row["inspect_on"] <= last), None)

    def lonely(row: Row) -> bool:
        return (
            bool(row["site"])
            and row["found_n"] == 0
            and row["sector"] == ("道路交通", "食品药品")[turn % 2]
            and row["division"] not in _MERGED
            and picker.is_free(world.of[row["site"]])
            and period_of(row) is not None
        )

    one = picker.pick(world.rows["hazard_inspection"], lonely)
    site, period = world.of[one["site"]], period_of(one)
    picker.use(site)
    world.rows["hazard_inspection"] = [row for row in world.rows["hazard_inspection"] if row is not one]
    _said(world, "HI-11", site["id"], period, what=f"{site['name']}{period}没有到现场")


KINDS = (
    quiet_quarter, sector_without_site, site_without_manager, site_without_monitor, seldom_visited, dead_monitor, stopped_before_begun,
    declared_none_but_one, declared_in_another_year, declared_in_december, far_from_site, more_found_than_listed, one_inspector,
    sector_of_another_site, in_two_places, missing_week, site_not_visited,
)  # fmt: skip
