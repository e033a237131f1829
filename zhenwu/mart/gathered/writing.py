"""Puts the mart of this instance's township into a target, next to those of others: whole or not at all, as of one moment."""

# ruff: noqa: S608  names come from the packs' schema

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhenwu.mart.copying import Unit
from zhenwu.mart.errors import GatheredUnusable
from zhenwu.mart.gathered.differences import clashes, differences
from zhenwu.mart.gathered.manifest import (
    DIVISION,
    WAY,
    Manifest,
    Shape,
    calendar_file,
    folder_of,
    made_of,
    newest,
    parameter_file,
    read_shape,
    shape_file,
)
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.memory import arrow_type, to_arrow
from zhenwu.mart.places import Places
from zhenwu.mart.schema import MartSchema, Table
from zhenwu.mart.store import Mart, Reading, home_of

_PAGE = 65_536
_LEFT = 86_400  # seconds after which a gathering without its manifest was left by a process that is no more

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Gathering:
    """What was done. `differs`: in what the tables differ from those of other townships there."""

    manifest: Manifest
    rows: int
    differs: list[str] = field(default_factory=list)


class OtherVersion(GatheredUnusable):
    """The tables there are of another version. `lines` say in what they differ; `never`: they cannot be mixed at all."""

    def __init__(self, lines: list[str], never: bool) -> None:
        self.lines, self.never = lines, never
        if never:
            remedy = "同名的列类型不同，放在一起没法比较。请让各乡镇用同一版本的台账，再汇总。"
        else:
            remedy = "请让各乡镇用同一版本的台账，再汇总；确要混用请加 --mixed，缺的列按空值处理。"
        super().__init__("台账与已汇总的乡镇不是同一版本，没有写入", "\n".join([*lines, remedy]))


def gather(
    mart: Mart,
    target: Target,
    *,
    units: Collection[str],
    packs: str,
    mixed: bool = True,
    keep_seconds: int = 3600,
    progress: Progress | None = None,
) -> Gathering:
    """`units`: whose tables. `mixed`: also beside townships with tables of another version. What this township had there
    before is removed `keep_seconds` after it was superseded: someone may be reading it.

    Raises OtherVersion, GatheredUnusable.
    """
    schema = mart.schema
    chosen = [Unit.of(schema, code) for code in sorted(set(units))]
    with mart.reading([unit.code for unit in chosen]) as now:
        home = home_of(now.places.divisions.values())
        if home is None:
            raise GatheredUnusable("这个实例还没有乡镇的区划", "请先导入区划，再汇总。")
        town, made = str(home["code"]), time.time_ns()
        shape = _shape(schema, chosen)
        differs = _differences(target, town, shape, mixed)
        for folder in ("shared", f"towns/{town}", folder_of(town, made)):
            target.make_folder(folder)
        done = Manifest(
            town, str(home["name"]), made, packs, _digest(shape), _shared(target, now, "calendar", calendar_file),
            _shared(target, now, "parameter", parameter_file), {},
        )  # fmt: skip
        if not target.is_there(shape_file(done.shape)):
            target.write_json(shape_file(done.shape), shape)
        rows: dict[str, int] = {}
        for number, unit in enumerate(chosen, 1):
            for table in unit.tables:
                rows[table.name] = _put(target, now, unit, table, done.data(table.name))
            if progress:
                progress(number, len(chosen))
        _put_places(target, now.places, done)
    manifest = Manifest(**{**vars(done), "rows": rows})
    manifest.write(target)
    _tidy(target, town, keep_seconds)
    return Gathering(manifest, sum(rows.values()), differs)


def _put(target: Target, now: Reading, unit: Unit, table: Table, name: str) -> int:
    """The copy as it lies where nothing is laid over it. A table without rows gets no file."""
    copy, changed = now.copy_of(unit.code)
    if not changed:
        rows = int(pq.read_metadata(copy.paths[table.name]).num_rows)
        if rows:
            target.take_in(copy.paths[table.name], name)
        return rows
    rows = int(now.look_up(f'SELECT count(*) AS n FROM base."{table.name}"', {}).column("n")[0].as_py())
    if rows:
        schema = pa.schema([(column, arrow_type(kind)) for column, kind in table.columns.items()])
        pages = now.pages(table.name, _PAGE)
        _write(target, name, schema, (pa.Table.from_batches([page]).cast(schema) for page in pages))
    return rows


def _put_places(target: Target, places: Places, done: Manifest) -> None:
    ways = [way for events in places.lineage.out.values() for ways in events for way in ways]
    said = [
        {"source": one.source, "target": one.target, "on": one.on, "order": one.order, "whole": one.whole, "pop": one.pop, "land": one.land}
        for one in ways
    ]  # fmt: skip
    for name, columns, rows in (("division", DIVISION, list(places.divisions.values())), ("way", WAY, said)):
        data = to_arrow(columns, rows)
        _write(target, done.data(name), data.schema, [data])


def _write(target: Target, name: str, schema: pa.Schema, pages: Iterable[pa.Table]) -> None:
    with (
        target.writing(name) as path,
        pq.ParquetWriter(path, schema, filesystem=target.files, compression="zstd") as file,
    ):
        for page in pages:
            file.write_table(page, row_group_size=_PAGE)


def _shared(target: Target, now: Reading, table: str, named: Callable[[str], str]) -> str:
    """A table that most townships have in common is there once; returns its digest."""
    data = now.look_up(f'SELECT * FROM base."{table}" ORDER BY ALL', {})
    digest = _digest(data.to_pylist())
    if not target.is_there(named(digest)):
        _write(target, named(digest), data.schema, [data])
    return digest


def _shape(schema: MartSchema, units: Iterable[Unit]) -> Shape:
    return {table.name: dict(table.columns) for unit in units for table in unit.tables}


def _differences(target: Target, town: str, shape: Shape, mixed: bool) -> list[str]:
    """Raises OtherVersion."""
    others: dict[str, list[str]] = {}
    for one in newest(target):
        if one.town != town and one.shape != _digest(shape):
            others.setdefault(one.shape, []).append(one.town)
    lines, never = [], False
    for digest, towns in others.items():
        there = read_shape(target, digest)
        if found := differences(shape, there):
            lines += [
                f"与{towns[0]}{f'等{len(towns)}个乡镇' if len(towns) > 1 else ''}相比：",
                *(f"  {one}" for one in found),
            ]
            never = never or any(_never(shape[table], there[table]) for table in shape.keys() & there.keys())
    if lines and (never or not mixed):
        raise OtherVersion(lines, never)
    return lines


def _never(own: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether a column has types of which neither can take the other's values."""
    return bool(set(clashes(own, other)) & set(clashes(other, own)))


def _tidy(target: Target, town: str, keep_seconds: int) -> None:
    """Remove what has been superseded long enough, and what was never finished."""
    now = time.time_ns()
    whole = sorted(made for code, made in made_of(target) if code == town)
    gone = [made for made, newer in pairwise(whole) if newer <= now - keep_seconds * 1_000_000_000]
    target.remove(f"towns/{town}/{made}.json" for made in gone)  # first: nobody begins to read it any more
    left = [
        int(made) for made in target.folders(f"data/town={town}")
        if made.isdigit() and int(made) not in whole and int(made) < now - _LEFT * 1_000_000_000
    ]  # fmt: skip
    for made in (*gone, *left):
        target.remove_folder(folder_of(town, made))


def _digest(value: Any) -> str:
    said = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def needed_units(schema: MartSchema, ledgers: Sequence[str]) -> list[str]:
    """The units of these ledgers; of all when none is named."""
    return [unit for unit in schema.units if not ledgers or schema.tables[unit].ledger in ledgers]
