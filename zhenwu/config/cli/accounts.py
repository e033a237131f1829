"""users list | add | appoint | end | reset | deactivate, units list | set, grants list | give | end, audit export.

Who runs these holds the machine; each act is kept in history and in the audit log as done by the system.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from zhenwu.config.cli.base import Fault, acting_user, day, out, show_json, start_django

_JSON = typer.Option(False, "--json", help="输出 JSON")


def register(app: typer.Typer) -> None:
    users = typer.Typer(help="账号和任职。", no_args_is_help=True)
    users.command("list", help="列出账号和现任职务。")(list_users)
    users.command("add", help="新建账号（并任命），显示一次性密码。")(add_user)
    users.command("appoint", help="任命。")(appoint_user)
    users.command("end", help="结束任职。")(end_posts)
    users.command("reset", help="重设一次性密码。")(reset)
    users.command("deactivate", help="停用账号。")(deactivate_user)
    app.add_typer(users, name="users")
    units = typer.Typer(help="站所和业务条线。", no_args_is_help=True)
    units.command("list", help="列出站所。")(list_units)
    units.command("set", help="新建站所，或修改它的条线。")(set_unit)
    app.add_typer(units, name="units")
    grants = typer.Typer(help="岗位以外的授权。", no_args_is_help=True)
    grants.command("list", help="列出授权。")(list_grants)
    grants.command("give", help="授权。")(give)
    grants.command("end", help="收回授权。")(end)
    app.add_typer(grants, name="grants")


@contextmanager
def _refusals() -> Iterator[None]:
    from zhenwu.accounts.errors import AccountRefused

    try:
        yield
    except AccountRefused as refused:
        raise Fault("没有办理", "\n".join(refused.problems.values()), code=1) from None


def _user(username: str) -> Any:
    from zhenwu.accounts.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        raise Fault(f"没有账号“{username}”", "用 zhenwu users list 查看现有账号。")
    return found


def _unit(label: str) -> Any:
    from zhenwu.accounts.models import Unit

    if not label:
        return None
    found = Unit.objects.filter(label=label).first()
    if found is None:
        raise Fault(f"没有站所“{label}”", "用 zhenwu units list 查看现有站所。")
    return found


def _place(name: str) -> Any:
    from zhenwu.divisions.models import Division
    from zhenwu.divisions.queries import in_force

    if not name:
        return None
    found = list(in_force(date.today()).filter(name=name)) or list(Division.objects.filter(code=name, valid_to=None))
    if len(found) != 1:
        raise Fault(f"{'没有' if not found else '不止一个'}“{name}”", "请写村（社区）的全名或12位代码。")
    return found[0]


def _post(role: str, unit: str, place: str) -> Any:
    from zhenwu.accounts.appointing import Post
    from zhenwu.accounts.models import Role

    if role not in Role.values:
        known = "、".join(f"{value}（{label}）" for value, label in Role.choices)
        raise Fault(f"没有角色“{role}”", f"可用：{known}。")
    return Post(role, _unit(unit), _place(place))


def list_users(as_json: bool = _JSON) -> None:
    start_django()
    from zhenwu.accounts.actions import SYSTEM
    from zhenwu.accounts.models import User

    today = date.today()
    rows = []
    for one in User.objects.exclude(username=SYSTEM).order_by("username"):
        posts = one.appointments.select_related("unit", "division").order_by("pk")
        held = [f"{post.where} {post.get_role_display()}" for post in posts if post.holds_on(today)]
        rows.append({"username": one.username, "name": str(one), "active": one.is_active, "posts": held})
    if as_json:
        show_json(rows)
        return
    table = Table("登录名", "姓名", "状态", "现任")
    for row in rows:
        table.add_row(row["username"], row["name"], "在用" if row["active"] else "停用", "；".join(row["posts"]))  # type: ignore[arg-type]
    out.print(table)


def add_user(
    username: str = typer.Argument(..., help="登录名"),
    name: str = typer.Argument(..., help="姓名"),
    role: str = typer.Option("", help="角色代码，如 office；不写则只建账号"),
    unit: str = typer.Option("", help="站所"),
    place: str = typer.Option("", help="村（社区）"),
    since: str = typer.Option("", help="任职自哪天起（默认今天）"),
    as_json: bool = _JSON,
) -> None:
    start_django()
    from django.db import transaction

    from zhenwu.accounts.actions import create_account
    from zhenwu.accounts.appointing import appoint

    post = _post(role, unit, place) if role else None
    with _refusals(), transaction.atomic():
        user, code = create_account(username, name, by=acting_user())
        if post:
            appoint(user, post, since=day(since, date.today()), by=acting_user(), reason="命令行任命")
    if as_json:
        show_json({"username": username, "password": code})
        return
    out.print(f"已建账号{username}（{name}）。一次性密码：{code}（7天内有效，只显示这一次）", highlight=False)


def appoint_user(
    username: str = typer.Argument(..., help="登录名"),
    role: str = typer.Option(..., help="角色代码，如 office"),
    unit: str = typer.Option("", help="站所"),
    place: str = typer.Option("", help="村（社区）"),
    since: str = typer.Option("", help="自哪天起（默认今天）"),
    until: str = typer.Option("", help="到哪天为止（当天不再有效）"),
    reason: str = typer.Option("", help="依据或原因"),
) -> None:
    start_django()
    from zhenwu.accounts.appointing import appoint

    user, post, first = _user(username), _post(role, unit, place), day(since, date.today())
    with _refusals():
        made = appoint(
            user, post, since=first, until=day(until, first) if until else None, by=acting_user(), reason=reason
        )
    out.print(f"已任命{user}为{made.where}{made.get_role_display()}，自{first}起。", highlight=False)


def end_posts(
    username: str = typer.Argument(..., help="登录名"),
    role: str = typer.Option("", help="只结束这个角色的任职"),
    on: str = typer.Option("", help="自哪天起结束（默认今天）"),
    reason: str = typer.Option(..., help="原因"),
) -> None:
    start_django()
    from django.db import transaction

    from zhenwu.accounts.appointing import end_appointment

    user, last = _user(username), day(on, date.today())
    posts = [one for one in user.appointments.all() if (one.valid_to is None or one.valid_to > last)]
    posts = [one for one in posts if not role or one.role == role]
    if not posts:
        raise Fault(f"{user}没有可以结束的任职", "用 zhenwu users list 查看现任职务。", code=1)
    with _refusals(), transaction.atomic():
        for one in posts:
            end_appointment(one, on=last, by=acting_user(), reason=reason)
    out.print(f"已结束{user}的{len(posts)}个任职，自{last}起。", highlight=False)


def reset(username: str = typer.Argument(..., help="登录名"), as_json: bool = _JSON) -> None:
    start_django()
    from zhenwu.accounts.actions import give_code

    user = _user(username)
    with _refusals():
        code = give_code(user, by=acting_user())
    if as_json:
        show_json({"username": username, "password": code})
        return
    out.print(f"{user}的一次性密码：{code}（7天内有效，只显示这一次；登录锁定已解除）", highlight=False)


def deactivate_user(
    username: str = typer.Argument(..., help="登录名"), reason: str = typer.Option(..., help="原因，如“调离”")
) -> None:
    start_django()
    from zhenwu.accounts.actions import deactivate

    user = _user(username)
    with _refusals():
        deactivate(user, by=acting_user(), reason=reason)
    out.print(f"已停用{user}的账号。", highlight=False)


def list_units(as_json: bool = _JSON) -> None:
    start_django()
    from zhenwu.accounts.lines import LINE_LABELS
    from zhenwu.accounts.models import Unit

    rows = [{"unit": one.label, "lines": one.lines} for one in Unit.objects.exclude(label="系统")]
    if as_json:
        show_json(rows)
        return
    table = Table("站所", "业务条线")
    for row in rows:
        table.add_row(str(row["unit"]), "、".join(LINE_LABELS.get(line, line) for line in row["lines"]))
    out.print(table)


def set_unit(
    label: str = typer.Argument(..., help="站所名称"),
    lines: list[str] = typer.Argument(None, help="条线代码，如 welfare population"),
) -> None:
    start_django()
    from zhenwu.accounts.actions import save_unit
    from zhenwu.accounts.models import Unit

    with _refusals():
        save_unit(Unit.objects.filter(label=label).first(), label, lines or [], by=acting_user())
    out.print(f"已保存{label}。", highlight=False)


def list_grants(as_json: bool = _JSON) -> None:
    start_django()
    from zhenwu.accounts.appointing import said_grant
    from zhenwu.accounts.models import Grant

    rows = [
        {"id": one.pk, "says": said_grant(one), "reason": one.reason}
        for one in Grant.objects.select_related("user", "unit", "division")
    ]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        out.print(f"{row['id']}　{row['says']}（{row['reason']}）", highlight=False)
    out.print(f"共{len(rows)}项。")


def give(
    ledger: str = typer.Argument(..., help="台账代码"),
    unit: str = typer.Option("", help="授权给哪个站所"),
    user: str = typer.Option("", help="授权给哪个人（登录名）"),
    can: list[str] = typer.Option([], help="查看以外还可以：enter check approve manage audit"),
    privacy: str = typer.Option("S1", help="能看到哪一级内容：S0 S1 S2 S3"),
    place: str = typer.Option("", help="限于哪个村"),
    since: str = typer.Option("", help="自哪天起（默认今天）"),
    until: str = typer.Option("", help="到哪天为止（默认90天后）"),
    reason: str = typer.Option(..., help="原因"),
) -> None:
    start_django()
    from zhenwu.accounts.appointing import give_grant, said_grant

    first = day(since, date.today())
    with _refusals():
        made = give_grant(
            ledger, user=_user(user) if user else None, unit=_unit(unit), verbs=can, privacy=privacy, division=_place(place),
            since=first, until=day(until, first + timedelta(days=90)), by=acting_user(), reason=reason,
        )  # fmt: skip
    out.print(f"已{said_grant(made)}。", highlight=False)


def end(
    grant: int = typer.Argument(..., help="授权编号"),
    on: str = typer.Option("", help="自哪天起（默认今天）"),
    reason: str = typer.Option(..., help="原因"),
) -> None:
    start_django()
    from zhenwu.accounts.appointing import end_grant
    from zhenwu.accounts.models import Grant

    found = Grant.objects.filter(pk=grant).first()
    if found is None:
        raise Fault(f"没有授权{grant}", "用 zhenwu grants list 查看。")
    with _refusals():
        end_grant(found, on=day(on, date.today()), by=acting_user(), reason=reason)
    out.print("已收回。")


def export_audit(
    output: Path = typer.Option(..., "-o", "--output", help="输出文件，.xlsx 或 .csv"),
    kind: str = typer.Option("", help="只要一种事项，如 export、reveal、login_failed"),
    since: str = typer.Option("", help="自哪天起"),
    until: str = typer.Option("", help="到哪天（含）"),
    q: str = typer.Option("", "--find", help="内容、姓名或地址"),
) -> None:
    """Registered under `audit` by server.py."""
    start_django()
    from zhenwu.accounts.auditing import LogQuery, export_log
    from zhenwu.changes.models import Watched

    if output.suffix.lower() not in (".xlsx", ".csv"):
        raise Fault(f"不会写 {output.suffix or '没有后缀的'} 文件", "请把输出文件名写成 .xlsx 或 .csv。")
    if kind and kind not in Watched.values:
        known = "、".join(f"{value}（{label}）" for value, label in Watched.choices)
        raise Fault(f"没有事项“{kind}”", f"可用：{known}。")
    first, last = (day(one, date.today()) if one else None for one in (since, until))
    count = export_log(output, LogQuery(kind, q, "", first, last), by=acting_user())
    out.print(f"已导出审计日志{count}条：{output}", highlight=False)
