"""The command line. Each command is in the file of its purpose; this file only gathers them.

Exit codes: 0 done, 1 problems found, 2 wrong use.
"""

import sys

import typer

from zhenwu.config.cli.base import Fault, console, use_instance

app = typer.Typer(
    name="zhenwu",
    help="镇务通：计划进来，一年的工作登记一次，报告出去，每个数字都能打开到明细。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _instance(
    instance: str = typer.Option(
        "", "--instance", metavar="DIR", help="实例文件夹（默认 $ZHENWU_INSTANCE，其次 ./instance）"
    ),
) -> None:
    use_instance(instance)


def _gather() -> None:
    from zhenwu.config.cli import (
        accounts,
        api,
        background,
        demo,
        divisions,
        figures,
        keys,
        ledgers,
        mart,
        packs,
        people,
        plans,
        retention,
        searching,
        server,
    )

    for module in (
        server,
        accounts,
        background,
        demo,
        plans,
        packs,
        ledgers,
        figures,
        divisions,
        people,
        mart,
        searching,
        api,
        keys,
        retention,
    ):
        module.register(app)


def main() -> None:
    """Run a command; a known fault is printed as what, where, what to do."""
    _gather()
    try:
        app()
    except Fault as fault:
        console.print(f"[bold red]{fault.title}[/]", highlight=False)
        if str(fault):
            console.print(str(fault), highlight=False, markup=False)
        sys.exit(fault.code)
