"""An invented township to measure on: an instance in a folder of its own, its places, and a user who may do the work."""

import os
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench.measure import report

VILLAGES = 12
LEDGER = "bench_plot"
HEADERS = (
    "村",
    "组",
    "户主",
    "地块名称",
    "登记日期",
    "种植品种",
    "等级",
    "面积（亩）",
    "补贴金额（元）",
    "株数",
    "已验收",
    "备注",
)
SERVER = os.environ.get("ZHENWU_DATABASE_URL", "")  # of PostgreSQL; without one the instances keep SQLite files
_PACKS = Path(__file__).parent / "packs"


def prepare(folder: Path) -> None:
    """Make the instance, its tables, places and user. To be run in the process that then works on it."""
    if SERVER:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database_of(folder))))
    start(folder, packs=False)
    from django.core.management import call_command

    from zhenwu.accounts.actions import create_unit, create_user
    from zhenwu.divisions.models import Division, Level
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import apply
    from zhenwu.packs.reader import read_packs, shipped_folder

    call_command("migrate", verbosity=0)
    apply(read_packs([shipped_folder(), _PACKS]))
    runtime.start()
    since = date(2000, 1, 1)
    town = Division.objects.create(code="519999100000", name="青石镇", level=Level.TOWN, valid_from=since)
    for number in range(VILLAGES):
        Division.objects.create(
            code=f"519999100{201 + number}",
            name=village_name(number),
            level=Level.VILLAGE,
            parent=town,
            valid_from=since,
        )
    unit = create_unit("农业农村办", ["industry"])
    create_user("bench", "测速", "office", unit=unit, since=since, must_change=False)


def start(folder: Path, *, packs: bool = True) -> None:
    """Point Django at the instance, which is created when it is not there."""
    os.environ["ZHENWU_INSTANCE"] = str(folder)
    if SERVER:
        os.environ["ZHENWU_DATABASE_URL"] = urlsplit(SERVER)._replace(path=f"/{database_of(folder)}").geturl()
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhenwu.config.settings"
    import django

    from zhenwu.config.instance import create_instance

    if not (folder / "instance.toml").exists():
        create_instance(folder, township="云岭县青石镇", code="519999100000")
    django.setup()
    if packs:
        from zhenwu.packs import runtime

        runtime.start()


def database_of(folder: Path) -> str:
    """The instance's database on the server: one of its own, named after this run."""
    return re.sub(r"\W+", "_", f"{folder.parent.name}_{folder.name}").lower()


def drop_databases(folder: Path) -> None:
    """Those of all instances of the run."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        for instance in filter(Path.is_dir, folder.iterdir()):
            name = sql.Identifier(database_of(instance))
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def bench_user() -> Any:
    from zhenwu.accounts.models import User

    return User.objects.get(username="bench")


def roster(count: int, start: int = 0) -> Iterator[list[Any]]:
    """`count` rows under HEADERS from plot number `start` on: the same ones every time."""
    dice = random.Random(20200101 + start)
    families, given = "陈林吴周郑王李赵孙钱", "青山河月明华建国秀英志强芳玉"
    crops, grades = ["柑橘", "茶叶", "水稻", "油菜", "蔬菜", "花椒"], ["一级", "二级", "三级", ""]
    for number in range(start, start + count):
        village = number % VILLAGES
        yield [
            village_name(village), f"{dice.randint(1, 12)}组", dice.choice(families) + "".join(dice.sample(given, 2)),
            f"{dice.choice(given)}{dice.choice(families)}湾{number:06d}", date(2020, 1, 1) + timedelta(days=dice.randint(0, 364)),
            dice.choice(crops), dice.choice(grades), dice.randint(1, 300_000) / 10_000, dice.randint(0, 500_000) / 100,
            dice.randint(0, 900), dice.choice("是否"), "复核" if dice.random() < 0.1 else "",
        ]  # fmt: skip


def write_roster(path: Path, count: int, *, start: int = 0, changed: bool = False) -> None:
    """The roster as a plain xlsx, as an office program would save it; `changed`: with another area in each hundredth row."""
    rows = roster(count, start)
    write_sheet(path, HEADERS, _with_other_areas(rows) if changed else rows)


def _with_other_areas(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    for at, row in enumerate(rows, 1):
        if at % 100 == 0:
            row[7] += 1
        yield row


def write_sheet(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One sheet, as an office program would save it."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
    sheet = book.add_worksheet("花名册")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, headers)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(at, column, value, day)  # type: ignore[arg-type]
            elif value != "":
                sheet.write(at, column, value)
    book.close()


def village_name(number: int) -> str:
    return f"{'青白红黄紫翠金银玉石木水'[number]}岩村"


if __name__ == "__main__":
    what, where = sys.argv[1:3]
    if what == "prepare":
        prepare(Path(where))
    else:
        write_roster(Path(where), int(sys.argv[3]), changed=what == "changed_roster")
    report({})
