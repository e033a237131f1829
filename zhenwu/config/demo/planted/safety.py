"""Sites, declarations, inspections and hazards."""

from datetime import date, timedelta

from zhenwu.config.demo.places import MERGER, now
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.safety import due_periods, sector_cells
from zhenwu.config.demo.world import LAST, YEAR, Row, World

_QUIET = "519999100201"  # 双桥村, whose third quarter has no hazard


def plant(world: World, picker: Picker) -> None:
    _sites(world, picker)
    _quiet_quarter(world, picker)
    _inspections(world, picker)
    _hazards(world, picker)
    _grave_hazards(world, picker)


def _sites(world: World, picker: Picker) -> None:
    rows = world.rows["hazard_site"]

    def said(check: str, row: Row, what: str) -> None:
        world.plant(f"hazard_site.{check}", row["id"], what=f"{row['name']}{what}", why="安全排查底册")

    one = picker.pick(rows, lambda row: row["risk"] in "红橙")
    one["manager"] = None
    said("HS-01", one, "没有包保干部")

    one = picker.pick(rows, lambda row: row["sector"] == "地质灾害")
    one["monitor"] = None
    said("HS-02", one, "没有监测员")

    one = picker.pick(rows, lambda row: row["sector"] == "安全生产" and row["freq"] in ("季", "半年"))
    one.update(risk="橙", manager="唐怀谷")
    said("HS-06", one, "为橙色，检查频次不足每月一次")

    one = picker.pick(rows, lambda row: row["sector"] == "地质灾害")
    dead = next(row for row in world.rows["person"] if row["hukou_status"] == "dead" and row["id"] not in picker.busy)
    one["monitor"] = dead["id"]
    said("HS-07", one, f"的监测员{dead['name']}已去世")

    like = rows[0]
    values = {code: value for code, value in like.items() if code != "id"}
    one = world.add("hazard_site", **values | {
        "name": "青石街社区旧劝导站", "phone": None, "risk": "蓝", "manager": None, "freq": "赶场日",
        "active_from": date(YEAR, 3, 1), "active_to": date(YEAR, 2, 1), "state": "stopped",
    })  # fmt: skip
    picker.use(one)
    said("HS-08", one, "停用早于启用")

    village = "519999100206"
    for row in rows:
        if row["division"] == village and row["sector"] == "食品药品":
            row.update(active_to=date(YEAR, 12, 31), state="stopped")
    world.plant(
        "hazard_site.HS-04", village, "食品药品", what="梨园村食品药品点位全部停用，又没有声明", why="领域底数为空"
    )

    none = picker.pick(world.rows["site_none"], lambda row: row["sector"] == "森林防灭火")
    one = world.add("hazard_site", **values | {
        "division": none["division"], "sector": "森林防灭火", "kind": "坟场", "name": "后山坟场", "phone": None, "risk": "蓝",
        "manager": None, "freq": "雨后", "spot": None, "active_from": date(YEAR, 1, 1), "active_to": None,
    })  # fmt: skip
    picker.use(one)
    world.plant("site_none.SN-01", none["id"], what="声明没有森林防火对象，底册里却有坟场", why="声明与底册矛盾")

    none = picker.pick(world.rows["site_none"], lambda row: row["sector"] == "地质灾害")
    none["signed_on"] = date(YEAR - 1, 3, 6)
    world.plant("site_none.SN-02", none["id"], what="2020年声明签字日期是2019年3月", why="声明一年一签")


def _inspections(world: World, picker: Picker) -> None:
    rows = world.rows["hazard_inspection"]

    def said(check: str, *subject: object, what: str) -> None:
        world.plant(f"hazard_inspection.{check}", *subject, what=what, why="拉网式排查")

    one = picker.pick(rows, lambda row: row["site"])
    lon, lat = map(float, world.of[one["site"]]["spot"].split(","))
    one["spot"] = f"{lon + 0.02:.5f},{lat:.5f}"
    said("HI-01", one["id"], what="定位离点位约2公里")

    one = picker.pick(rows, lambda row: row["found_n"] == 0 and row["division"] != _QUIET)
    one.update(found_n=1, result="发现隐患1处")
    said("HI-04", one["id"], what="记1处隐患，台账里没有")

    one = picker.pick(rows, lambda row: row["site"] and row["sector"] in ("安全生产", "食品药品"))
    one["team_n"] = 1
    said("HI-07", one["id"], what="一个人到企业检查")

    one = picker.pick(rows, lambda row: row["site"] and row["sector"] == "道路交通" and row["found_n"] == 0)
    one["sector"] = "防汛"
    said("HI-08", one["id"], what="道路点位记成防汛排查")

    base = picker.pick(rows, lambda row: row["site"] is None and row["found_n"] == 0)
    pair = []
    for village, spot, start in (
        ("519999100209", "106.44000,29.53800", "05:10"),
        ("519999100204", "106.54500,29.47200", "05:30"),
    ):
        values = {code: value for code, value in base.items() if code != "id"}
        pair.append(world.add("hazard_inspection", **values | {
            "division": village, "inspect_on": date(YEAR, 3, 18), "start_at": start, "spot": spot, "sector": "防汛", "lead_name": "方启安",
        }))  # fmt: skip
    picker.use(*pair)
    said("HI-03", pair[1]["id"], pair[0]["id"], what="同一人20分钟内在相距12公里的两村带队")

    _missing_cells(world, picker)


def _quiet_quarter(world: World, picker: Picker) -> None:
    """All hazards of one village and quarter taken away: a whole quarter without any is suspicious."""
    village, quarter = _QUIET, 3
    for row in world.rows["hazard_inspection"]:
        if row["division"] == village and (row["inspect_on"].month + 2) // 3 == quarter and row["found_n"]:
            gone = [one for one in world.rows["hazard"] if one["inspection"] == row["id"]]
            picker.use(*gone)
            _remove_hazards(world, gone)
            row.update(found_n=0, fixed_now=0, result="未发现隐患")
            picker.use(row)
    world.plant(
        "hazard_inspection.HI-05", village, f"{YEAR}-Q{quarter}", what="双桥村三季度没有发现一处隐患", why="防止走过场"
    )


def _missing_cells(world: World, picker: Picker) -> None:
    """Two weeks of a village without epidemic inspections, and a site not visited in its quarter."""
    cells = [(name, first, last) for name, first, last in sector_cells("疫情防控") if first.month in (4, 9)]
    for village, (name, first, last) in (("519999100202", cells[1]), ("519999100205", cells[-2])):
        gone = [
            row for row in world.rows["hazard_inspection"]
            if row["sector"] == "疫情防控" and now(row["division"]) == village and first <= row["inspect_on"] <= last
        ]  # fmt: skip
        kept = [row for row in gone if row["site"]]
        for row in kept:  # a site visit would cover the week: it is moved to the day after, still in the site's period
            row["inspect_on"] = last + timedelta(days=1)
        for row in gone:
            if row not in kept:
                _drop(world, picker, row)
        picker.use(*kept)
        world.plant(
            "hazard_inspection.HI-10", village, "疫情防控", name, what=f"疫情防控{name}没有排查", why="排查盲区"
        )

    def lonely(row: Row) -> bool:
        return (
            row["site"]
            and row["found_n"] == 0
            and row["sector"] == "道路交通"
            and row["division"] not in (*MERGER.sources, MERGER.code)
        )

    one = picker.pick(world.rows["hazard_inspection"], lonely)
    site = world.of[one["site"]]
    period = next(name for name, first, last in due_periods(site) if first <= one["inspect_on"] <= last)
    _drop(world, picker, one)
    world.plant(
        "hazard_inspection.HI-11", site["id"], period, what=f"{site['name']}{period}没有到现场", why="点位应查未查"
    )


def _drop(world: World, picker: Picker, row: Row) -> None:
    gone = [one for one in world.rows["hazard"] if one["inspection"] == row["id"]]
    picker.use(row, *gone)
    _remove_hazards(world, gone)
    world.rows["hazard_inspection"] = [one for one in world.rows["hazard_inspection"] if one is not row]


def _remove_hazards(world: World, gone: list[Row]) -> None:
    """A row that repeats one of them repeats what that one repeated."""
    ids = {row["id"]: row["repeat_of"] for row in gone}
    world.rows["hazard"] = [row for row in world.rows["hazard"] if row["id"] not in ids]
    for row in world.rows["hazard"]:
        while row["repeat_of"] in ids:
            row["repeat_of"] = ids[row["repeat_of"]]


def _hazards(world: World, picker: Picker) -> None:
    rows = world.rows["hazard"]

    def closed(row: Row) -> bool:
        return (
            bool(row["close_on"])
            and row["grade"] == "一般"
            and row["found_on"].year == YEAR
            and row["transfer_on"] is None
            and row["found_on"].month < 11
        )

    def said(check: str, row: Row, what: str) -> None:
        world.plant(f"hazard.{check}", row["id"], what=f"{row['detail']}：{what}", why="隐患整改销号")

    one = picker.pick(rows, closed)
    one["recheck_on"] = one["fixed_on"] - timedelta(days=1)
    said("HZ-01", one, "复查早于整改完成")

    one = picker.pick(rows, closed)
    one["rechecker"] = None
    said("HZ-02", one, "销号没有复查人和照片")

    one = picker.pick(rows, closed)
    one["rechecker"] = one["fix_owner"]
    said("HZ-03", one, "整改责任人自己复查")

    one = picker.pick(rows, closed)
    one.update(
        fixed_on=None, recheck_on=None, rechecker=None, close_on=None, close_by=None, close_level=None, state="fixing"
    )
    said("HZ-05", one, "逾期未整改")

    one = picker.pick(rows, closed)
    one["grade_first"] = "重大"
    said("HZ-09", one, "由重大降为一般，没有依据")

    one = picker.pick(rows, closed)
    one["due_on"] = one["found_on"] + timedelta(days=40)
    said("HZ-12", one, "一般隐患给了40天")

    one = picker.pick(rows, closed)
    one["supervisor"] = one["fix_owner"]
    said("HZ-13", one, "监督人就是责任人")

    one = picker.pick(rows, lambda row: closed(row) and row["found_by_way"] == "群众举报")
    one["found_by_way"] = "排查"
    said("HZ-14", one, "来源为排查，没有排查记录")

    one = picker.pick(rows, closed)
    one.update(ext_req_on=one["due_on"] + timedelta(days=2), ext_due=one["due_on"] + timedelta(days=10))
    said("HZ-15", one, "过期才申请延期")

    same: list[Row] = []
    for _ in range(6):
        seen = [row["division"] for row in same]
        same.append(picker.pick(rows, lambda row: closed(row) and row["division"] not in seen))  # noqa: B023
    for row in same:
        row["detail"] = "消防通道堆放杂物"
    world.plant("hazard.HZ-08", "消防通道堆放杂物", what="六个村的隐患描述一字不差", why="防止照抄")

    def last_of_site(row: Row) -> bool:
        later = [
            one
            for one in rows
            if one["site"] == row["site"] and one["kind"] == row["kind"] and one["found_on"] > row["found_on"]
        ]
        return closed(row) and bool(row["site"]) and not later and row["found_on"].month < 10

    first = picker.pick(rows, last_of_site)
    values = {code: value for code, value in first.items() if code != "id"}
    shift = timedelta(days=30)
    dates = {code: first[code] + shift for code in ("found_on", "due_on", "fixed_on", "recheck_on", "close_on")}
    one = world.add("hazard", **values | dates | {
        "found_by_way": "群众举报", "inspection": None, "division": now(first["division"]) if first["found_on"] + shift >= MERGER.day else first["division"],
        "detail": f"{first['detail']}，再次出现",
    })  # fmt: skip
    picker.use(one)
    said("HZ-11", one, "30天内同一点位同类隐患")


def _grave_hazards(world: World, picker: Picker) -> None:
    rows = world.rows["hazard"]
    one = picker.pick(rows, lambda row: row["grade"] == "重大")
    one.update(control=None, report_on=one["found_on"] + timedelta(days=3))
    world.plant("hazard.HZ-04", one["id"], what=f"{one['detail']}：重大隐患未管控、迟报", why="重大隐患当天管控、报县")

    one = picker.pick(rows, lambda row: row["grade"] == "重大")
    one["close_level"] = "镇"
    world.plant("hazard.HZ-06", one["id"], what=f"{one['detail']}：重大隐患由镇销号", why="须县级核销")

    one = picker.pick(rows, lambda row: row["transfer_on"])
    one.update(reply_on=None, fixed_on=None, recheck_on=None, rechecker=None, close_on=None, close_by=None, close_level=None,
               ext_req_on=one["due_on"], ext_due=LAST + timedelta(days=60), state="transferred")  # fmt: skip
    world.plant("hazard.HZ-07", one["id"], what=f"{one['detail']}：移交后没有回复", why="移交须有回复")
