"""A whole register with its families imported, and persons found in it as people say them."""

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.bench.measure import Clock, peak_mib, report
from tests.bench.township import SERVER, VILLAGES, bench_user, prepare, start, village_name, write_sheet

HEADERS = (
    "村", "组", "户主姓名", "姓名", "与户主关系", "性别", "身份证号码", "户号", "立户日期", "民族", "是否外出", "备注",
)  # fmt: skip
GROUPS = 10
_FAMILIES = "陈林吴周郑王李赵孙钱何罗谢唐韩曹许邓萧冯"
_GIVEN = "青山河月明华建国秀英志强芳玉春秋平安福贵海波军丽敏静"
_TIMES = 15
_now = time.perf_counter if SERVER else time.process_time


def families(persons: int) -> Iterator[list[list[Any]]]:
    """Families of one to five until there are `persons`: the same ones every time."""
    from zhenwu.lib.idno import check_digit

    dice, made, number = random.Random(20200101), 0, 0
    seen: set[tuple[str, date, int]] = set()  # no two of one name, birthday and village: they would be one person
    while made < persons:
        number += 1
        village, group, size = number % VILLAGES, number % GROUPS + 1, min(dice.randint(1, 5), persons - made)
        head = dice.choice(_FAMILIES) + "".join(dice.sample(_GIVEN, 2))
        since = date(1990, 1, 1) + timedelta(days=dice.randint(0, 10_000))
        born = dice.randint(1940, 1975)
        rows = []
        for rel, sex, year, own in (
            ("户主", "男", born, head), ("妻", "女", born + 2, ""), ("长子", "男", born + 24, head[0]),
            ("长女", "女", born + 26, head[0]), ("孙子", "男", born + 45, head[0]),
        )[:size]:  # fmt: skip
            name = own if rel == "户主" else (own or dice.choice(_FAMILIES)) + "".join(dice.sample(_GIVEN, 2))
            day = date(year, 1, 1) + timedelta(days=dice.randint(0, 364))
            while (name, day, village) in seen:
                day += timedelta(days=1)
            seen.add((name, day, village))
            serial = made % 500 * 2 + (sex == "男")
            first = f"519{(made // 500) % 1000:03}{day:%Y%m%d}{serial % 1000:03}"
            rows.append([
                village_name(village), f"{group}组", head, name, rel, sex, first + check_digit(first), f"H{number:06}", since,
                "汉族", "否", "",
            ])  # fmt: skip
            made += 1
        yield rows


def write_register(path: Path, persons: int) -> None:
    write_sheet(path, HEADERS, (row for family in families(persons) for row in family))


def make(folder: Path) -> dict[str, Any]:
    """The instance, with groups in every village and somebody who keeps the register."""
    prepare(folder)
    from zhenwu.accounts.models import Unit
    from zhenwu.divisions.models import Division, Level

    Unit.objects.update(lines=["industry", "population"])
    villages = Division.objects.filter(level=Level.VILLAGE)
    Division.objects.bulk_create(
        Division(code=f"{one.code}{n:02}", name=f"{n}组", level=Level.GROUP, parent=one, valid_from=one.valid_from)
        for one in villages for n in range(1, GROUPS + 1)
    )  # fmt: skip
    return {}


def ours(file: Path, folder: Path) -> dict[str, Any]:
    """The first import into an empty register, and the same sheet once more."""
    start(folder)
    from zhenwu.ledgers.importing.actions import apply_staged, stage_file

    by = bench_user()
    clock = Clock()
    staged = stage_file("person", file, name=file.name, by=by)
    read, read_cpu = clock.read()
    assert not staged.problems, staged.problems[:3]
    change = apply_staged(staged, by=by)
    seconds, cpu = clock.read()
    peak = peak_mib()
    assert change is not None
    count, homes = len(staged.rows), change.ledgers["household"]
    assert change.ledgers == {"person": count, "household": homes, "household_member": count}, change.ledgers
    del staged
    clock = Clock()
    same = stage_file("person", file, name=file.name, by=by)
    same_seconds, same_cpu = clock.read()
    assert same.counts["same"] == count, same.counts
    return {
        "persons": count, "households": homes, "first": seconds, "first_cpu": cpu, "stage": read, "stage_cpu": read_cpu,
        "same": same_seconds, "same_cpu": same_cpu, "peak_mib": peak,
    }  # fmt: skip


def picker(folder: Path) -> dict[str, Any]:
    """Median milliseconds of a look-up by each way of saying who is meant, over persons drawn at random."""
    start(folder)
    from zhenwu.ledgers import search_index
    from zhenwu.ledgers.lookups import find
    from zhenwu.lib.pinyin import initials
    from zhenwu.people.models import Person

    for code in ("person", "household"):  # as the background worker does after an import
        sum(search_index.catch_up(code))
    by, dice = bench_user(), random.Random(7)
    count = Person.objects.unscoped("test").count()
    homes = list(families(count))
    asked: dict[str, list[tuple[str, str]]] = {}
    for home in dice.sample(homes, _TIMES):
        one, head = dice.choice(home), home[0]
        name, letters = one[3], initials(one[3])
        for way, kind, said in (
            ("name", "person", name), ("two characters", "person", name[:2]), ("family name", "person", name[:1]),
            ("initials", "person", letters), ("two initials", "person", letters[:2]), ("given name", "person", name[1:]),
            ("members of a head", "person", f"户主{head[3]}"), ("last four", "person", one[6][-4:]),
            ("nobody", "person", "龙傲天"), ("household by head", "household", head[3]),
            ("household by initials", "household", initials(head[3])), ("household by last four", "household", head[6][-4:]),
            ("household by number", "household", head[7]),
        ):  # fmt: skip
            asked.setdefault(way, []).append((kind, said))
    took: dict[str, float] = {}
    for way, words in asked.items():
        times = []
        for kind, said in words:
            begun = _now()
            options, _ = find(kind, said, by)
            times.append(_now() - begun)
            assert bool(options) != (way == "nobody"), (way, said)
        took[way] = 1000 * statistics.median(times)
    return {"persons": count, "ms": took}


if __name__ == "__main__":
    command = argparse.ArgumentParser()
    command.add_argument("what", choices=["roster", "make", "ours", "picker"])
    command.add_argument("paths", nargs="+")
    said = command.parse_args()
    first = Path(said.paths[0])
    match said.what:
        case "roster":
            write_register(first, int(said.paths[1]))
            report({})
        case "make":
            report(make(first))
        case "ours":
            report(ours(first, Path(said.paths[1])))
        case "picker":
            report(picker(first))
