"""api schema, api token create|list|revoke, webhooks send."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import typer

from zhenwu.config.cli.base import Fault, day, out, show_json, start_django


def register(app: typer.Typer) -> None:
    api = typer.Typer(help="接口：文档和令牌。", no_args_is_help=True)
    api.command("schema", help="输出 OpenAPI 文档。")(schema)
    token = typer.Typer(help="接口令牌。", no_args_is_help=True)
    token.command("create", help="给一个用户建令牌；令牌只显示这一次。")(create)
    token.command("list", help="列出令牌。")(listing)
    token.command("revoke", help="停用令牌。")(end)
    api.add_typer(token, name="token")
    app.add_typer(api, name="api")
    webhooks = typer.Typer(help="变更通知。", no_args_is_help=True)
    webhooks.command("send", help="发送到期的通知（平时由 zhenwu worker 每分钟发送）。")(send)
    app.add_typer(webhooks, name="webhooks")


def schema(
    ledgers: list[str] = typer.Argument(None, help="只要这些台账；不写则全部"),
    output: Path = typer.Option(None, "-o", "--output", help="写到文件"),
) -> None:
    start_django()
    from zhenwu.api.document import document
    from zhenwu.packs import runtime

    if unknown := [code for code in ledgers or () if code not in runtime.ledgers()]:
        raise Fault(f"没有台账{'、'.join(unknown)}", f"现有：{'、'.join(runtime.ledgers())}。")
    text = json.dumps(document(ledgers or None), ensure_ascii=False, indent=1)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        sys.stdout.write(text + "\n")


def create(
    username: str = typer.Argument(..., help="登录名：令牌有这个人的权限，不会更多"),
    label: str = typer.Argument(..., help="用途，如 县平台同步"),
    until: str = typer.Option("", help="有效期至，如 2020-12-31；不写为90天，最长一年"),
    write: bool = typer.Option(False, "--write", help="可写入"),
    reveal: bool = typer.Option(False, "--reveal", help="写明用途后可看号码的全部内容"),
    ledgers: list[str] = typer.Option([], "--ledger", help="只给这本台账，可写多次；不写则全部"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.accounts.models import User
    from zhenwu.api.errors import TokenRefused
    from zhenwu.api.tokens import create_token

    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Fault(f"没有用户“{username}”", "请核对登录名；停用的账号不能有令牌。")
    today = date.today()
    try:
        token, text = create_token(
            user, label, expires_on=day(until, today + timedelta(days=90)), on=today, may_write=write, may_reveal=reveal,
            ledgers=ledgers,
        )  # fmt: skip
    except TokenRefused as refused:
        raise Fault("没有建立令牌", "\n".join(refused.problems), code=1) from None
    if as_json:
        show_json({"id": str(token.pk), "token": text, "expires_on": token.expires_on.isoformat()})
    else:
        out.print(
            f"令牌：{text}（只显示这一次，请立即保存）\n有效期至{token.expires_on}", highlight=False, soft_wrap=True
        )


def listing(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    start_django()
    from zhenwu.api.models import Token

    today = date.today()
    rows: list[dict[str, Any]] = [
        {
            "id": str(one.pk), "user": one.user.username, "label": one.label, "start": one.start, "may_write": one.may_write,
            "ledgers": one.ledgers, "expires_on": one.expires_on.isoformat(), "works": one.works(today),
            "last_used_on": one.last_used_on.isoformat() if one.last_used_on else None,
        }
        for one in Token.objects.select_related("user")
    ]  # fmt: skip
    if as_json:
        show_json(rows)
        return
    for one in rows:
        state = "有效" if one["works"] else "已失效"
        can = "可写" if one["may_write"] else "只读"
        out.print(
            f"{one['id']}  {one['start']}…  {one['user']}  {one['label']}  {can}  至{one['expires_on']}  {state}",
            highlight=False,
        )
    if not rows:
        out.print("没有令牌。")


def end(token: str = typer.Argument(..., help="令牌的 id（见 zhenwu api token list）或令牌本身")) -> None:
    start_django()
    from django.core.exceptions import ValidationError

    from zhenwu.accounts.actions import system_user
    from zhenwu.api.models import Token
    from zhenwu.api.tokens import digest_of, revoke

    found = Token.objects.filter(digest=digest_of(token)).first()
    try:
        found = found or Token.objects.filter(pk=token).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Fault("没有这个令牌", "请用 zhenwu api token list 查看。")
    revoke(found, by=system_user())
    out.print(f"已停用“{found.label}”。", highlight=False)


def send(seconds: float = typer.Option(60.0, help="最多发送多少秒")) -> None:
    start_django()
    from zhenwu.api.webhooks.sending import send_due

    out.print(str(send_due(seconds=seconds)) or "没有到期的通知。", highlight=False)
