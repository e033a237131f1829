"""mart status, mart rebuild, mart gather, mart gathered."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from zhenwu.config.cli.base import Fault, console, out, progress, setup_bare, show_json, start_django
from zhenwu.config.cli.engines import reported

_MIB = 1 << 20


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="数据集市：台账的列式副本，数字和核对都由它算出。", no_args_is_help=True)
    group.command("status", help="各台账的副本有多少行、落后多少次改动。")(status)
    group.command("rebuild", help="丢掉副本，从数据库重新做一份。平时不需要：副本会自动跟上。")(rebuild)
    group.command("gather", help="把本乡镇（或几个实例）的集市汇总到一个文件夹或对象存储，供县里一起算。可以反复做。")(
        gather
    )
    group.command("gathered", help="列出汇总了哪些乡镇、何时、多少行。")(gathered)
    app.add_typer(group, name="mart")


def status(
    ledgers: list[str] = typer.Argument(None, help="台账代码；不写则全部"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.mart.status import standing

    found = standing(_known(ledgers))
    if as_json:
        show_json([vars(one) for one in found])
        return
    there = [one for one in found if one.rows is not None]
    for one in there:
        late = f"，落后{one.behind}次改动" if one.behind else ""
        out.print(f"{one.unit:<36}{one.rows:>10,}行  {one.made:%Y-%m-%d %H:%M}{late}", highlight=False, markup=False)
    size = sum(one.size for one in found) / _MIB
    out.print(f"{len(there)}份副本，共{size:.1f} MiB；其余{len(found) - len(there)}份还没有人查询，用到时自动生成。")


def rebuild(ledgers: list[str] = typer.Argument(None, help="台账代码；不写则全部")) -> None:
    start_django()
    from zhenwu.mart.status import rebuild as rebuild_copies
    from zhenwu.mart.status import unit_codes

    wanted = _known(ledgers)
    rows = 0
    with progress("重做", len(unit_codes(wanted))) as step:
        for done, one in enumerate(rebuild_copies(wanted), 1):
            rows += one.rows or 0
            step(done)
    out.print(f"重做{done}份副本，共{rows:,}行。")


def gather(
    target: str = typer.Argument(..., help="文件夹、file://、s3a://、hdfs:// 或 gs:// 地址"),
    ledgers: list[str] = typer.Option([], "--ledger", help="只汇总这本台账（可写多次）；不写则全部"),
    instances: list[Path] = typer.Option([], "--from", metavar="DIR", help="汇总这些实例（可写多次）；不写则是本实例"),
    mixed: bool = typer.Option(False, "--mixed", help="台账版本不同也汇总：缺的列按空值处理"),
    keep: int = typer.Option(60, min=0, help="本乡镇上一次汇总的文件再留几分钟（可能还有人在读）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    if instances:
        _gather_each(instances, target, ledgers, mixed, keep)
        return
    start_django()
    from zhenwu.mart.gathered.target import Target
    from zhenwu.mart.gathered.writing import gather as gather_one
    from zhenwu.mart.gathered.writing import needed_units
    from zhenwu.mart.store import mart
    from zhenwu.packs import runtime

    units = needed_units(mart().schema, _known(ledgers))
    with reported(), progress("汇总", len(units)) as step:
        done = gather_one(
            mart(), Target.of(target), units=units, packs=runtime.pack_hash(), mixed=mixed, keep_seconds=60 * keep,
            progress=step,
        )  # fmt: skip
    said = done.manifest
    if as_json:
        show_json(
            {"town": said.town, "name": said.name, "rows": done.rows, "tables": said.rows, "differs": done.differs}
        )
        return
    if done.differs:
        console.print("[yellow]台账版本与别的乡镇不同，缺的列按空值处理：[/]")
        console.print("\n".join(done.differs), highlight=False, markup=False)
    tables = sum(rows > 0 for rows in said.rows.values())
    out.print(
        f"{said.town} {said.name}：{tables}张表、{done.rows:,}行，已汇总到 {target}", highlight=False, markup=False
    )


def gathered(
    target: str = typer.Argument(..., help="汇总的地方"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    setup_bare()
    from zhenwu.mart.gathered.manifest import newest
    from zhenwu.mart.gathered.target import Target

    with reported():
        found = newest(Target.of(target))
    if as_json:
        show_json([
            {"town": one.town, "name": one.name, "made": datetime.fromtimestamp(one.made / 1e9), "packs": one.packs, "rows": one.rows}
            for one in found
        ])  # fmt: skip
        return
    for one in found:
        rows = sum(one.rows.values())
        when = datetime.fromtimestamp(one.made / 1e9)
        out.print(
            f"{one.town} {one.name}　{rows:>10,}行　{when:%Y-%m-%d %H:%M}　版本 {one.packs[:8]}",
            highlight=False,
            markup=False,
        )
    out.print(f"{len(found)}个乡镇。" if found else f"{target} 里还没有汇总的乡镇。", highlight=False)


def _gather_each(instances: Sequence[Path], target: str, ledgers: Sequence[str], mixed: bool, keep: int) -> None:
    """Each in a process of its own, for a process knows one instance. One that fails does not stop the others."""
    options = [f"--ledger={one}" for one in ledgers] + (["--mixed"] if mixed else []) + [f"--keep={keep}"]
    failed = []
    for folder in instances:
        command = [
            sys.executable,
            "-m",
            "zhenwu.config.cli",
            "--instance",
            str(folder),
            "mart",
            "gather",
            target,
            *options,
        ]
        if subprocess.run(command, check=False).returncode:
            failed.append(str(folder))
    if failed:
        raise Fault(f"{len(failed)}个实例没有汇总成", "、".join(failed), code=1)


def _known(ledgers: Sequence[str] | None) -> list[str]:
    from zhenwu.packs import runtime

    if unknown := [code for code in ledgers or () if code not in runtime.ledgers()]:
        raise Fault(f"没有代码是“{'、'.join(unknown)}”的台账", "用 zhenwu packs list 查看全部台账。")
    return list(ledgers or ())
