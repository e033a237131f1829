"""reindex."""

import typer

from zhenwu.config.cli.base import Fault, out, progress, start_django


def register(app: typer.Typer) -> None:
    app.command(help="重新编制搜索索引（平时不需要：新记录会自动编入）。")(reindex)


def reindex(ledger: str = typer.Option("", "--ledger", help="只编这本台账（代码）")) -> None:
    start_django()
    from zhenwu.changes.queries import ledger_seqs
    from zhenwu.ledgers import search_index
    from zhenwu.packs import runtime

    if ledger and ledger not in runtime.ledgers():
        raise Fault(f"没有代码是“{ledger}”的台账", "用 zhenwu packs list 查看全部台账。")
    codes = [ledger] if ledger else list(runtime.ledgers())
    heads, done = ledger_seqs(), 0
    with progress("编入", sum(heads.get(code, 0) for code in codes)) as step:
        for code in codes:
            search_index.forget(code)
            for count in search_index.catch_up(code):
                done += count
                step(done)
    out.print(f"{len(codes)}本台账，编入{done:,}条。")
