"""figure CODE, check [CODE…], report --year."""

from datetime import date
from pathlib import Path

import typer

from zhenwu.config.cli.base import Fault, acting_user, day, out, progress, show_json, start_django


def register(app: typer.Typer) -> None:
    app.command(help="算一个数字；--trace 列出它背后的每一行。")(figure)
    app.command(help="核对台账，列出发现的问题并登记到问题清零。")(check)
    app.command(help="生成年度总结报告（docx），每个数字都能追到明细。")(report)


def figure(
    code: str = typer.Argument(..., help="指标代码，如 hz_rate；分项写 gp_impl_n.road"),
    as_of: str = typer.Option("", "--as-of", help="截至日期，如 2020-12-31（默认今天）"),
    place: str = typer.Option("", help="区划代码，只算这个村（社区）"),
    boundary: str = typer.Option("now", help="now 按现行区划，was 按当时区划"),
    trace: bool = typer.Option(False, "--trace", help="列出背后的每一行"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.divisions.models import Division
    from zhenwu.indicators import queries
    from zhenwu.indicators.errors import UnknownFigure

    if boundary not in ("now", "was"):
        raise Fault(f"--boundary 不认识“{boundary}”", "请写 now（现行区划）或 was（当时区划）。")
    where = None
    if place:
        where = Division.objects.filter(code=place).order_by("-valid_from").first()
        if where is None:
            raise Fault(f"没有代码为 {place} 的区划", "请核对12位区划代码。")
    on = day(as_of, date.today())
    try:
        found = queries.value(code, as_of=on, place=where.pk if where else None, boundary=boundary)
        rows = queries.trace(code, as_of=on, place=where.pk if where else None, boundary=boundary).rows if trace else []
    except UnknownFigure as problem:
        raise Fault(f"没有指标“{code}”", str(problem)) from None
    if as_json:
        said = {
            "code": found.code, "label": found.label, "value": None if found.value is None else str(found.value),
            "text": found.text, "unit": found.unit, "definition": found.definition, "as_of": found.as_of,
            "boundary": found.boundary, "place": place, "rows": found.row_count, "digest": found.digest,
        }  # fmt: skip
        if trace:
            said["trace"] = [row.as_dict() for row in rows]
        show_json(said)
        return
    out.print(f"[bold]{found.label}[/]：{found.text}", highlight=False)
    out.print(
        f"口径：{found.definition}\n截至：{found.as_of}　依据{found.row_count}行　代码：{found.code}", highlight=False
    )
    for row in rows:
        out.print(f"  {row.ledger or ''} {row.no or row.row or '—'}  {row.day or ''}  {row.num}", highlight=False)


def check(
    codes: list[str] = typer.Argument(None, help="核对代码（hazard.HZ-05）或台账代码；不写则全部"),
    as_of: str = typer.Option("", "--as-of", help="截至日期（默认今天）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.checks.actions import run
    from zhenwu.checks.errors import UnknownCheck

    on = day(as_of, date.today())
    assert on is not None
    try:
        with progress("核对") as step:
            result = run(codes or None, as_of=on, by=acting_user(), progress=step)
    except UnknownCheck as problem:
        raise Fault("没有这项核对", str(problem)) from None
    if as_json:
        show_json(result.as_dict())
    else:
        for one in result.bad:
            out.print(f"{one.severity_label}  {one.check}  {one.message}", highlight=False, markup=False)
        out.print(result.summary)
    if result.bad:
        raise typer.Exit(1)


def report(
    year: int = typer.Option(..., "--year", help="总结年度"),
    output: Path = typer.Option(..., "-o", "--output", help="输出 docx 文件"),
    as_of: str = typer.Option("", "--as-of", help="截至日期（默认该年12月31日）"),
) -> None:
    start_django()
    from zhenwu.reports.actions import make_report
    from zhenwu.reports.errors import ReportError

    if output.suffix.lower() != ".docx":
        raise Fault(f"不会写 {output.suffix or '没有后缀的'} 文件", "请把输出文件名写成 .docx。")
    try:
        made = make_report(year, output, by=acting_user(), as_of=day(as_of))
    except ReportError as problem:
        raise Fault("没有生成报告", str(problem), code=1) from None
    out.print(f"已生成《{made.title}》：{output}")
