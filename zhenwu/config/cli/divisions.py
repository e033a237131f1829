"""divisions tree | show | events | draft | posts | effect | undo | groups | outlines."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from zhenwu.config.cli.base import Fault, acting_user, day, out, show_json, start_django

if TYPE_CHECKING:
    from zhenwu.divisions.models import Division, Event
    from zhenwu.divisions.planning import EventPlan
    from zhenwu.divisions.queries import Node

_JSON = typer.Option(False, "--json", help="输出 JSON")
_ON = typer.Option("", "--on", help="哪一天的区划，如 2020-06-01（默认今天）")


def register(app: typer.Typer) -> None:
    divisions = typer.Typer(help="行政区划：查看、调整、沿革、加载小组和轮廓。", no_args_is_help=True)
    divisions.command("tree", help="某一天的区划树。")(tree)
    divisions.command("show", help="一个单元：从哪里来、到哪里去、当时下辖哪些。")(show)
    divisions.command("events", help="全部调整事项；写事项的编号则看它会动什么、还有什么问题。")(events)
    divisions.command("draft", help="按 JSON 文件拟定一个调整方案（格式见开发文档 divisions.md）。")(draft)
    divisions.command("posts", help="原单位的任职：列出来，或定下它们的去向。")(posts)
    divisions.command("effect", help="让已批复的事项生效；--enter 补录早已发生的。")(effect)
    divisions.command("undo", help="撤销已生效的事项，恢复原来的区划。")(undo)
    divisions.command("groups", help="从表格加载村（居）民小组：村 | 组 | 组代码。")(groups)
    divisions.command("outlines", help="从 GeoJSON 加载轮廓，按代码或名称对应。")(outlines)
    app.add_typer(divisions, name="divisions")


def tree(
    on: str = _ON, with_groups: bool = typer.Option(False, "--groups", help="连小组一起列"), as_json: bool = _JSON
) -> None:
    start_django()
    from zhenwu.divisions import queries

    found = queries.tree(day(on, date.today()))
    if as_json:
        show_json([_node(node) for node in found])
        return
    for node in found:
        _print(node, 0, with_groups)


def _node(node: "Node") -> dict[str, Any]:
    return _place(node.place) | {"children": [_node(one) for one in node.children]}


def _print(node: "Node", depth: int, with_groups: bool) -> None:
    count = f"（{len(node.children)}个组）" if node.children and node.children[0].place.level == "group" else ""
    out.print(f"{'  ' * depth}{node.place.code}  {node.place.name}{count}", highlight=False, markup=False)
    for one in node.children:
        if with_groups or one.place.level != "group":
            _print(one, depth + 1, with_groups)


def _place(place: "Division") -> dict[str, Any]:
    return {
        "id": str(place.pk), "code": place.code, "name": place.name, "full_name": place.full_name, "level": place.level,
        "class": place.cls, "urban_rural": place.urban_rural, "valid_from": place.valid_from, "valid_to": place.valid_to,
    }  # fmt: skip


def show(
    name: str = typer.Argument(..., help="名称或代码，也可以是曾用名"), on: str = _ON, as_json: bool = _JSON
) -> None:
    start_django()
    from zhenwu.divisions import queries

    when = day(on, date.today())
    place = _find(name, when)
    before, after = queries.history_of(place.pk), queries.future_of(place.pk)
    below = list(queries.in_force(when).filter(parent=place).order_by("code"))
    if as_json:
        steps = [
            {
                "event": one.event.title, "on": one.event.effective, "from": one.source.name, "to": one.target.name,
                "whole": one.whole, "pop_share": one.pop_share, "land_share": one.land_share,
            }
            for one in [*before, *after]
        ]  # fmt: skip
        show_json(_place(place) | {"lineage": steps, "children": [_place(one) for one in below]})
        return
    until = f"至 {place.valid_to}" if place.valid_to else "至今"
    kind = place.get_cls_display() if place.cls else place.get_level_display()
    out.print(f"{place.name}　{place.code}　{kind}　{place.valid_from} {until}", highlight=False, markup=False)
    for one in [*before, *after]:
        part = "" if one.whole else f"（人口 {_share(one.pop_share)}，土地 {_share(one.land_share)}）"
        line = f"  {one.event.effective} {one.event.title}：{one.source.name} → {one.target.name}{part}"
        out.print(line, highlight=False, markup=False)
    for child in below:
        out.print(f"    {child.code}  {child.name}", highlight=False, markup=False)


def _share(share: Decimal | None) -> str:
    return "未写明" if share is None else f"{share:.2%}"


def _find(name: str, on: date) -> "Division":
    from zhenwu.divisions.models import Division
    from zhenwu.divisions.names import Gazetteer, Groups

    found = (
        Division.objects.filter(code=name).order_by("-valid_from").first()
        or Division.objects.filter(name=name, level="county").first()
    )
    if found:
        return found
    ids, why = Gazetteer().find(name, on)
    if not ids:
        ids = Groups().find(name, on)[0]
    if not ids:
        raise Fault(f"找不到“{name}”", why)
    return Division.objects.get(pk=ids[0])


def events(event: str = typer.Argument("", help="事项的编号（列表第一列）"), as_json: bool = _JSON) -> None:
    start_django()
    from zhenwu.divisions import queries
    from zhenwu.divisions.checking import event_problems
    from zhenwu.divisions.previewing import preview

    if not event:
        found = list(queries.events())
        if as_json:
            show_json([_event(one) for one in found])
            return
        for one in found:
            line = f"{_no(one)}  {one.effective or '未定日期'}  {one.get_state_display()}  {one.get_kind_display()}  {one.title}"
            out.print(line, highlight=False, markup=False)
        return
    chosen = _chosen(event)
    problems = event_problems(chosen, date.today())
    seen = preview(chosen) if not chosen.is_in_effect else None
    if as_json:
        units = [
            {
                "place": _place(unit.place), "ends": unit.ends, "goes_to": [one.target.name for one in unit.goes],
                "has": [{"key": one.key, "label": one.label, "rows": one.rows} for one in unit.has],
            }
            for unit in (seen.units if seen else [])
        ]  # fmt: skip
        said = [{"code": one.code, "severity": one.severity, "message": one.message} for one in problems]
        show_json(
            _event(chosen) | {"units": units, "problems": said, "rows_written": seen.rows_written if seen else None}
        )
    else:
        out.print(
            f"{chosen.title}　{chosen.get_state_display()}　{chosen.effective or ''}", highlight=False, markup=False
        )
        for unit in seen.units if seen else []:
            to = "、".join(one.target.name for one in unit.goes) or ("撤销" if unit.ends else "保留")
            has = "，".join(f"{one.label}{one.rows}条" for one in unit.has) or "没有登记"
            out.print(f"  {unit.place.name} → {to}：{has}", highlight=False, markup=False)
        for problem in problems:
            mark = "必须处理" if problem.severity == "red" else "请留意"
            out.print(f"  {mark}：{problem.message}", highlight=False, markup=False)
    if any(one.severity == "red" for one in problems):
        raise typer.Exit(1)


def _event(one: "Event") -> dict[str, Any]:
    return {
        "id": str(one.pk), "kind": one.kind, "title": one.title, "state": one.state, "effective": one.effective,
        "order": one.order, "approval": one.approval,
    }  # fmt: skip


def _no(event: "Event") -> str:
    return event.pk.hex[-8:]


def _chosen(said: str) -> "Event":
    from zhenwu.divisions.models import Event

    found = [one for one in Event.objects.all() if said in (str(one.pk), one.pk.hex, _no(one), one.title)]
    if len(found) != 1:
        raise Fault(
            f"没有事项“{said}”" if not found else f"有{len(found)}件事项叫“{said}”",
            "用 zhenwu divisions events 查看编号。",
        )
    return found[0]


def draft(
    file: Path = typer.Argument(..., help="方案的 JSON 文件"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.divisions import planning
    from zhenwu.divisions.errors import DivisionRefused

    plan = _read_plan(file)
    try:
        event = planning.draft(plan, by=acting_user(user))
    except DivisionRefused as refused:
        raise Fault("方案没有保存", str(refused), code=1) from None
    _tell(event, "已保存方案", as_json)


def _read_plan(file: Path) -> "EventPlan":
    from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan

    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        effective = date.fromisoformat(said["effective"]) if said.get("effective") else None
        when = effective or date.today()
        units = []
        for one in said.get("units", []):
            rest = {
                key: str(one[key])
                for key in ("name", "code", "level", "full_name", "cls", "urban_rural", "seat")
                if one.get(key)
            }
            place = _find(one["place"], when) if one.get("place") else None
            units.append(UnitPlan(place, parent=_find(one["parent"], when) if one.get("parent") else None, **rest))
        flows = [
            FlowPlan(
                _find(one["source"], when), one.get("unit"), one.get("basis", "whole"), _decimal(one.get("pop_share")),
                _decimal(one.get("land_share")),
            )
            for one in said.get("flows", [])
        ]  # fmt: skip
        details = {key: date.fromisoformat(value) if key.endswith(("_on", "_from", "_to")) else str(value)
                   for key, value in said.get("details", {}).items()}  # fmt: skip
        return EventPlan(said["kind"], said["title"], effective, units, flows, said.get("order"), details)
    except OSError as problem:
        raise Fault(f"读不了 {file}", problem.strerror or "") from None
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as problem:
        raise Fault(
            f"{file} 不是调整方案", f"{type(problem).__name__}：{problem}。格式见开发文档 divisions.md。"
        ) from None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def posts(
    event: str = typer.Argument(..., help="事项的编号"),
    numbers: list[int] = typer.Argument(None, help="任职的编号（列表第一列）；不写就只列出来"),
    carry: str = typer.Option("", "--to", help="随到哪个新单位（写名称）"),
    end: bool = typer.Option(False, "--end", help="到生效那天结束"),
    later: bool = typer.Option(False, "--later", help="生效以后再定"),
    reason: str = typer.Option("", "--reason", help="依据，如任免文件的文号"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.accounts.errors import AccountRefused
    from zhenwu.accounts.heirs import posts_of
    from zhenwu.accounts.models import PostChoice
    from zhenwu.accounts.succession import decide

    chosen = _chosen(event)
    said = [one for one, is_said in (("carry", carry), ("end", end), ("later", later)) if is_said]
    if numbers or said:
        if len(said) != 1 or not numbers:
            raise Fault("没有说清楚", "写上任职的编号，再从 --to、--end、--later 里选一个。")
        try:
            decide(
                chosen,
                numbers,
                PostChoice(said[0]),
                toward=carry,
                reason=reason,
                by=acting_user(user),
                today=date.today(),
            )
        except AccountRefused as refused:
            raise Fault("没有定下，什么都没有改动", str(refused), code=1) from None
    found = posts_of(chosen)
    if as_json:
        show_json([
            {"post": one.post.pk, "user": str(one.post.user), "was": one.post.named, "heirs": [heir.name for heir in one.heirs],
             "said": one.said, "open": one.open}
            for one in found.waiting
        ])  # fmt: skip
        return
    for one in found.waiting:
        heirs = "、".join(heir.name for heir in one.heirs) or "没有新单位"
        line = f"{one.post.pk}  {one.post.user}　{one.post.named}　可到{heirs}　{one.said}"
        out.print(line, highlight=False, markup=False)
    out.print(
        f"共{len(found.waiting)}个任职，{len(found.open)}个没有定；已经办好{len(found.done)}个。", highlight=False
    )


def effect(
    event: str = typer.Argument(..., help="事项的编号；与 --enter 同用时是方案的 JSON 文件"),
    enter: bool = typer.Option(False, "--enter", help="补录早已发生的调整：从方案文件直接生效"),
    leave_posts: bool = typer.Option(False, "--leave-posts", help="没有定去向的任职，生效以后再定"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.divisions.effect import enter_event, put_into_effect
    from zhenwu.divisions.errors import DivisionRefused

    by = acting_user(user)
    try:
        if enter:
            done = enter_event(_read_plan(Path(event)), by=by, leave_open=leave_posts)
        else:
            done = _chosen(event)
            put_into_effect(done, by=by, today=date.today(), leave_open=leave_posts)
    except DivisionRefused as refused:
        raise Fault("没有生效，什么都没有改动", str(refused), code=1) from None
    _tell(done, "已生效", as_json)


def undo(
    event: str = typer.Argument(..., help="事项的编号"),
    reason: str = typer.Option(..., "--reason", help="为什么撤销"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.divisions import effect as effects
    from zhenwu.divisions.errors import DivisionRefused

    chosen = _chosen(event)
    try:
        effects.undo(chosen, by=acting_user(user), reason=reason)
    except DivisionRefused as refused:
        raise Fault("没有撤销，什么都没有改动", str(refused), code=1) from None
    _tell(chosen, "已撤销，恢复了原来的区划", as_json)


def _tell(event: "Event", words: str, as_json: bool) -> None:
    if as_json:
        show_json(_event(event))
    else:
        out.print(f"{words}：{event.title}（编号 {_no(event)}）", highlight=False, markup=False)


def groups(
    file: Path = typer.Argument(..., help="xlsx、xls 或 csv"),
    since: str = typer.Option("2000-01-01", "--since", help="这些组从哪天起有效"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.divisions.errors import DivisionRefused
    from zhenwu.divisions.loading import load_groups
    from zhenwu.lib.sheets import SheetError

    if not file.is_file():
        raise Fault(f"没有文件 {file}", "请检查路径。")
    try:
        loaded = load_groups(file, since=day(since, date(2000, 1, 1)), by=acting_user(user))
    except (DivisionRefused, SheetError) as refused:
        raise Fault("没有加载，什么都没有改动", str(refused), code=1) from None
    if as_json:
        show_json({"added": [_place(one) for one in loaded.added], "same": loaded.same})
    else:
        out.print(f"加载{len(loaded.added)}个组，已有{loaded.same}个。")


def outlines(
    file: Path = typer.Argument(..., help="GeoJSON 文件（WGS-84）"),
    on: str = _ON,
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.divisions.errors import DivisionRefused
    from zhenwu.divisions.loading import load_outlines

    try:
        text = file.read_text(encoding="utf-8-sig")
        given, left_out = load_outlines(text, on=day(on, date.today()), by=acting_user(user))
    except (OSError, UnicodeDecodeError) as problem:
        raise Fault(f"读不了 {file}", str(problem)) from None
    except DivisionRefused as refused:
        raise Fault("没有加载，什么都没有改动", str(refused), code=1) from None
    if as_json:
        show_json({"given": [_place(one) for one in given], "left_out": left_out})
    else:
        out.print(f"加载{len(given)}个轮廓。")
        for line in left_out:
            out.print(f"  {line}", highlight=False, markup=False)
    if left_out:
        raise typer.Exit(1)
