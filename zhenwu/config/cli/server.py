"""init, serve, audit verify, doctor."""

import os
import socket
import sys
from typing import Any

import typer

from zhenwu.config.cli.accounts import export_audit
from zhenwu.config.cli.base import (
    Fault,
    acting_user,
    console,
    instance_folder,
    need_instance,
    out,
    progress,
    setup_bare,
    show_json,
    start_django,
)


def register(app: typer.Typer) -> None:
    app.command(help="建立一个实例：文件夹、密钥、数据库、区划和台账表。")(init)
    app.command(help="启动网页服务和一个后台工作进程。")(serve)
    audit = typer.Typer(help="审计。", no_args_is_help=True)
    audit.command("verify", help="核验历史链与现有记录，找出绕过平台的改动。")(audit_verify)
    audit.command("export", help="导出审计日志：查看、导出、任命、授权、登录失败。")(export_audit)
    app.add_typer(audit, name="audit")
    app.command(help="检查实例是否正常，并说明该怎么办。")(doctor)


def init(
    township: str = typer.Option("", help="乡镇名称，可带上级以区分，如“成都市 某某县 某某镇”"),
    code: str = typer.Option("", help="9位乡镇区划代码（与名称二选一）"),
    database_url: str = typer.Option("", help="postgresql://…；不填则用实例内的 SQLite"),
    admin: str = typer.Option("admin", help="系统管理员的登录名"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    from zhenwu.config.instance import Instance, InstanceProblem, create_instance

    folder = instance_folder()
    if Instance.load(folder).is_set_up:
        raise Fault(f"{folder} 已经是一个实例", "要另建一个，请用 --instance 指定别的文件夹。")
    name, town = _choose_town(township, code)
    try:
        create_instance(folder, township=name, code=town, database_url=database_url)
    except (InstanceProblem, OSError) as problem:
        raise Fault("实例没有建成", str(problem)) from None
    setup_bare()
    from datetime import date

    from zhenwu.accounts.actions import create_user
    from zhenwu.accounts.models import Role
    from zhenwu.config.setup import add_places, national_divisions, set_up_database

    console.print("正在建立数据库和台账表…")
    steps = set_up_database(need_instance())
    add_places(national_divisions(town), "初始区划")
    made = [
        (username, str(role.label), create_user(username, str(role.label), role, since=date.today())[1])
        for username, role in ((admin, Role.ADMIN), ("security", Role.SECURITY), ("auditor", Role.AUDITOR))
    ]
    if as_json:
        said = [{"username": username, "role": role, "password": password} for username, role, password in made]
        show_json({
            "instance": str(folder), "township": name, "ledgers": len(steps), "admin": admin, "password": made[0][2],
            "accounts": said,
        })  # fmt: skip
        return
    out.print(f"已建立实例：{folder}\n乡镇：{name}（{town}）")
    out.print("三个管理员要由不同的人担任，密码只显示这一次，请分别交给他们：")
    for username, role, password in made:
        out.print(f"  {role}：{username}　密码：{password}", highlight=False)


def _choose_town(township: str, code: str) -> tuple[str, str]:
    from zhenwu.config.national import find_towns, town_of

    if code:
        known = town_of(code)
        if known is None:
            raise Fault(f"没有代码为 {code} 的乡镇", "请核对9位统计用区划代码，如 510182104。")
        found = [known]
    elif township.strip():
        found = find_towns(township)
        if not found:
            raise Fault(f"找不到乡镇“{township}”", "请用全称，如“某某镇”；同名时在前面加上县名，用空格隔开。")
        exact = [one for one in found if one[1].endswith(township.split()[-1])]
        found = exact or found
        if len(found) > 1:
            lines = "\n".join(f"{one}  {name}" for one, name in found[:20])
            raise Fault(f"叫这个名字的乡镇有{len(found)}个", f"请加上县名，或用 --code 指定：\n{lines}")
    else:
        raise Fault(
            "没有指定乡镇", '请写 --township "某某县 某某镇" 或 --code 510182104。想先看看样子，请运行 zhenwu demo。'
        )
    return found[0][1], found[0][0]


def serve(
    host: str = typer.Option("127.0.0.1", help="监听地址"),
    port: int = typer.Option(8000, help="端口"),
    workers: int = typer.Option(2, help="网页进程数"),
) -> None:
    instance = need_instance()
    _need_free_port(host, port)
    start_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from zhenwu.packs import runtime

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Fault("数据库结构需要升级，没有启动", "请先备份实例文件夹，再运行 zhenwu packs apply。")
    console.print(
        f"[bold]{instance.township}[/] 镇务通：http://{host}:{port}/  （按 Ctrl+C 停止，{len(runtime.ledgers())}本台账）"
    )
    os.environ["ZHENWU_SERVING"] = "1"
    arguments = [sys.executable, "-m", "zhenwu.config.serving", host, str(port), str(workers)]
    os.execv(sys.executable, arguments)  # noqa: S606  our own interpreter, no shell


def _need_free_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Fault(
                f"端口 {port} 不能使用（{error.strerror}）",
                f"可能已有程序在用它。换一个端口：zhenwu serve --port {port + 1}",
            ) from None


def audit_verify(
    ledgers: list[str] = typer.Argument(None, help="台账代码；不写则核验全部"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.changes.audit import record
    from zhenwu.changes.models import Watched
    from zhenwu.ledgers.audit import audited_ledgers, verify

    wanted = ledgers or audited_ledgers()
    broken: list[dict[str, Any]] = []
    with progress("核验历史链", len(wanted)) as step:
        for number, code in enumerate(wanted, 1):
            broken += [{"ledger": one.ledger, "seq": one.seq, "message": one.message} for one in verify(code)]
            step(number)
    record(
        Watched.VERIFY,
        f"核验{len(wanted)}条历史链：" + (f"{len(broken)}处异常" if broken else "完好"),
        by=acting_user(),
    )
    if as_json:
        show_json({"ledgers": wanted, "breaks": broken})
    else:
        for one in broken:
            out.print(f"[red]{one['ledger']}[/]：{one['message']}", highlight=False)
        out.print(f"核验{len(wanted)}条历史链：" + (f"发现{len(broken)}处异常。" if broken else "全部完好。"))
    if broken:
        raise typer.Exit(1)


def doctor(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    from zhenwu.config.cli.health import examine

    results = examine()
    if as_json:
        show_json([result.as_dict() for result in results])
    else:
        marks = {"ok": "[green]正常[/]", "warn": "[yellow]注意[/]", "bad": "[bold red]异常[/]"}
        for result in results:
            out.print(f"{marks[result.state]}  {result.what}：{result.found}", highlight=False)
            if result.remedy:
                out.print(f"      → {result.remedy}", highlight=False, markup=False)
    if any(result.state == "bad" for result in results):
        raise typer.Exit(1)
