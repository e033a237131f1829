"""Hazards found and closed."""

from datetime import timedelta

from zhenwu.config.demo.places import place_on
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import LAST, YEAR, Row, World

_OPEN = dict.fromkeys(("fixed_on", "recheck_on", "rechecker", "close_on", "close_by", "close_level"))
_WORDS = ("消防通道堆放杂物", "配电箱门未关闭", "灭火器压力不足", "警示标志被遮挡", "安全台账记录不全")


def _closed(row: Row) -> bool:
    return (
        bool(row["close_on"])
        and row["grade"] == "一般"
        and row["found_on"].year == YEAR
        and row["transfer_on"] is None
        and row["found_on"].month < 11
    )


def _one(world: World, picker: Picker) -> Row:
    return picker.pick(world.rows["hazard"], _closed)


def _said(world: World, check: str, row: Row, what: str) -> None:
    world.plant(f"hazard.{check}", row["id"], what=f"{row['detail']}：{what}", why="隐患整改销号")


def _spared(world: World, check: str, row: Row, what: str) -> None:
    world.spare(f"hazard.{check}", row["id"], what=f"{row['detail']}：{what}")


def days_turned_round(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    if turn % 2:
        one["close_on"] = one["recheck_on"] - timedelta(days=1)
        said = "销号早于复查"
    else:
        one["recheck_on"] = one["fixed_on"] - timedelta(days=1 + turn)
        said = "复查早于整改完成"
    _said(world, "HZ-01", one, said)


def closed_without_proof(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["rechecker"] = None
    _said(world, "HZ-02", one, "销号没有复查人和照片")


def rechecked_by_owner(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["rechecker"] = one["fix_owner"]
    _said(world, "HZ-03", one, "整改责任人自己复查")


def overdue(world: World, picker: Picker, turn: int) -> None:
    """Since long, or since yesterday by the extension; whose last day is today is in time."""
    one = _one(world, picker)
    one.update(_OPEN, state="fixing")
    if turn % 2:
        one.update(ext_req_on=one["due_on"], ext_due=LAST - timedelta(days=1))
    _said(world, "HZ-05", one, f"{one['ext_due'] or one['due_on']}到期未整改")
    if turn == 0:
        spared = _one(world, picker)
        spared.update(_OPEN, state="fixing", ext_req_on=spared["due_on"], ext_due=LAST)
        _spared(world, "HZ-05", spared, "延期到年末当天")


def downgraded(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["grade_first"] = "重大"
    _said(world, "HZ-09", one, "由重大降为一般，没有依据")


def long_time(world: World, picker: Picker, turn: int) -> None:
    one, days = _one(world, picker), (40, 16, 17, 30, 16)[turn]
    one["due_on"] = one["found_on"] + timedelta(days=days)
    _said(world, "HZ-12", one, f"一般隐患给了{days}天")
    if turn == 0:
        spared = _one(world, picker)
        spared["due_on"] = spared["found_on"] + timedelta(days=15)
        _spared(world, "HZ-12", spared, "一般隐患给了15天")


def supervised_by_owner(world: World, picker: Picker, turn: int) -> None:
    one = _one(world, picker)
    one["supervisor"] = one["fix_owner"]
    _said(world, "HZ-13", one, "监督人就是责任人")


def found_by_no_inspection(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard"], lambda row: _closed(row) and row["found_by_way"] == "群众举报")
    one["found_by_way"] = "排查"
    _said(world, "HZ-14", one, "来源为排查，没有排查记录")


def late_extension(world: World, picker: Picker, turn: int) -> None:
    """Asked for a day after the time was over, or never; on its last day it is in time."""
    one = _one(world, picker)
    late = (2, 1, None, 1, 5)[turn]
    one.update(ext_req_on=late and one["due_on"] + timedelta(days=late), ext_due=one["due_on"] + timedelta(days=10))
    _said(world, "HZ-15", one, f"过期{late}天才申请延期" if late else "没有填申请延期日期")
    if turn == 0:
        spared = _one(world, picker)
        spared.update(ext_req_on=spared["due_on"], ext_due=spared["due_on"] + timedelta(days=10))
        _spared(world, "HZ-15", spared, "到期当天申请延期")


def same_words(world: World, picker: Picker, turn: int) -> None:
    """In six villages, or seven; in five it may still be chance."""
    _write_alike(world, picker, _WORDS[turn], 6 + turn % 2)
    world.plant("hazard.HZ-08", _WORDS[turn], what=f"{6 + turn % 2}个村的隐患描述一字不差", why="防止照抄")


def same_words_in_five(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        _write_alike(world, picker, "疏散指示灯不亮", 5)
        world.spare("hazard.HZ-08", "疏散指示灯不亮", what="五个村的描述相同")


def _write_alike(world: World, picker: Picker, words: str, villages: int) -> None:
    named = {row["repeat_of"] for row in world.rows["hazard"]}  # rosters name a repeated hazard by its words
    same: list[Row] = []

    def elsewhere(row: Row) -> bool:
        return _closed(row) and row["id"] not in named and all(row["division"] != one["division"] for one in same)

    while len(same) < villages:
        same.append(picker.pick(world.rows["hazard"], elsewhere))
    for row in same:
        row["detail"] = words


def again_at_site(world: World, picker: Picker, turn: int) -> None:
    """The same kind at the same site within 180 days."""
    _repeat(world, picker, (30, 180, 1, 90, 180)[turn], found=True)


def again_after_half_a_year(world: World, picker: Picker, turn: int) -> None:
    if turn == 0:
        _repeat(world, picker, 181, found=False)


def _repeat(world: World, picker: Picker, days: int, *, found: bool) -> None:
    rows, shift = world.rows["hazard"], timedelta(days=days)

    def last_of_site(row: Row) -> bool:
        near = [
            one
            for one in rows
            if one is not row and one["site"] == row["site"] and one["kind"] == row["kind"]
            and (one["found_on"] > row["found_on"] or (row["found_on"] + shift - one["found_on"]).days <= 180)
        ]  # fmt: skip
        return _closed(row) and bool(row["site"]) and not near and row["found_on"] + shift < LAST - timedelta(days=30)

    first = picker.pick(rows, last_of_site)
    dates = {code: first[code] + shift for code in ("found_on", "due_on", "fixed_on", "recheck_on", "close_on")}
    one = world.add("hazard", **{code: value for code, value in first.items() if code != "id"} | dates | {
        "found_by_way": "群众举报", "inspection": None, "division": place_on(first["division"], dates["found_on"]), "repeat_of": None,
        "detail": f"{first['detail']}，{days}天后再次出现",
    })  # fmt: skip
    picker.use(one)
    if found:
        _said(world, "HZ-11", one, f"{days}天后同一点位同类隐患")
    else:
        _spared(world, "HZ-11", one, f"{days}天后同一点位同类隐患")


def grave_not_controlled(world: World, picker: Picker, turn: int) -> None:
    """No measures at once, reported late, or planned late. The day after is still in time to report, the seventh day to plan."""

    def is_grave(row: Row) -> bool:
        return bool(row["grade"] == "重大")

    one = picker.pick(world.rows["hazard"], is_grave, "control")
    spared = picker.pick(world.rows["hazard"], is_grave, "control") if turn == 0 else None
    on = one["found_on"]
    one.update((
        {"control": None, "report_on": on + timedelta(days=3)}, {"report_on": on + timedelta(days=2)}, {"plan_on": on + timedelta(days=8)},
        {"control": None}, {"report_on": None},
    )[turn])  # fmt: skip
    _said(world, "HZ-04", one, "重大隐患未管控、迟报或方案迟定")
    if spared:
        spared.update(report_on=spared["found_on"] + timedelta(days=1), plan_on=spared["found_on"] + timedelta(days=7))
        _spared(world, "HZ-04", spared, "次日报县，第七天定方案")


def grave_closed_by_town(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard"], lambda row: row["grade"] == "重大" and row["close_on"], "closing")
    one["close_level"] = "镇"
    _said(world, "HZ-06", one, "重大隐患由镇销号")


def handed_over_without_answer(world: World, picker: Picker, turn: int) -> None:
    one = picker.pick(world.rows["hazard"], lambda row: row["transfer_on"])
    spared = picker.pick(world.rows["hazard"], lambda row: row["transfer_on"]) if turn == 0 else None
    _hand_over(one, one["transfer_on"] if turn % 2 == 0 else LAST - timedelta(days=31))
    _said(world, "HZ-07", one, "移交后没有回复")
    if spared:
        _hand_over(spared, LAST - timedelta(days=30))
        _spared(world, "HZ-07", spared, "移交刚30天")


def _hand_over(row: Row, on: object) -> None:
    row.update(
        _OPEN,
        reply_on=None,
        ext_req_on=row["due_on"],
        ext_due=LAST + timedelta(days=60),
        transfer_on=on,
        state="transferred",
    )


KINDS = (
    days_turned_round, closed_without_proof, rechecked_by_owner, overdue, downgraded, long_time, supervised_by_owner, found_by_no_inspection,
    late_extension, same_words, same_words_in_five, again_at_site, again_after_half_a_year, grave_not_controlled, grave_closed_by_town,
    handed_over_without_answer,
)  # fmt: skip
