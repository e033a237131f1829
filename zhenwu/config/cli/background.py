"""worker, nightly."""

import os
import sys

import typer

from zhenwu.config.cli.base import Fault, out, show_json, start_django


def register(app: typer.Typer) -> None:
    app.command(help="做后台的工作（大表格导入、定时工作）；zhenwu serve 会自带一个。")(worker)
    app.command(help="立即做每晚的定时工作；--list 看有哪些、上次做得怎样。")(nightly)


def worker() -> None:
    start_django()
    from zhenwu.background.worker import End, Worker
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import applied_hash
    from zhenwu.packs.errors import RestartNeeded

    one = Worker(is_current=lambda: applied_hash() == runtime.pack_hash(), later=(RestartNeeded,))
    if one.run(with_parent="ZHENWU_SERVING" in os.environ) is End.RESTART:
        os.execv(sys.executable, [sys.executable, "-m", "zhenwu.config.cli", *sys.argv[1:]])  # noqa: S606  our own interpreter


def nightly(
    names: list[str] = typer.Argument(None, help="只做这几项（名称见 --list）"),
    listing: bool = typer.Option(False, "--list", help="只列出定时工作"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.background import periodic
    from zhenwu.background.alive import at_work
    from zhenwu.background.models import PeriodicRun

    known = {job.name: job for job in periodic.jobs()}
    if unknown := sorted(set(names or []) - set(known)):
        raise Fault(f"没有定时工作“{'、'.join(unknown)}”", f"现有：{'、'.join(known)}。")
    if listing:
        runs = PeriodicRun.objects.in_bulk()
        rows = [
            {"name": job.name, "label": job.label, "every": "每晚" if job.nightly else f"每{job.minutes}分钟",
             "last": run.began_at if (run := runs.get(job.name)) else None, "error": run.error if run else ""}
            for job in known.values()
        ]  # fmt: skip
        if as_json:
            show_json(rows)
        for row in [] if as_json else rows:
            last = f"，上次{row['last']:%Y-%m-%d %H:%M}" if row["last"] else ""
            out.print(f"{row['name']}　{row['label']}（{row['every']}{last}）{'　失败' if row['error'] else ''}")
        return
    wanted = [known[name] for name in names] if names else [job for job in known.values() if job.nightly]
    done = []
    with at_work() as me:
        for job in wanted:
            outcome = periodic.run_now(job, me)
            said = "正由另一个进程做，跳过" if outcome is None else outcome.error or outcome.said or "做完"
            done.append({"name": job.name, "said": said, "failed": bool(outcome and outcome.error)})
            if not as_json:
                out.print(f"{job.label}：{said}", highlight=False, markup=False)
    if as_json:
        show_json(done)
    if any(one["failed"] for one in done):
        raise typer.Exit(1)
