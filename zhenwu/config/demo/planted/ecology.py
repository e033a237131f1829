"""River heads, patrols and environmental issues."""

from datetime import date, timedelta

from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.safety import site_periods
from zhenwu.config.demo.world import FIRST, YEAR, Row, World


def plant(world: World, picker: Picker) -> None:
    _heads(world, picker)
    _patrols(world, picker)
    _issues(world, picker)


def _heads(world: World, picker: Picker) -> None:
    segments, heads = world.rows["river_segment"], world.rows["river_head"]
    changed = [row for row in heads if row["level"] == "村" and row["valid_to"] is not None]

    one = world.add("river_head", division=segments[3]["division"], segment=segments[3]["id"], level="县", head_name="江见山", head=None,
                    post="副县长", phone=None, valid_from=date(YEAR, 3, 1), valid_to=date(YEAR, 2, 1))  # fmt: skip
    world.plant("river_head.RH01", one["id"], what="县级河长卸任早于任职", why="日期先后")

    former = changed[0]
    former["valid_to"] = date(YEAR, 4, 20)
    successor = _successor(heads, former)
    picker.use(former, successor)
    world.plant("river_head.RH02", successor["id"], former["id"], what="前任20天后才卸任", why="任期重叠")

    former = changed[1]
    former["valid_to"] = date(YEAR, 3, 1)
    successor = _successor(heads, former)
    for row in [
        one for one in world.rows["river_patrol"] if one["segment"] == former["segment"] and one["level"] == "村"
    ]:
        if row["patrol_on"] == date(YEAR, 3, 1):  # the weeks at the edges are still owed, by who held the post in them
            row["patrol_on"] = date(YEAR, 2, 29)
        elif row["patrol_on"] in (date(YEAR, 3, 30), date(YEAR, 3, 31)):
            row.update(patrol_on=date(YEAR, 4, 2), head_name=successor["head_name"], head=successor["head"])
        elif row["patrol_on"].month == 3:
            world.rows["river_patrol"].remove(row)
    picker.use(former)
    world.plant("river_head.RH04", former["id"], what="村级河长空缺一个月才补上", why="补位超期")

    dead = [row for row in world.rows["person"] if row["hukou_status"] == "dead" and row["id"] not in picker.busy][-1]
    one = picker.pick(heads, lambda row: row["level"] == "巡河员")
    one["head"] = dead["id"]
    for row in world.rows["river_patrol"]:
        if row["segment"] == one["segment"] and row["level"] == "巡河员":
            row["head"] = dead["id"]
    world.plant("river_head.RH03", one["id"], what="巡河员已去世", why="人口台账与河长任职")
    world.plant("river_segment.RV01", one["segment"], "巡河员", what="巡河员因此空缺", why="河长空缺")

    one = picker.pick(segments)
    one["board"] = "破损"
    world.plant("river_segment.RV02", one["id"], what=f"{one['name']}公示牌破损", why="公示牌")

    one = picker.pick(segments)
    one["head_village_name"] = "前任河长"
    world.plant(
        "river_segment.RV05",
        one["id"],
        "村级河长",
        what=f"{one['name']}名录上的村级河长没有更新",
        why="名录与任职不一致",
    )


def _successor(heads: list[Row], former: Row) -> Row:
    return next(
        row for row in heads if row["segment"] == former["segment"] and row["level"] == "村" and row["valid_to"] is None
    )


def _patrols(world: World, picker: Picker) -> None:
    def regular(row: Row) -> bool:
        return row["level"] == "村" and row["find_n"] == 0 and row["patrol_on"].month in (2, 7, 8, 10)

    weeks = site_periods("周")
    for _ in range(3):
        gone = picker.pick(world.rows["river_patrol"], regular)
        period = next(name for name, first, last in weeks if first <= gone["patrol_on"] <= last)
        world.rows["river_patrol"] = [row for row in world.rows["river_patrol"] if row is not gone]
        name = world.of[gone["segment"]]["name"]
        world.plant(
            "river_patrol.RP01", gone["segment"], "村", period, 1, what=f"{name}{period}没有巡河", why="河长漏巡"
        )

    one = picker.pick(world.rows["river_patrol"], regular)
    one.update(find_n=2, find_text="发现问题2个")
    world.plant("river_patrol.RP04", one["id"], what="记问题2个，没有立单", why="账账相符")

    base = picker.pick(world.rows["river_patrol"], lambda row: row["level"] == "镇" and row["patrol_on"] >= FIRST)
    values = {code: value for code, value in base.items() if code != "id"}
    base.update(start_time="05:00", minutes=60)
    twin = world.add(
        "river_patrol", **values | {"start_time": "05:30", "minutes": 40, "find_n": 0, "find_text": "未发现问题"}
    )
    world.plant("river_patrol.RP03", twin["id"], base["id"], what="同一人一小时内两次巡河重叠", why="时间重叠")

    stranger = world.add("river_patrol", **values | {
        "head_name": "外来人员", "head": None, "level": "村", "start_time": "16:40", "find_n": 0, "find_text": "未发现问题",
    })  # fmt: skip
    world.plant("river_patrol.RP07", stranger["id"], what="巡河人不是这一段的河长", why="巡河人不在任")


def _issues(world: World, picker: Picker) -> None:
    rows = world.rows["eco_issue"]

    def plain(row: Row) -> bool:
        return bool(row["closed_on"]) and "patrol" not in row and row["level"] == "一般" and row["found_on"].month < 11

    def said(check: str, row: Row, what: str) -> None:
        world.plant(
            f"eco_issue.{check}", row["id"], what=f"{row['spot_text']}{row['kind']}：{what}", why="生态环境问题办理"
        )

    one = picker.pick(rows, plain)
    one.update(handled_on=None, handled_by=None, way=None, fine=None, closed_on=None, closed_by=None, state="sent")
    said("EI01", one, "超期未销号")

    one = picker.pick(rows, plain)
    one["closed_by"] = None
    said("EI02", one, "没有照片也没有复核人")

    one = picker.pick(rows, plain)
    one.update(kind="秸秆焚烧", way="罚款", fine=100)
    said("EI03", one, "罚款100元，低于下限")

    one = picker.pick(rows, plain)
    one["closed_by"] = one["handled_by"]
    said("EI04", one, "处理人自己复核")
    said("EI02", one, "自己复核等于没有佐证")

    first = picker.pick(rows, plain)
    values = {code: value for code, value in first.items() if code != "id"}
    later = {
        code: first[code] + timedelta(days=3) for code in ("found_on", "sent_on", "due_on", "handled_on", "closed_on")
    }
    one = world.add("eco_issue", **values | later)
    picker.use(one)
    said("EI05", one, "三天后同一处再次出现")

    one = picker.pick(rows, plain)
    one.update(level="严重", county_on=one["found_on"] + timedelta(days=2))
    said("EI06", one, "严重问题两天后才上报")

    one = picker.pick(rows, lambda row: "patrol" in row and row["closed_on"])
    patrol = world.of[one.pop("patrol")]
    one["ref_no"] = f"XH-{YEAR}-9999"
    said("EI07", one, "找不到巡河记录")
    world.plant("river_patrol.RP04", patrol["id"], what="问题单没有指回这次巡河", why="账账相符")

    one = picker.pick(rows, lambda row: plain(row) and row["found_way"] not in ("群众举报", "12345"))
    one["due_on"] = one["found_on"] + timedelta(days=20)
    said("EI08", one, "一般问题给了20天")

    one = picker.pick(rows, plain)
    one.update(found_on=date(YEAR, 12, 5), sent_on=date(YEAR, 12, 5), level="严重", county_on=date(YEAR, 12, 5), due_on=date(YEAR + 1, 1, 4),
               handled_on=date(YEAR, 12, 8), closed_on=None, state="handled")  # fmt: skip
    said("EI09", one, "处理完三周没有复核")

    one = picker.pick(rows, plain)
    one["handled_on"] = one["found_on"] - timedelta(days=1)
    said("EI10", one, "处理早于发现")
