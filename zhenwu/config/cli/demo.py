"""demo: an invented township and its year: plan → tasks, ledgers imported, checks, report."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from zhenwu.config.cli.base import Fault, console, instance_folder, need_instance, out, setup_bare, show_json

READY = "demo-ready"  # written last: a demo that was broken off is made anew
ACCOUNTS = "demo-accounts.json"


def register(app: typer.Typer) -> None:
    app.command(help="建一个演示乡镇（云岭县青石镇），把它的一年走一遍。")(demo)


def demo(
    persons: int = typer.Option(20_000, help="人口数"),
    seed: int = typer.Option(1, help="随机种子：相同种子得到完全相同的乡镇"),
    accounts: bool = typer.Option(False, "--accounts", help="只显示演示账号"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    folder = instance_folder()
    if accounts:
        _show_accounts(folder, as_json)
        return
    if (folder / READY).exists():
        raise Fault(f"{folder} 里已经有演示乡镇", "可直接运行 zhenwu serve；要重新生成，请先删除这个文件夹。")
    if persons < 1_000:
        raise Fault("人口太少", "--persons 至少 1000，再少有的村就组不成支部了。")
    _clear_unfinished(folder)
    from zhenwu.config.instance import create_instance

    create_instance(folder, township="云岭县青石镇", code="519999100000")
    setup_bare()
    from zhenwu.config.demo.year import Year

    with _bars() as bars:
        summary = Year(need_instance(), seed=seed, persons=persons, step=bars).run()
    (folder / READY).write_text(date.today().isoformat())
    if as_json:
        show_json(summary)
        return
    _show_summary(summary)
    _show_accounts(folder, as_json)


class _Bars:
    """One bar per stage of the year, opened when the stage begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, title: str) -> Callable[[int, int], None]:
        task = self._progress.add_task(title, total=None)

        def step(done: int, total: int) -> None:
            self._progress.update(task, completed=done, total=max(total, 1))

        return step


class _bars:
    def __enter__(self) -> _Bars:
        columns = (TextColumn("{task.description:<16}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console)
        self._progress.__enter__()
        return _Bars(self._progress)

    def __exit__(self, *what: Any) -> None:
        self._progress.__exit__(*what)


def _clear_unfinished(folder: Path) -> None:
    """A demo broken off half way is removed; anything else in the folder is not ours to touch."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / "demo-begun").exists() and (folder / "instance.toml").exists():
        raise Fault(f"{folder} 是一个正式实例，不会被演示数据覆盖", "请用 --instance 指定一个空文件夹。")
    if not (folder / "demo-begun").exists():
        raise Fault(f"{folder} 不是空文件夹", "请用 --instance 指定一个空文件夹。")
    import shutil

    console.print("上次的演示没有建完，重新建立…")
    shutil.rmtree(folder)


def _show_summary(summary: dict[str, Any]) -> None:
    table = Table("台账", "行数", "表格", title="一年的台账", title_justify="left")
    for one in summary["ledgers"]:
        table.add_row(one["label"], str(one["rows"]), one["file"])
    out.print(table)
    out.print(
        f"计划：《{summary['plan']['title']}》→ {summary['plan']['tasks']}项任务，{summary['plan']['targets']}个目标",
        highlight=False,
    )
    found = summary["findings"]
    out.print(
        f"核对：发现问题{found['total']}个（差错{found['red']}，疑点{found['yellow']}，提示{found['blue']}）",
        highlight=False,
    )
    out.print(
        f"报告：《{summary['report']['title']}》，{summary['report']['figures']}个数字，已写到 {summary['report']['path']}",
        highlight=False,
    )


def _show_accounts(folder: Path, as_json: bool) -> None:
    file = folder / ACCOUNTS
    if not file.is_file():
        raise Fault(f"{folder} 里没有演示账号", "请先运行 zhenwu demo。")
    accounts = json.loads(file.read_text(encoding="utf-8"))
    if as_json:
        show_json(accounts)
        return
    table = Table(
        "账号", "密码", "姓名", "角色", "站所或村", title="演示账号（本实例专用，随机生成）", title_justify="left"
    )
    for one in accounts:
        table.add_row(one["username"], one["password"], one["name"], one["role"], one["place"])
    out.print(table)
