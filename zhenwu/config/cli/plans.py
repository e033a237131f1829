"""outline FILE."""

from pathlib import Path

import typer

from zhenwu.config.cli.base import Fault, out, show_json


def register(app: typer.Typer) -> None:
    app.command(help="读一份总结或计划（docx、txt），列出标题、各部分、要点和数字。")(outline)


def outline(
    file: Path = typer.Argument(..., help="docx 或 txt 文件"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    from zhenwu.plans.outline import OutlineError, read_outline

    if not file.is_file():
        raise Fault(f"没有文件 {file}", "请检查路径。")
    try:
        found = read_outline(file).as_json()
    except OutlineError as problem:
        raise Fault("读不了这份文件", str(problem), code=1) from None
    if as_json:
        show_json(found)
        return
    out.print(
        f"[bold]{found['title'] or '（没有标题）'}[/]  总结年度：{found['year_summary'] or '—'}  计划年度：{found['year_plan'] or '—'}"
    )
    for part in found["parts"]:
        out.print(f"\n[bold]{part['heading'] or '（没有标题的部分）'}[/]  [dim]{part['kind']}[/]", highlight=False)
        for section in part["sections"]:
            if section["heading"]:
                out.print(f"  {section['heading']}", highlight=False, markup=False)
            for point in section["points"]:
                out.print(f"    · {point if isinstance(point, str) else point['text']}", highlight=False, markup=False)
    out.print(
        f"\n数字{len(found['figures'])}个，不计入正文的行{len(found.get('noise', []))}行。要完整内容请加 --json。"
    )
