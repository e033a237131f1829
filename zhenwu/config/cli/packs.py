"""packs list | check | plan | apply."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
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
from zhenwu.lib.sheets import write_csv

if TYPE_CHECKING:
    from zhenwu.packs.plan import Step
    from zhenwu.packs.reader import PackSet


def register(app: typer.Typer) -> None:
    packs = typer.Typer(help="台账声明（packs）：列出、检查、预览和生效。", no_args_is_help=True)
    packs.command("list", help="列出现有台账。")(list_packs)
    packs.command("check", help="检查声明文件、SQL 和样例，一次列出全部问题。")(check)
    packs.command("plan", help="预览生效后会改动什么。")(plan)
    packs.command("apply", help="先升级数据库结构，再按预览改动台账表，全部成功或全部不动。")(apply_packs)
    packs.command("propose", help="按一张样表拟出台账声明，每一项都说明理由；不改动任何台账。")(propose_pack)
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


def plan(
    file: Path = typer.Option(None, "--unconverted", help="把转换不了的值全部写入这个 CSV 文件（含未遮盖的个人信息）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    need_instance()
    start_django(packs=False)
    from zhenwu.config.setup import wanted_packs
    from zhenwu.packs.apply import applied_packs
    from zhenwu.packs.errors import PacksBroken
    from zhenwu.packs.plan import make_plan

    applied = applied_packs()
    try:
        steps = make_plan(applied, wanted_packs(instance_folder()))
    except PacksBroken as broken:
        raise Fault("台账声明有问题，没有预览", str(broken), code=1) from None
    if file:
        console.print(f"转换不了的值已写入 {file}，共{_write_unconverted(file, applied, steps)}行。")
    if as_json:
        show_json([step.as_dict() for step in steps])
        return
    for step in steps:
        mark = "[red]✗[/]" if step.kind == "refuse" else "[yellow]![/]" if step.loses else "[green]·[/]"
        out.print(f"{mark} {escape(step.message)}", highlight=False)
        for one in step.examples:
            out.print(f"    {one.no}：{one.value}　{one.problem}", highlight=False, markup=False)
        if step.lost > len(step.examples) > 0:
            out.print(
                f"    ……另有{step.lost - len(step.examples)}行，加 --unconverted 文件名.csv 列出全部。", markup=False
            )
    out.print(f"共{len(steps)}项。" if steps else "没有改动：数据库与声明一致。")


def _write_unconverted(file: Path, applied: "PackSet", steps: "Sequence[Step]") -> int:
    """For the person at the machine, who may read the database anyway: others of the machine may not read the file."""
    from zhenwu.packs.plan import unconverted

    columns = ("台账", "字段", "编号", "值", "原因")
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
    ) as to:
        rows = (
            (
                applied.packs[step.ledger].ledger.label,
                step.now.label if step.now else "",
                one.no,
                one.value,
                one.problem,
            )
            for step, one in unconverted(applied, steps)
        )
        return write_csv(to, columns, rows)


def apply_packs(
    yes: bool = typer.Option(False, "--yes", help="同意预览中标“!”的各项"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    need_instance()
    start_django(packs=False)
    from django.core.management import call_command

    from zhenwu.config.setup import adopt, wanted_packs
    from zhenwu.packs.apply import apply
    from zhenwu.packs.errors import ApplyRefused, PacksBroken

    call_command("migrate", verbosity=0, interactive=False)  # the platform's own tables, after an upgrade
    adopt()
    try:
        steps = apply(wanted_packs(instance_folder()), agreed=yes)
    except PacksBroken as broken:
        raise Fault("台账声明有问题，没有改动", str(broken), code=1) from None
    except ApplyRefused as refused:
        raise Fault("没有改动", str(refused), code=1) from None
    if as_json:
        show_json([step.as_dict() for step in steps])
        return
    for step in steps:
        out.print(f"· {step.message}", highlight=False, markup=False)
    console.print(f"完成{len(steps)}项。正在运行的网页服务会自动改用新的声明。" if steps else "没有改动。")


def propose_pack(
    sample: Path = typer.Argument(..., help="样表：xlsx、xls 或 csv"),
    out_file: Path = typer.Option(None, "--out", help="把声明写到这个文件；不写则只显示"),
    sheet: str = typer.Option("", help="工作表名（默认第一张有表头的）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    if not sample.is_file():
        raise Fault(f"没有文件 {sample}", "请检查路径。")
    need_instance()
    start_django(packs=False)
    from datetime import date

    from zhenwu.lib.sheets import SheetError
    from zhenwu.packs.apply import applied_packs
    from zhenwu.packs.designing.propose import Taken, propose, read_sample
    from zhenwu.packs.designing.text import pack_text
    from zhenwu.packs.designing.township import Township
    from zhenwu.people.models import Person

    applied = applied_packs().packs
    taken = Taken(list(applied), [pack.ledger.prefix for pack in applied.values()])
    try:
        page, table, _ = read_sample(sample.read_bytes(), sample.name, sheet)
        design = propose(page, table, sample.name, Township(date.today(), Person.objects.unscoped("console")), taken)
    except SheetError as problem:
        raise Fault("样表读不出来", str(problem), code=1) from None
    text = pack_text(design, today=date.today().isoformat())
    if out_file:
        if out_file.exists():
            raise Fault(f"{out_file} 已经存在", "请换一个文件名。")
        out_file.write_text(text, encoding="utf-8")
    if as_json:
        show_json(design.model_dump(mode="json") | {"text": text})
        return
    shown = Table("列", "字段", "代码", "类型", "必填", "密级", "理由")
    uses = {"division": "（所在村）", "note": "（备注）", "skip": "（不登记）"}
    for part in design.parts:
        kind = f"{part.type} {part.unit}".strip() if part.is_field else ""
        shown.add_row(
            part.header, part.label if part.is_field else uses[part.use], part.code, kind, "是" if part.required else "",
            part.privacy if part.is_field else "", "；".join([*part.whys, *part.warnings]),
        )  # fmt: skip
    out.print(
        f"{design.label}（{design.code}），{design.rows}行；识别：{'、'.join(design.key) or '无'}（{design.whys['key']}）"
    )
    out.print(shown)
    for remark in design.remarks:
        out.print(f"· {remark}", highlight=False, markup=False)
    if out_file:
        out.print(
            f"已写入 {out_file}。请填好主管站所（unit）等再放进实例的 packs 文件夹，运行 zhenwu packs plan 预览。"
        )
    else:
        out.print(text, highlight=False, markup=False)
