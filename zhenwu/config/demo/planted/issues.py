"""Environmental issues: found, handed over, handled, verified, closed."""

from datetime import date, timedelta

from zhenwu.config.demo.places import place_on
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import LAST, YEAR, Row, World

_DATES = ("found_on", "sent_on", "due_on", "handled_on", "closed_on")


def _plain(row: Row) -> bool:
    return (
        bool(row["closed_on"])
        and "patrol" not in row
        and row["level"] == "一般"
        and row["found_on"].month < 11
        and not row["fine"]
    )


def _one(world: World, picker: Picker) -> Row:
    return picker.pick(world.rows["eco_issue"], _plain)


def _said(world: World, check: str, row: Row, what: str) -> None:
    world.plant(
        f"eco_issue.{check}", row["id"], what=f"{row['spot_text']}{row['kind']}：{what}", why="生态环境问题办理"
    )


def _spared(world: World, check: str, row: Row, what: str) -> None:
    world.spare(f"eco_issue.{check}", row["id"], what=f"{row['spot_text']}{row['kind']}：{what}")


def overdue(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    open_ = dict.fromkeys(("handled_on", "handled_by", "way", "fine", "closed_on", "closed_by"))
    one.update(open_, state="sent")
    if turn % 2:
        one["extend_to"] = LAST - timedelta(days=1)
    _said(world, "EI01", one, f"{one['extend_to'] or one['due_on']}到期未销号")
    if turn == 0:
        spared = _one(world, picker)
        spared.update(open_, state="sent", extend_to=LAST)
        _spared(world, "EI01", spared, "延期到年末当天")


def without_proof(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["closed_by"] = None
    _said(world, "EI02", one, "没有照片也没有复核人")


def wrong_fine(world: World, picker: Picker, turn: int) -> None:
    """Below 500 yuan or above 2000."""
    one = _one(world, picker)
    one.update(kind="秸秆焚烧", way="罚款", fine=(100, 499, 2001, 3000, 499)[turn])
    _said(world, "EI03", one, f"罚款{one['fine']}元")
    if turn < 2:
        spared = _one(world, picker)
        spared.update(kind="秸秆焚烧", way="罚款", fine=(500, 2000)[turn])
        _spared(world, "EI03", spared, f"罚款{spared['fine']}元")


def verified_by_handler(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["closed_by"] = one["handled_by"]
    _said(world, "EI04", one, "处理人自己复核")
    _said(world, "EI02", one, "自己复核等于没有佐证")


def again_at_the_spot(world: World, picker: Picker, turn: int) -> None:
    """Within 90 days at the same spot."""
    days = (3, 90, 1, 45, 90)[turn]
    _said(world, "EI05", _repeat(world, picker, days), f"{days}天后同一处再次出现")
    if turn == 0:
        _spared(world, "EI05", _repeat(world, picker, 91), "91天后同一处再次出现")


def _repeat(world: World, picker: Picker, days: int) -> Row:
    shift = timedelta(days=days)

    def fits(row: Row) -> bool:
        later = row["found_on"] + shift
        return _plain(row) and later < LAST - timedelta(days=30) and place_on(row["division"], later) == row["division"]

    first = picker.pick(world.rows["eco_issue"], fits)
    values = {code: value for code, value in first.items() if code != "id"}
    one = world.add("eco_issue", **values | {code: first[code] + shift for code in _DATES})
    picker.use(one)
    return one


def reported_late(world: World, picker: Picker, turn: int) -> None:
    """A grave one reported a day later, or never."""
    one, late = _one(world, picker), (2, 1, None, 1, 5)[turn]
    one.update(level="严重", county_on=late and one["found_on"] + timedelta(days=late))
    _said(world, "EI06", one, f"严重问题{late}天后才上报" if late else "严重问题没有上报")


def without_patrol(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["eco_issue"], lambda row: "patrol" in row and row["closed_on"])
    patrol = world.of[one.pop("patrol")]
    picker.use(patrol)
    one["ref_no"] = f"XH-{YEAR}-9999{turn}"
    _said(world, "EI07", one, "找不到巡河记录")
    world.plant("river_patrol.RP04", patrol["id"], what="问题单没有指回这次巡河", why="账账相符")


def long_time(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(
        world.rows["eco_issue"], lambda row: _plain(row) and row["found_way"] not in ("群众举报", "12345")
    )
    days = (20, 8, 9, 15, 8)[turn]
    one["due_on"] = one["found_on"] + timedelta(days=days)
    _said(world, "EI08", one, f"一般问题给了{days}天")


def not_verified(world: World, picker: Picker, turn: int) -> None:
    """Handled more than seven days ago."""
    days = (23, 8, 9, 15, 8)[turn]
    one = _handled(world, picker, days)
    _said(world, "EI09", one, f"处理完{days}天没有复核")
    if turn == 0:
        _spared(world, "EI09", _handled(world, picker, 7), "处理完刚7天")


def _handled(world: World, picker: Picker, days: int) -> Row:
    one = _one(world, picker)
    on = date(YEAR, 12, 5)
    one.update(found_on=on, sent_on=on, level="严重", county_on=on, due_on=date(YEAR + 1, 1, 4), handled_on=LAST - timedelta(days=days),
               closed_on=None, state="handled", division=place_on(one["division"], on))  # fmt: skip
    return one


def days_turned_round(world: World, picker: Picker, turn: int) -> None:
    one, day = _one(world, picker), timedelta(days=1)
    if turn == 1:
        one["sent_on"] = one["found_on"] - day
        said = "交办早于发现"
    elif turn == 2:
        one["closed_on"] = one["handled_on"] - day
        said = "销号早于处理完成"
    elif turn == 3:
        one["extend_to"] = one["due_on"] - day
        said = "延期早于原时限"
    else:
        one["handled_on"] = one["found_on"] - day
        said = "处理早于发现"
    _said(world, "EI10", one, said)


KINDS = (
    overdue, without_proof, wrong_fine, verified_by_handler, again_at_the_spot, reported_late, without_patrol, long_time, not_verified,
    days_turned_round,
)  # fmt: skip
