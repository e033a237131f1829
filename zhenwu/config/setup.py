"""Setting an instance up: database, places, tables. What `zhenwu init` and `zhenwu demo` share."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
from django.core.management import call_command

from zhenwu.accounts.actions import system_user
from zhenwu.config.instance import Instance
from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.models import Division, Level
from zhenwu.packs import runtime
from zhenwu.packs.apply import apply
from zhenwu.packs.plan import Step
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder
from zhenwu.packs.spec import LINE_LABELS

_DIVISIONS = Path(__file__).parent / "data" / "divisions-2023.parquet"


def pack_folders(instance: Path) -> list[Path]:
    """The shipped packs and the instance's own."""
    own = instance / "packs"
    return [shipped_folder(), *([own] if own.is_dir() else [])]


def set_up_database(instance: Instance) -> list[Step]:
    """Migrate, apply the packs and build their models; may be run again at any time."""
    call_command("migrate", verbosity=0, interactive=False)
    steps = apply(wanted_packs(instance.folder))
    runtime.start()
    system_user(list(LINE_LABELS))
    return steps


def wanted_packs(instance: Path) -> PackSet:
    return read_packs(pack_folders(instance))


@cache
def _all_divisions() -> tuple[list[str], list[str]]:
    table = pq.read_table(_DIVISIONS)
    return table["code"].to_pylist(), table["name"].to_pylist()


def find_towns(words: str) -> list[tuple[str, str]]:
    """[(9-digit code, 省…县…乡镇)] of townships in the national list whose name ends with the words; "县 乡镇" narrows."""
    codes, names = _all_divisions()
    by_code = dict(zip(codes, names, strict=True))
    *above, last = words.split()
    found = []
    for code, name in by_code.items():
        if len(code) == 9 and name.startswith(last):
            path = [by_code.get(code[:length], "") for length in (2, 4, 6)]
            if all(any(part in one for one in path) for part in above):
                found.append((code, "".join(path) + name))
    return found


def national_divisions(town: str) -> list[Division]:
    """Unsaved divisions of one township from the national list: county, town and its villages."""
    codes, names = _all_divisions()
    since = date(2000, 1, 1)
    by_code = dict(zip(codes, names, strict=True))
    county = Division(
        code=town[:6].ljust(12, "0"), name=by_code.get(town[:6], "县"), level=Level.COUNTY, valid_from=since
    )
    place = Division(code=town.ljust(12, "0"), name=by_code[town], level=Level.TOWN, parent=county, valid_from=since)
    villages = [
        Division(code=code, name=_short(name), level=Level.VILLAGE, parent=place, valid_from=since)
        for code, name in by_code.items()
        if len(code) == 12 and code.startswith(town)
    ]
    return [county, place, *villages]


def add_places(divisions: Iterable[Division], reason: str) -> None:
    create_divisions(list(divisions), by=system_user(), reason=reason)


def _short(name: str) -> str:
    """青山村村民委员会 → 青山村; 城关社区居委会 → 城关社区."""
    return name.replace("村民委员会", "").replace("村委会", "").replace("居民委员会", "").replace("居委会", "")
