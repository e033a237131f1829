"""What was gathered of one township: a small file that names all others. Readers begin with it, so they see all of a
gathering or nothing.

    towns/<township>/<made>.json                     the newest one holds
    data/town=<township>/<made>/<table>.parquet      tables that have rows
    shared/<what>-<digest>.…                         calendars, parameters and shapes, which most townships have in common
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from zhenwu.divisions.codes import own_digits
from zhenwu.mart.errors import GatheredUnusable
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.schema import SHARED

FORMAT = 1
Shape = Mapping[str, Mapping[str, str]]  # columns and their types by table

# Columns of the tables that only the reading process uses: places with the order of their events, and lineage.
DIVISION = {**SHARED["division"], "end_order": "INTEGER"}
WAY = {
    "source": "VARCHAR", "target": "VARCHAR", "on": "DATE", "order": "INTEGER", "whole": "BOOLEAN",
    "pop": "DECIMAL(18,10)", "land": "DECIMAL(18,10)",
}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """`rows` by table gathered, also of those without any (they have no file). `shape`, `calendar` and `parameter` are digests."""

    town: str
    name: str
    made: int  # nanoseconds since 1970
    packs: str
    shape: str
    calendar: str
    parameter: str
    rows: Mapping[str, int]

    @property
    def file(self) -> str:
        return f"towns/{self.town}/{self.made}.json"

    @property
    def folder(self) -> str:
        return folder_of(self.town, self.made)

    def data(self, table: str) -> str:
        return f"{self.folder}/{table}.parquet"

    def write(self, target: Target) -> None:
        target.write_json(self.file, {"format": FORMAT, **asdict(self)})


def folder_of(town: str, made: int) -> str:
    return f"data/town={town}/{made}"


def calendar_file(digest: str) -> str:
    return f"shared/calendar-{digest}.parquet"


def parameter_file(digest: str) -> str:
    return f"shared/parameter-{digest}.parquet"


def shape_file(digest: str) -> str:
    return f"shared/shape-{digest}.json"


def newest(target: Target, place: str = "") -> list[Manifest]:
    """Of each township the last gathering, by code. `place`: codes that begin so. Raises GatheredUnusable."""
    found: dict[str, int] = {}
    for town, made in made_of(target):
        if town.startswith(own_digits(place)):
            found[town] = max(found.get(town, 0), made)
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda town: _read(target, f"towns/{town}/{found[town]}.json"), sorted(found)))
    return read


def made_of(target: Target) -> Iterator[tuple[str, int]]:
    """(township, when) of all gatherings that are whole."""
    for name in target.names("towns"):
        _, town, file = name.split("/")
        made, _, kind = file.partition(".")
        if kind == "json" and made.isdigit():
            yield town, int(made)


def read_shape(target: Target, digest: str) -> Shape:
    said: Shape = target.read_json(shape_file(digest))
    return said


def _read(target: Target, name: str) -> Manifest:
    said: dict[str, Any] = target.read_json(name)
    if said.pop("format", None) != FORMAT:
        raise GatheredUnusable(
            f"{target.said} 里的 {name} 是另一个版本的镇务通写的", "请用同一版本的镇务通汇总和查询。"
        )
    return Manifest(**said)
