"""mart status, mart rebuild."""

from collections.abc import Sequence

import typer

from zhenwu.config.cli.base import Fault, out, progress, show_json, start_django

_MIB = 1 << 20


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="数据集市：台账的列式副本，数字和核对都由它算出。", no_args_is_help=True)
    group.command("status", help="各台账的副本有多少行、落后多少次改动。")(status)
    group.command("rebuild", help="丢掉副本，从数据库重新做一份。平时不需要：副本会自动跟上。")(rebuild)
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


def _known(ledgers: Sequence[str] | None) -> list[str]:
    from zhenwu.packs import runtime

    if unknown := [code for code in ledgers or () if code not in runtime.ledgers()]:
        raise Fault(f"没有代码是“{'、'.join(unknown)}”的台账", "用 zhenwu packs list 查看全部台账。")
    return list(ledgers or ())
