"""figure and check over many townships that were gathered (`--gathered`): results by township."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from zhenwu.config.cli.base import Fault, console, out, progress, show_json

if TYPE_CHECKING:
    from zhenwu.indicators.figures import Figure
    from zhenwu.indicators.periods import Period
    from zhenwu.mart.gathered.together import OpenEngine
    from zhenwu.mart.gathered.towns import Gathered


def figure(
    code: str, as_of: date, period: "Period | None", place: str, where: str, engine: "OpenEngine", as_json: bool
) -> None:
    from zhenwu.indicators import queries
    from zhenwu.indicators.errors import UnknownIndicator
    from zhenwu.mart.errors import NotGathered

    try:
        spec = queries.spec_of(code)
    except UnknownIndicator as problem:
        raise Fault(f"没有指标“{code}”", str(problem)) from None
    with _townships(where, place, engine) as gathered:
        found, errors = [], []
        for town in gathered.towns:
            try:
                found.append((town, queries.value(code, as_of=as_of, period=period, signed=as_json, source=town)))
            except NotGathered as problem:
                errors.append((town, str(problem)))
        every = (
            queries.total(code, [town for town, _ in found], as_of=as_of, period=period, signed=as_json)
            if found
            else None
        )
    if as_json:
        show_json({
            "code": code, "label": spec.label, "unit": spec.unit, "definition": spec.definition, "as_of": as_of,
            "period": period.code if period else None,
            "towns": [{"town": town.code, "name": town.name, **_said(one)} for town, one in found],
            "total": _said(every) if every else None, "differs": gathered.differs,
            "errors": [{"town": town.code, "name": town.name, "why": why} for town, why in errors],
        })  # fmt: skip
    else:
        out.print(f"[bold]{spec.label}[/]　截至：{as_of}　{len(found)}个乡镇\n口径：{spec.definition}", highlight=False)
        for town, one in found:
            out.print(f"  {town.code} {town.name}　{_line(one)}", highlight=False, markup=False)
        if every:
            out.print(f"合计　{_line(every)}", highlight=False, markup=False)
        for town, why in errors:
            out.print(f"未能计算 {town.code} {town.name}：{why}", highlight=False, markup=False)
    if errors:
        raise typer.Exit(1)


def check(
    codes: list[str], as_of: date, place: str, where: str, engine: "OpenEngine", brief: bool, as_json: bool
) -> None:
    from zhenwu.checks.by_town import findings_by_town
    from zhenwu.checks.models import Severity

    with _townships(where, place, engine) as gathered, progress("核对", len(codes)) as step:
        every = findings_by_town(codes, gathered.towns, as_of=as_of, progress=step)
    labels = {str(one): one.label for one in Severity}
    if as_json:
        show_json({
            "as_of": as_of, "checks": len(codes), "differs": gathered.differs, "towns": [
                {"town": one.town.code, "name": one.town.name, "errors": one.errors, "findings": [
                    {"check": code, "severity": bad.severity, "subject": json.loads(bad.subject), "message": bad.message}
                    for code, bad in one.found
                ]} for one in every
            ],
        })  # fmt: skip
    else:
        for one in every:
            for code, bad in () if brief else one.found:
                said = f"{labels[bad.severity]}  {one.town.name}  {code}  {bad.message}"
                out.print(said, highlight=False, markup=False)
            for code, why in one.errors:
                out.print(f"未能核对 {one.town.name} {code}：{why}", highlight=False, markup=False)
        for one in every:
            counts = "、".join(f"{label}{one.counted(severity)}" for severity, label in labels.items())
            said = f"{one.town.code} {one.town.name}：问题{len(one.found)}个（{counts}）"
            out.print(said, highlight=False, markup=False)
        total = sum(len(one.found) for one in every)
        out.print(f"核对{len(codes)}项，{len(every)}个乡镇，问题共{total}个。没有登记：整改由各乡镇在自己的实例里办。")
    if any(one.found or one.errors for one in every):
        raise typer.Exit(1)


@contextmanager
def _townships(where: str, place: str, engine: "OpenEngine") -> Iterator["Gathered"]:
    """The townships there; in what they differ from the running packs is said first."""
    from zhenwu.mart.gathered.target import Target
    from zhenwu.mart.gathered.towns import Gathered
    from zhenwu.mart.store import running_schema

    gathered = Gathered(Target.of(where), running_schema(), engine, place)
    if gathered.differs:
        console.print("[yellow]台账版本不同，缺的列按空值处理：[/]")
        console.print("\n".join(gathered.differs), highlight=False, markup=False)
    try:
        yield gathered
    finally:
        gathered.close()


def _line(figure: "Figure") -> str:
    undecided = f"，另有{figure.undecided}行没有计入" if figure.undecided else ""
    return f"{figure.text}（依据{figure.row_count}行{undecided}）"


def _said(figure: "Figure") -> dict[str, Any]:
    value = None if figure.value is None else str(figure.value)
    return {
        "value": value, "text": figure.text, "rows": figure.row_count, "undecided": figure.undecided, "digest": figure.digest
    }  # fmt: skip
