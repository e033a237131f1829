"""retention due, propose, erase, hold."""

from typing import Any

import typer

from zhenwu.config.cli.base import Fault, acting_user, day, out, progress, show_json, start_django
from zhenwu.config.cli.ledgers import ledger_of

retention = typer.Typer(help="保管期满的记录：到期清单、提出、审批并销毁、暂缓。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(retention, name="retention")


def _today(text: str = "") -> Any:
    from django.utils import timezone

    return day(text, timezone.localdate())


@retention.command(help="各台账各年度有多少记录保管期满。")
def due(
    ledger: str = typer.Argument("", help="台账代码；不写就是全部"),
    on: str = typer.Option("", "--on", help="截至哪一天（默认今天）"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.ledgers.retention.due import counted_from, due_by_year, holds_personal
    from zhenwu.packs import runtime

    chosen = [ledger_of(ledger)] if ledger else list(runtime.ledgers().values())
    when, told = _today(on), []
    for one in chosen:
        if not holds_personal(one):
            continue
        for year in due_by_year(one, when):
            told.append({"ledger": one.code, "label": one.label, "retention_years": one.spec.retention_years,
                         "counted_from": counted_from(one), "year": year.year, "rows": year.rows, "held": year.held,
                         "used": year.used, "free": year.free})  # fmt: skip
    if as_json:
        show_json(told)
        return
    for said in told:
        out.print(
            f"{said['label']}（{said['ledger']}）{said['year']}年：期满{said['rows']}条，暂缓{said['held']}条，"
            f"仍被引用{said['used']}条，可以销毁{said['free']}条",
            highlight=False,
        )
    if not told:
        out.print("没有保管期满的记录。")


@retention.command(help="提出销毁：列出清册，等另一人审批。")
def propose(
    ledger: str = typer.Argument(..., help="台账代码"),
    year: list[int] = typer.Option(..., "--year", help="年度，可写几次"),
    reason: str = typer.Option(..., "--reason", help="依据和原因"),
    user: str = typer.Option(..., "--as", help="以谁的名义提出"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.ledgers.retention import orders

    try:
        order = orders.propose(ledger_of(ledger), year, reason, by=acting_user(user), on=_today())
    except LedgerError as problem:
        raise Fault("没有提出", str(problem), code=1) from None
    out.print(f"已提出清册{order.no}，共{order.count}条，待另一人审批。", highlight=False)


@retention.command(help="审批并销毁一份清册；断了再运行一次会接着做。")
def erase(
    no: str = typer.Argument(..., help="清册编号，如 XH-2026-001"),
    user: str = typer.Option(..., "--as", help="以谁的名义审批；不能是提出人"),
    note: str = typer.Option("", "--note", help="审批意见"),
    yes: bool = typer.Option(False, "--yes", help="我知道销毁后不能恢复"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.ledgers.models import ErasureOrder
    from zhenwu.ledgers.retention import orders
    from zhenwu.ledgers.retention.erasing import carry_out
    from zhenwu.ledgers.retention.leftovers import destroy_old_keys

    order = ErasureOrder.objects.filter(no=no).first()
    if order is None:
        raise Fault(f"没有清册“{no}”", "请核对编号。", code=1)
    if not yes:
        raise Fault("没有销毁", f"清册{no}有{order.count}条，销毁后不能恢复。确认请加 --yes。", code=1)
    by = acting_user(user)
    try:
        if order.state == ErasureOrder.State.PROPOSED:
            order = orders.decide(order, ledger_of(order.ledger), agree=True, note=note, by=by)
        if order.state == ErasureOrder.State.CONFIRMED:
            count = order.count
            with progress("清除", count) as step:
                order = carry_out(order, on=_today(), tell=lambda done: step(done, count))
        elif order.state != ErasureOrder.State.ERASED:
            raise Fault("没有销毁", f"清册{no}现在是“{order.get_state_display()}”。", code=1)
        keys = destroy_old_keys() if order.keys_destroyed_at is None else []
    except LedgerError as problem:
        raise Fault("没有销毁完", str(problem), code=1) from None
    out.print(f"已清除{order.erased}条，保留{order.kept}条，销毁旧密钥{len(keys)}把。", highlight=False)
    out.print("请销毁或覆盖以前的数据库和密钥备份，立即做新备份，再在网页的清册里登记。")


@retention.command(help="暂缓销毁一条、一个年度或全部记录。")
def hold(
    ledger: str = typer.Argument(..., help="台账代码"),
    reason: str = typer.Option(..., "--reason", help="原因"),
    user: str = typer.Option(..., "--as", help="以谁的名义"),
    no: str = typer.Option("", "--no", help="只暂缓这个编号"),
    year: int = typer.Option(None, "--year", help="只暂缓这个年度"),
    until: str = typer.Option("", "--until", help="暂缓到哪一天"),
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.ledgers.retention.holds import place_hold, what

    one = ledger_of(ledger)
    try:
        made = place_hold(one, reason, by=acting_user(user), no=no, year=year, until=_today(until) if until else None)
    except LedgerError as problem:
        raise Fault("没有暂缓", str(problem), code=1) from None
    out.print(f"已暂缓销毁{what(made, one)}。", highlight=False)
