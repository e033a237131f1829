"""figure CODE, check [CODE…], report --year."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from zhenwu.config.cli import gathered as towns
from zhenwu.config.cli.base import Fault, acting_user, day, out, progress, show_json, start_django
from zhenwu.config.cli.engines import ENGINE, GATHERED, MASTER, MEMORY, Engine, opened, reported

if TYPE_CHECKING:
    from zhenwu.indicators.figures import Figure
    from zhenwu.indicators.queries import Compared

_ALL = 1_000_000  # rows of a trace that a terminal is given at most


class Beside(StrEnum):
    """What a figure is held against."""

    LAST_YEAR = "last-year"


class Side(StrEnum):
    """On which boundaries a figure is counted."""

    NOW = "now"
    WAS = "was"


def register(app: typer.Typer) -> None:
    app.command(help="算一个数字；--trace 列出它背后的每一行。")(figure)
    app.command(help="核对台账，列出发现的问题并登记到问题清零。")(check)
    app.command(help="生成年度总结报告（docx），每个数字都能追到明细。")(report)


def figure(
    code: str = typer.Argument(..., help="指标代码，如 hz_rate；分项写 gp_impl_n.road"),
    as_of: str = typer.Option("", "--as-of", help="截至日期，如 2020-12-31（默认今天，统计期已过的为期末）"),
    period: str = typer.Option(
        "", help="统计期：2025、2025H1、2025Q3、2025-09、2025-09-30，2025-01..09 为年初累计（默认年初到截至日）"
    ),
    compare: Beside | None = typer.Option(None, help="last-year 同上年同期比"),
    place: str = typer.Option("", help="区划代码，只算这个村（社区）；与 --gathered 连用：只算代码以此开头的乡镇"),
    boundary: Side = typer.Option(Side.NOW, help="now 按现行区划，was 按当时区划"),
    trace: bool = typer.Option(False, "--trace", help="列出背后的每一行"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
    engine: Engine = ENGINE,
    master: str = MASTER,
    memory: str = MEMORY,
    gathered: str = GATHERED,
) -> None:
    start_django()
    from zhenwu.divisions.models import Division
    from zhenwu.indicators.errors import PeriodProblem, UnknownIndicator
    from zhenwu.indicators.periods import read_period
    from zhenwu.indicators.queries import compared, units_of
    from zhenwu.indicators.showing import last_year_said
    from zhenwu.indicators.tracing import trace as traced

    if gathered and (trace or compare or boundary is Side.WAS):
        raise Fault("各乡镇一起算时没有明细、同比和历史区划", "要看这些，请在那个乡镇的实例里算（不写 --gathered）。")
    where = None
    if place and not gathered:
        where = Division.objects.filter(code=place).order_by("-valid_from").first()
        if where is None:
            raise Fault(f"没有代码为 {place} 的区划", "请核对12位区划代码。")
    try:
        span = read_period(period, year=date.today().year) if period else None
        on = day(as_of, min(date.today(), span.last) if span else date.today())
        if gathered:
            with reported():
                towns.figure(code, on, span, place, gathered, opened(engine, master, memory), as_json)
            return
        asked: dict[str, Any] = {
            "as_of": on, "place": where.pk if where else None, "boundary": boundary.value, "period": span
        }  # fmt: skip
        with _source(engine, master, memory, units_of(code)) as source:
            seen = traced(code, limit=_ALL if trace else 0, signed=as_json, source=source, **asked)
            beside = compared(code, now=seen.figure, source=source, **asked) if compare else None
    except UnknownIndicator as problem:
        raise Fault(f"没有指标“{code}”", str(problem)) from None
    except PeriodProblem as problem:
        raise Fault("这个统计期算不了", str(problem)) from None
    rows = numbered(seen.rows) if trace else []
    if as_json:
        said = _figure_json(seen.figure, place)
        if beside:
            said["last_year"] = last_year_said(beside)
        if trace:
            said["trace"] = rows
        show_json(said)
    else:
        _tell(seen.figure, beside, rows)


def _figure_json(found: "Figure", place: str) -> dict[str, Any]:
    return {
        "code": found.code, "label": found.label, "value": None if found.value is None else str(found.value),
        "text": found.text, "unit": found.unit, "definition": found.definition, "as_of": found.as_of,
        "boundary": found.boundary, "place": place, "rows": found.row_count, "undecided": found.undecided,
        "estimated": found.estimated, "digest": found.digest, "period": found.period.code if found.period else None,
        "undated": found.undated,
    }  # fmt: skip


def _tell(found: "Figure", beside: "Compared | None", rows: Sequence[Mapping[str, Any]]) -> None:
    out.print(f"[bold]{found.label}[/]：{found.text}", highlight=False)
    out.print(
        f"口径：{found.definition}\n统计期：{found.period or f'{found.year}年'}　截至：{found.as_of}　"
        f"依据{found.row_count}行　代码：{found.code}",
        highlight=False,
    )
    if beside:
        before = beside.before
        said_before = f"（{before.text}，截至{before.as_of}）" if before else ""
        out.print(f"同比：{beside.growth.text}{said_before}", highlight=False)
    if found.undated:
        out.print(f"另有{found.undated}行没有日期，分不到{found.period}里，没有计入。", highlight=False)
    if found.undecided:
        out.print(f"另有{found.undecided}行看不出属于哪个村，没有计入。", highlight=False)
    for row in rows:
        out.print(f"  {row['ledger']} {row['no'] or '—'}  {row['day'] or ''}  {row['num']}", highlight=False)


@contextmanager
def _source(engine: Engine, master: str, memory: str, units: Collection[str]) -> Iterator[Any]:
    """Whom to ask about this instance: None is its own mart."""
    if engine is Engine.DUCKDB:
        yield None
        return
    from zhenwu.mart.gathered.here import this_township

    with reported(), this_township(opened(engine, master, memory), units) as town:
        yield town


def numbered(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Trace rows as dicts, with the readable number of each ledger row."""
    from zhenwu.packs import runtime

    numbers: dict[str, str] = {}
    for code in {row.ledger for row in rows if row.ledger}:
        ids = [row.row for row in rows if row.ledger == code]
        for start in range(0, len(ids), 5000):
            chunk = runtime.ledger(code).rows("console").filter(pk__in=ids[start : start + 5000])
            numbers |= {pk.hex: no for pk, no in chunk.values_list("pk", "no")}
    return [asdict(row) | {"no": numbers.get(row.row or "", "")} for row in rows]


def check(
    codes: list[str] = typer.Argument(None, help="核对代码（hazard.HZ-05）或台账代码；不写则全部"),
    as_of: str = typer.Option("", "--as-of", help="截至日期（默认今天）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
    engine: Engine = ENGINE,
    master: str = MASTER,
    memory: str = MEMORY,
    gathered: str = GATHERED,
    place: str = typer.Option("", help="与 --gathered 连用：只核对代码以此开头的乡镇（县、市代码也可）"),
    brief: bool = typer.Option(False, "--brief", help="与 --gathered 连用：只列各乡镇的问题数"),
) -> None:
    start_django()
    from zhenwu.checks.models import UNRESOLVED, Finding
    from zhenwu.checks.registry import registry
    from zhenwu.checks.running import run, units_of

    on = day(as_of, date.today())
    wanted = [full for full in registry().codes() if not codes or full in codes or full.split(".")[0] in codes]
    if unknown := [
        code for code in codes or [] if code not in wanted and not any(full.startswith(f"{code}.") for full in wanted)
    ]:
        raise Fault(f"没有这项核对：{'、'.join(unknown)}", "请写核对代码（如 hazard.HZ-05）或台账代码（如 hazard）。")
    if gathered:
        with reported():
            towns.check(wanted, on, place, gathered, opened(engine, master, memory), brief, as_json)
        return
    if place or brief:
        raise Fault("--place 和 --brief 只与 --gathered 连用", "核对本乡镇时请不写。")
    units = {unit for full in wanted for unit in units_of(full)}
    with _source(engine, master, memory, units) as source, progress("核对", len(wanted)) as step:
        result = run(wanted, as_of=on, progress=step, source=source)
    found = list(Finding.objects.filter(check_code__in=wanted, status__in=UNRESOLVED))
    if as_json:
        show_json({
            "as_of": on, "checks": result.checks, "new": result.new, "still": result.still, "gone": result.gone,
            "reopened": result.reopened, "errors": result.errors, "findings": [
                {"check": one.check_code, "severity": one.severity, "subject": json.loads(one.subject), "message": one.message}
                for one in found
            ],
        })  # fmt: skip
    else:
        for one in found:
            out.print(f"{one.get_severity_display()}  {one.check_code}  {one.message}", highlight=False, markup=False)
        for code, why in result.errors:
            out.print(f"未能核对 {code}：{why}", highlight=False, markup=False)
        out.print(
            f"核对{result.checks}项：现有问题{len(found)}个，其中新发现{result.new}个、再次出现{result.reopened}个；"
            f"已改正待确认{result.gone}个。"
        )
    if found or result.errors:
        raise typer.Exit(1)


def report(
    year: int = typer.Option(..., "--year", help="总结年度"),
    output: Path = typer.Option(..., "-o", "--output", help="输出 docx 文件"),
    as_of: str = typer.Option("", "--as-of", help="截至日期（默认该年12月31日）"),
) -> None:
    start_django()
    from zhenwu.reports.actions import make_report
    from zhenwu.reports.errors import NoData, ReportError

    if output.suffix.lower() != ".docx":
        raise Fault(f"不会写 {output.suffix or '没有后缀的'} 文件", "请把输出文件名写成 .docx。")
    try:
        made = make_report(year, output, by=acting_user(), as_of=day(as_of, date(year, 12, 31)) if as_of else None)
    except NoData as problem:
        raise Fault("没有生成报告", str(problem)) from None
    except ReportError as problem:
        raise Fault("没有生成报告", str(problem), code=1) from None
    out.print(f"已生成《{made.title}》：{output}")
