"""River segments, their heads and patrols."""

from datetime import date, timedelta

from zhenwu.config.demo.planted.picking import NoRoom, Picker
from zhenwu.config.demo.safety import site_periods
from zhenwu.config.demo.world import FIRST, YEAR, Row, World

_CHANGE = date(YEAR, 4, 1)  # on which village heads changed (ecology.py)


def _former(world: World, picker: Picker) -> tuple[Row, Row]:
    """A village head who left this year, and who came after."""
    former = picker.pick(
        world.rows["river_head"], lambda row: row["level"] == "村" and row["valid_to"] == _CHANGE, "term"
    )
    return former, next(
        row for row in world.rows["river_head"]
        if row["segment"] == former["segment"] and row["level"] == "村" and row["valid_from"] == _CHANGE
    )  # fmt: skip


def left_before_he_came(world: World, picker: Picker, turn: int) -> None:
    segment = picker.pick(world.rows["river_segment"], lambda row: True, "county head")
    came, days = date(YEAR, 3, 1), (29, 1, 0, 366, 7)[turn]
    one = world.add("river_head", division=segment["division"], segment=segment["id"], level="县", head_name="江见山", head=None,
                    post="副县长", phone=None, valid_from=came, valid_to=came - timedelta(days=days))  # fmt: skip
    picker.use(one)
    world.plant("river_head.RH01", one["id"], what=f"县级河长卸任比任职早{days}天", why="日期先后")


def two_heads_at_once(world: World, picker: Picker, turn: int) -> None:
    """One day of both, or weeks; who leaves on the day the next one comes was never there together with him."""
    former, successor = _former(world, picker)
    days = (19, 1, 2, 30, 60)[turn]
    former["valid_to"] = _CHANGE + timedelta(days=days)
    world.plant("river_head.RH02", successor["id"], former["id"], what=f"前任{days}天后才卸任", why="任期重叠")


def post_left_empty(world: World, picker: Picker, turn: int) -> None:
    days = (31, 11, 12, 40, 11)[turn]
    former = _leave_empty(world, picker, days)
    world.plant("river_head.RH04", former["id"], what=f"村级河长空缺{days}天才补上", why="补位超期")


def empty_for_ten_days(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        former = _leave_empty(world, picker, 10)
        world.spare("river_head.RH04", former["id"], what="村级河长空缺刚10天")


def _leave_empty(world: World, picker: Picker, days: int) -> Row:
    """The former head leaves so many days earlier. In weeks of which more than half had no head nobody owes a patrol; in the
    others it is done on a day that had one."""
    former, successor = _former(world, picker)
    left = _CHANGE - timedelta(days=days)
    former["valid_to"] = left
    patrols = world.rows["river_patrol"]
    empty = [
        one
        for one in patrols
        if one["segment"] == former["segment"] and one["level"] == "村" and left <= one["patrol_on"] < _CHANGE
    ]
    for number, row in enumerate(empty):
        monday = row["patrol_on"] - timedelta(days=row["patrol_on"].weekday())
        week = [monday + timedelta(days=n) for n in range(7)]
        before, after = [day for day in week if day < left], [day for day in week if day >= _CHANGE]
        if 2 * (len(before) + len(after)) < 7:
            if row["find_n"] == 0:
                patrols.remove(row)
                continue
            before = [left - timedelta(days=1)]
        if after and len(after) >= len(before):
            row.update(patrol_on=after[0], head_name=successor["head_name"], head=successor["head"])
        else:
            row["patrol_on"] = before[-1]
        for issue in world.rows["eco_issue"]:
            if issue.get("patrol") == row["id"]:
                issue["found_by"] = row["head_name"]
        row.update(start_time=f"{14 + number}:20", minutes=20)
    return former


def dead_patroller(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["river_head"], lambda row: row["level"] == "巡河员", "person")
    dead = picker.pick(world.rows["person"], lambda row: row["hukou_status"] == "dead" and row["id"] not in picker.busy)
    one["head"] = dead["id"]
    for row in world.rows["river_patrol"]:
        if row["segment"] == one["segment"] and row["level"] == "巡河员":
            row["head"] = dead["id"]
    world.plant("river_head.RH03", one["id"], what=f"巡河员{dead['name']}已去世", why="人口台账与河长任职")
    world.plant("river_segment.RV01", one["segment"], "巡河员", what="巡河员因此空缺", why="河长空缺")


def broken_board(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["river_segment"], lambda row: True, "board")
    if turn == 2:
        one["board_phone"] = world.phones.take()
    else:
        one["board"] = ("破损", "缺失")[turn % 2]
    said = "电话不是在任河长的" if turn == 2 else one["board"]
    world.plant("river_segment.RV02", one["id"], what=f"{one['name']}公示牌{said}", why="公示牌")


def former_head_in_list(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["river_segment"], lambda row: True, "names")
    code, level = (("head_village_name", "村级河长"), ("head_town_name", "镇级河长"), ("patroller_name", "巡河员"))[
        turn % 3
    ]
    one[code] = "前任河长"
    world.plant(
        "river_segment.RV05", one["id"], level, what=f"{one['name']}名录上的{level}没有更新", why="名录与任职不一致"
    )


def missed_week(world: World, picker: Picker, turn: int) -> None:
    """Of the village head, of the patroller, or the month of the town's head."""
    level = ("村", "巡河员", "镇")[turn % 3]
    gone = picker.pick(world.rows["river_patrol"], lambda row: _is_regular(row, level))
    periods = site_periods("月" if level == "镇" else "周")
    period = next((name for name, first, last in periods if first <= gone["patrol_on"] <= last), None)
    if period is None:
        raise NoRoom("the week reaches into the next year.")
    world.rows["river_patrol"] = [row for row in world.rows["river_patrol"] if row is not gone]
    name = world.of[gone["segment"]]["name"]
    world.plant("river_patrol.RP01", gone["segment"], level, period, 1, what=f"{name}{period}没有巡河", why="河长漏巡")


def _is_regular(row: Row, level: str = "村") -> bool:
    return (
        row["level"] == level and row["find_n"] == 0 and row["patrol_on"].month in (7, 8, 9, 10)
    )  # when no post is empty


def problems_without_issue(world: World, picker: Picker, turn: int) -> None:
    one, count = picker.pick(world.rows["river_patrol"], _is_regular), (2, 1, 3, 1, 2)[turn]
    one.update(find_n=count, find_text=f"发现问题{count}个")
    world.plant("river_patrol.RP04", one["id"], what=f"记问题{count}个，没有立单", why="账账相符")


def in_two_places(world: World, picker: Picker, turn: int) -> None:
    """Begun before the other patrol was over, by a minute or more; one after the other is possible."""

    def town(row: Row) -> bool:
        return bool(row["level"] == "镇" and row["patrol_on"] >= FIRST and row["find_n"] == 0)

    base = picker.pick(world.rows["river_patrol"], town)
    spared = picker.pick(world.rows["river_patrol"], town) if turn == 0 else None
    twin = _twin(world, picker, base, ("05:30", "05:59", "05:01", "05:59", "05:45")[turn])
    world.plant("river_patrol.RP03", twin["id"], base["id"], what="同一人一小时内两次巡河重叠", why="时间重叠")
    if spared:
        twin = _twin(world, picker, spared, "06:00")
        world.spare("river_patrol.RP03", twin["id"], spared["id"], what="一次结束时另一次开始")


def _twin(world: World, picker: Picker, base: Row, start: str) -> Row:
    base.update(start_time="05:00", minutes=60)
    values = {code: value for code, value in base.items() if code != "id"}
    twin = world.add("river_patrol", **values | {"start_time": start, "minutes": 40})
    picker.use(twin)
    return twin


def stranger_on_patrol(world: World, picker: Picker, turn: int) -> None:
    base = picker.pick(world.rows["river_patrol"], lambda row: row["patrol_on"] > _CHANGE and row["find_n"] == 0)
    values = {code: value for code, value in base.items() if code != "id"}
    one = world.add("river_patrol", **values | {
        "head_name": f"外来人员{'甲乙丙丁戊'[turn]}", "head": None, "level": ("村", "镇", "巡河员")[turn % 3], "start_time": "16:40",
    })  # fmt: skip
    picker.use(one)
    world.plant("river_patrol.RP07", one["id"], what="巡河人不是这一段的河长", why="巡河人不在任")


KINDS = (
    left_before_he_came, two_heads_at_once, post_left_empty, empty_for_ten_days, dead_patroller, broken_board, former_head_in_list, missed_week,
    problems_without_issue, in_two_places, stranger_on_patrol,
)  # fmt: skip
