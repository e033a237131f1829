"""import LEDGER FILE, export LEDGER -o FILE, person-copy NO -o FILE."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import typer

from zhenwu.config.cli.base import Fault, acting_user, day, out, progress, show_json, start_django


def register(app: typer.Typer) -> None:
    app.command("import", help="把表格导入台账；有问题的行一行也不会写进去。")(import_file)
    app.command("export", help="导出台账为 xlsx 或 csv。")(export_file)
    app.command("person-copy", help="导出一个人的本人信息副本（查阅、复制个人信息）。")(person_copy)


def ledger_of(code: str) -> Any:
    from zhenwu.packs import runtime

    if code not in runtime.ledgers():
        known = "、".join(f"{one.code}（{one.label}）" for one in runtime.ledgers().values())
        raise Fault(f"没有台账“{code}”", f"现有：{known}。")
    return runtime.ledger(code)


def import_file(
    ledger: str = typer.Argument(..., help="台账代码，如 hazard"),
    file: Path = typer.Argument(..., help="xlsx、xls、et 或 csv 文件"),
    dry_run: bool = typer.Option(False, "--dry-run", help="只看会增改什么，不写入"),
    skip_problems: bool = typer.Option(False, "--skip-problems", help="跳过有问题的行，导入其余行"),
    since: str = typer.Option("", "--since", help="人口花名册里没有写立户日期的户，从哪天算起"),
    sheet: list[str] = typer.Option([], help="工作表名（默认第一张认得的；可写几次，表头相同的一起导入）"),
    back: Path = typer.Option(None, "--back", help="把标注了问题的表写到这个 xlsx"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.ledgers.importing.actions import apply_staged, stage_file
    from zhenwu.ledgers.importing.corrected import corrections, five
    from zhenwu.ledgers.importing.giving_back import give_back
    from zhenwu.lib.sheets import SheetError

    one = ledger_of(ledger)
    if not file.is_file():
        raise Fault(f"没有文件 {file}", "请检查路径。")
    by = acting_user(user)
    begins = day(since, date.min) if since else None
    try:
        with progress(f"读取并核对{one.label}") as step:
            staged = stage_file(
                ledger,
                file,
                name=file.name,
                by=by,
                sheets=sheet,
                since=begins,
                progress=step,
            )
        if back:
            give_back(staged, back)
        change = None
        stopped = bool(staged.problems) and not skip_problems
        if not dry_run and not stopped:
            with progress("写入台账") as step:
                change = apply_staged(staged, by=by, skip_problems=skip_problems, progress=step)
    except (SheetError, LedgerError) as problem:
        raise Fault("没有导入", str(problem), code=1) from None
    counts, numbers = staged.counts, five(staged, corrections(staged))
    if as_json:
        show_json({
            "ledger": ledger, "file": str(file), "rows": len(staged.rows),
            "sheets": list(staged.table.parts or [staged.table.sheet]), **counts, **asdict(numbers), "stored": numbers.stored,
            "dropped": len(staged.table.dropped),
            "problems": [{"row": one.at, "field": one.field, "message": one.message} for one in staged.problems],
            "change": change.pk if change else None, "applied": change is not None,
        })  # fmt: skip
    else:
        for one_problem in staged.problems[:50]:
            out.print(one_problem.message, highlight=False, markup=False)
        if len(staged.problems) > 50:
            out.print(f"…还有{len(staged.problems) - 50}个问题。用 --back 文件.xlsx 可得到标注好的表。")
        out.print(
            f"共{len(staged.rows)}行：新增{counts['add']}，修改{counts['change']}，相同{counts['same']}，"
            f"有问题{counts['problem']}；另有{len(staged.table.dropped)}行不是数据（标题、小计、签名等）。"
        )
        out.print(numbers.in_words())
        if stopped:
            out.print("没有写入：请改好有问题的行再导入，或加 --skip-problems 先导入其余行。")
        elif dry_run:
            out.print("只是预览，没有写入。")
        else:
            out.print(f"已导入，变更编号{change.pk}。" if change else "内容与现有记录完全相同，没有写入。")
    if stopped:
        raise typer.Exit(1)


def export_file(
    ledger: str = typer.Argument(..., help="台账代码"),
    output: Path = typer.Option(..., "-o", "--output", help="输出文件，.xlsx 或 .csv"),
    public: bool = typer.Option(False, "--public", help="公示表：只含可公示的字段和审核通过的记录，姓名隐去一部分"),
    open_only: bool = typer.Option(False, "--open-only", help="只导出一般内容，不含收入、号码等个人信息"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份（决定能看到哪些行和列）"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import ApprovalNeeded, LedgerError
    from zhenwu.ledgers.exporting import export
    from zhenwu.ledgers.publishing import publish

    one = ledger_of(ledger)
    if output.suffix.lower() not in (".xlsx", ".csv"):
        raise Fault(f"不会写 {output.suffix or '没有后缀的'} 文件", "请把输出文件名写成 .xlsx 或 .csv。")
    if public and output.suffix.lower() != ".xlsx":
        raise Fault("公示表只能是 xlsx", "请把输出文件名写成 .xlsx。")
    try:
        by = acting_user(user)
        count = publish(one, by, output) if public else export(one, by, output, open_only=open_only, console=not user)
    except ApprovalNeeded as why:
        raise Fault("没有导出", f"{why}请在网页上申请导出，或加 --open-only 只导出一般内容。", code=1) from None
    except LedgerError as problem:
        raise Fault("没有导出", str(problem), code=1) from None
    out.print(f"已导出{one.label}{count}行：{output}")


def person_copy(
    no: str = typer.Argument(..., help="人口台账里的编号，如 RK-2020-0001"),
    purpose: str = typer.Option(..., "--purpose", help="用途，如“本人申请查阅”；会留下记录"),
    output: Path = typer.Option(..., "-o", "--output", help="输出文件，.xlsx"),
    user: str = typer.Option("", "--as", help="以哪个用户的身份（决定能看到哪些记录）"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.ledgers.personcopy import PERSON, write_copy
    from zhenwu.ledgers.queries import ledger_of_model, rows_in, scope_in

    if output.suffix.lower() != ".xlsx":
        raise Fault("副本只能是 xlsx", "请把输出文件名写成 .xlsx。")
    one, by = ledger_of(ledger_of_model(PERSON)), acting_user(user)
    scope = scope_in(by, one)
    person = rows_in(one, scope).filter(no=no).first() if scope.read else None
    if person is None:
        raise Fault(f"没有编号为“{no}”的人", "请核对编号；不在职责范围内的人也找不到。", code=1)
    try:
        count = write_copy(one, person, output, by=by, purpose=purpose)
    except LedgerError as problem:
        raise Fault("没有导出", str(problem), code=1) from None
    out.print(f"已导出{no}的本人信息副本，相关记录{count}条：{output}")
