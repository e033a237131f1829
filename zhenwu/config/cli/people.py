"""people doubles | merge | split."""

from typing import TYPE_CHECKING, Any

import typer

from zhenwu.config.cli.base import Fault, acting_user, out, show_json, start_django

if TYPE_CHECKING:
    from zhenwu.accounts.models import User
    from zhenwu.changes.models import Change

_JSON = typer.Option(False, "--json", help="输出 JSON")
_AS = typer.Option("", "--as", help="以哪个用户的身份")
# Whether two are one is a person's decision, and history names that person; the command line's own user may not.
_WHO = typer.Option(..., "--as", help="由谁办理：审核人口台账的用户")


def register(app: typer.Typer) -> None:
    people = typer.Typer(help="人口登记：疑似重复、归并、拆分。", no_args_is_help=True)
    people.command("doubles", help="列出疑似重复的登记，最像的在前；是不是同一个人由人判断。")(doubles)
    people.command("merge", help="把一条登记并入另一条，各台账指向它的记录一并改过去。")(merge)
    people.command("split", help="把并错的登记拆开，原来指向它的记录还给它。")(split)
    app.add_typer(people, name="people")


def doubles(
    most: int = typer.Option(200, "--most", min=1, help="最多列出多少对"), user: str = _AS, as_json: bool = _JSON
) -> None:
    start_django()
    from zhenwu.residents.doubles import pairs

    rows = _rows(acting_user(user))
    found = pairs(rows, most=most)
    known = rows.in_bulk({pk for one in found for pk in (one.low, one.high)})
    shown: list[dict[str, Any]] = [
        {
            "score": one.score, "why": one.why,
            "persons": [{"no": row.no, "name": row.name} for row in (known[one.low], known[one.high])],
        }
        for one in found
    ]  # fmt: skip
    if as_json:
        show_json(shown)
        return
    for said in shown:
        both = "、".join(f"{row['no']} {row['name']}" for row in said["persons"])
        out.print(f"{said['score']:>3}  {both}：{said['why']}", highlight=False, markup=False)
    out.print(f"共{len(shown)}对。", highlight=False)


def merge(
    keep: str = typer.Argument(..., help="保留的登记的编号"),
    gone: str = typer.Argument(..., help="并入它的登记的编号"),
    reason: str = typer.Option(..., "--reason", help="依据，如“核对户口簿，为同一人”"),
    user: str = _WHO,
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.residents.merging import merge_persons

    by = acting_user(user)
    stays, goes = _person(keep, by), _person(gone, by)
    try:
        change = merge_persons(stays, goes, by=by, reason=reason)
    except LedgerError as refused:
        raise Fault("没有归并，什么都没有改动", str(refused), code=1) from None
    _tell(change, f"{gone}已并入{keep}", {"keep": keep, "gone": gone}, as_json)


def split(
    gone: str = typer.Argument(..., help="当初并入别人的登记的编号"),
    reason: str = typer.Option(..., "--reason", help="为什么拆开"),
    user: str = _WHO,
    as_json: bool = _JSON,
) -> None:
    start_django()
    from zhenwu.ledgers.errors import LedgerError
    from zhenwu.residents.merging import split_persons

    by = acting_user(user)
    try:
        change = split_persons(_person(gone, by), by=by, reason=reason)
    except LedgerError as refused:
        raise Fault("没有拆分，什么都没有改动", str(refused), code=1) from None
    _tell(change, f"{gone}已恢复成单独的一条", {"restored": gone}, as_json)


def _rows(by: "User", *, voided: bool = False) -> Any:
    """The persons that this user may see."""
    from zhenwu.ledgers.queries import rows_in, scope_in
    from zhenwu.packs import runtime

    ledger = runtime.ledger("person")
    return rows_in(ledger, scope_in(by, ledger), voided=voided)


def _person(no: str, by: "User") -> Any:
    found = _rows(by, voided=True).filter(no=no).first()
    if found is None:
        raise Fault(f"没有编号为“{no}”的人口登记", "编号在个人页的标题旁，也可以用 zhenwu people doubles 查看。")
    return found


def _tell(change: "Change", words: str, said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(said | {"change": str(change.pk), "ledgers": sorted(change.ledgers)})
    else:
        out.print(f"{words}。", highlight=False, markup=False)
