"""packs list | check | plan | apply."""

from pathlib import Path

import typer
from rich.table import Table

from zhenwu.config.cli.base import (
    Fault,
    console,
    instance_folder,
    need_instance,
    out,
    setup_bare,
    show_json,
    start_django,
)


def register(app: typer.Typer) -> None:
    packs = typer.Typer(help="台账声明（packs）：列出、检查、预览和生效。", no_args_is_help=True)
    packs.command("list", help="列出现有台账。")(list_packs)
    packs.command("check", help="检查声明文件、SQL 和样例，一次列出全部问题。")(check)
    packs.command("plan", help="预览生效后会改动什么。")(plan)
    packs.command("apply", help="先升级数据库结构，再按预览改动台账表，全部成功或全部不动。")(apply_packs)
    app.add_typer(packs, name="packs")


def list_packs(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    setup_bare()
    from zhenwu.config.setup import wanted_packs
    from zhenwu.packs.errors import PacksBroken
    from zhenwu.packs.spec import LINE_LABELS

    try:
        packs = wanted_packs(instance_folder())
    except PacksBroken as broken:
        raise Fault("台账声明有问题", str(broken), code=1) from None
    rows = [
        {
            "code": code, "label": pack.ledger.label, "line": LINE_LABELS[pack.ledger.line], "fields": len(pack.field),
            "indicators": len(pack.indicator), "checks": len(pack.check) + len(pack.coverage), "phrases": len(pack.phrase),
        }
        for code, pack in packs.packs.items()
    ]  # fmt: skip
    if as_json:
        show_json(rows)
        return
    table = Table("代码", "名称", "条线", "字段", "指标", "核对", "语句")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table)


def check(
    ledgers: list[str] = typer.Argument(None, help="台账代码；不写则全部"),
    folder: Path = typer.Option(None, help="声明文件夹（默认随软件发行的和实例自有的）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    setup_bare()
    from zhenwu.checks.cases import CaseRunner
    from zhenwu.config.setup import pack_folders
    from zhenwu.packs.reader import read_packs_with_problems
    from zhenwu.reports.phrases import phrase_problems

    packs, problems = read_packs_with_problems([folder] if folder else pack_folders(instance_folder()))
    lines = [str(problem) for problem in problems]
    cases = 0
    if not lines:
        lines += [str(problem) for problem in phrase_problems(packs)]
        runner = CaseRunner(packs)
        if unknown := set(ledgers or []) - packs.packs.keys():
            raise Fault(f"没有台账：{'、'.join(sorted(unknown))}", "用 zhenwu packs list 查看现有台账。")
        for code, pack in packs.packs.items():
            if ledgers and code not in ledgers:
                continue
            lines += [str(problem) for problem in runner.sql_problems(pack)]
            for case in pack.case:
                cases += 1
                lines += [
                    f"{packs.files[code]}, case {case.name}: {difference}" for difference in runner.run(pack, case)
                ]
        runner.close()
    if as_json:
        show_json({"packs": len(packs.packs), "cases": cases, "problems": lines})
    else:
        for line in lines:
            out.print(line, highlight=False, markup=False)
        out.print(f"{len(packs.packs)}本台账，{cases}个样例，" + (f"{len(lines)}个问题。" if lines else "没有问题。"))
    if lines:
        raise typer.Exit(1)


def plan(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    need_instance()
    start_django(packs=False)
    from zhenwu.config.setup import wanted_packs
    from zhenwu.packs.apply import applied_packs
    from zhenwu.packs.errors import PacksBroken
    from zhenwu.packs.plan import make_plan

    try:
        steps = make_plan(applied_packs(), wanted_packs(instance_folder()))
    except PacksBroken as broken:
        raise Fault("台账声明有问题，没有预览", str(broken), code=1) from None
    if as_json:
        show_json([step.as_dict() for step in steps])
        return
    for step in steps:
        mark = "[red]✗[/]" if step.kind == "refuse" else "[yellow]![/]" if step.loses else "[green]·[/]"
        out.print(f"{mark} {step.message}", highlight=False)
    out.print(f"共{len(steps)}项。" if steps else "没有改动：数据库与声明一致。")


def apply_packs(yes: bool = typer.Option(False, "--yes", help="同意预览中标“!”的停用")) -> None:
    need_instance()
    start_django(packs=False)
    from django.core.management import call_command

    from zhenwu.config.setup import wanted_packs
    from zhenwu.packs.apply import apply
    from zhenwu.packs.errors import ApplyRefused, PacksBroken

    call_command("migrate", verbosity=0, interactive=False)  # the platform's own tables, after an upgrade
    try:
        steps = apply(wanted_packs(instance_folder()), agreed=yes)
    except PacksBroken as broken:
        raise Fault("台账声明有问题，没有改动", str(broken), code=1) from None
    except ApplyRefused as refused:
        raise Fault("没有改动", str(refused), code=1) from None
    for step in steps:
        out.print(f"· {step.message}", highlight=False, markup=False)
    console.print(f"完成{len(steps)}项。正在运行的网页服务会自动改用新的声明。" if steps else "没有改动。")
