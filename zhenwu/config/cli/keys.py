"""keys status, keys rotate."""

import typer

from zhenwu.config.cli.base import out, progress, show_json, start_django

keys = typer.Typer(help="个人信息加密用的数据密钥。", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command(help="有几把数据密钥，还有多少内容用着旧的。")
def status(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    start_django()
    from zhenwu.changes.keys import keyring
    from zhenwu.ledgers.resealing import waiting

    known, old = keyring().key_ids, waiting()
    if as_json:
        show_json({"keys": known, "sealing": known[-1], "waiting": old})
        return
    out.print(
        f"数据密钥{len(known)}把，现用 {known[-1]}；{f'还有{old:,}个值或文件用着旧密钥' if old else '没有内容用旧密钥'}。"
    )
    if old:
        out.print("运行 zhenwu keys rotate --resume 把它们换成现用的密钥。")


@keys.command(help="换一把新的数据密钥，并把已有内容重新加密；断了可以用 --resume 接着做。")
def rotate(
    resume: bool = typer.Option(False, "--resume", help="不加新密钥，只把还用旧密钥的内容换完"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    start_django()
    from zhenwu.changes.keys import keyring
    from zhenwu.ledgers.resealing import reseal_all, waiting

    ring = keyring()
    if not resume:
        ring.rotate()
    done, total = 0, waiting()
    with progress("重新加密", total) as step:
        for count in reseal_all():
            done += count
            step(done, max(done, total))
    if as_json:
        show_json({"sealing": ring.key_ids[-1], "resealed": done, "waiting": waiting()})
        return
    out.print(
        f"现用数据密钥 {ring.key_ids[-1]}，重新加密{done:,}个值和文件。旧密钥请留在密钥文件夹里：备份还要用它打开。"
    )
    out.print("正在运行的服务请重启一次；重启前写入的内容可再运行 zhenwu keys rotate --resume 换完。")
