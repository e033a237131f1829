"""Townships that were gathered, each to be asked like the mart of an instance."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhenwu.divisions.lineage import Way
from zhenwu.mart.errors import GatheredUnusable, NotGathered
from zhenwu.mart.gathered.differences import clashes, differences
from zhenwu.mart.gathered.manifest import Manifest, Shape, newest, read_shape
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.gathered.together import OpenEngine, Together
from zhenwu.mart.places import Places
from zhenwu.mart.schema import MartSchema
from zhenwu.mart.statements import Prepared


class Town:
    """One township: a Source. `lacks` are ledgers whose columns have types that the running packs cannot take, and why."""

    def __init__(self, together: Together, manifest: Manifest, lacks: Mapping[str, str]) -> None:
        self._together, self.manifest, self.lacks = together, manifest, lacks
        self._places: Places | None = None

    @property
    def code(self) -> str:
        return self.manifest.town

    @property
    def name(self) -> str:
        return self.manifest.name

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        for ledger in sorted(prepared.ledgers):
            if ledger not in self.manifest.rows:
                raise NotGathered(f"没有汇总台账 {ledger}")
            if ledger in self.lacks:
                raise NotGathered(f"台账 {ledger} 的版本不同，列的类型对不上：{self.lacks[ledger]}")
        return self._together.answer(self.code, prepared, values, around)

    def places(self, as_of: date) -> Places:
        if self._places is None or self._places.as_of != as_of:
            self._places = self._all_places.on(as_of)
        return self._places

    def turns(self, as_of: date) -> list[date]:
        return self._together.turns(as_of)

    @cached_property
    def _all_places(self) -> Places:
        ways = (
            Way(one["source"], one["target"], one["on"], one["order"], one["whole"], one["pop"], one["land"])
            for one in self._rows("way")
        )
        return Places.build(self._rows("division"), ways, date.max)

    def _rows(self, table: str) -> list[dict[str, Any]]:
        target = self._together.target
        path = target.path(self.manifest.data(table))
        rows: list[dict[str, Any]] = pq.read_table(path, filesystem=target.files, partitioning=None).to_pylist()
        return rows


class Gathered:
    """The townships in a target, as their last gatherings say. `place`: only those whose codes begin so.

    `differs` says in what their tables differ from those of the running packs. Raises GatheredUnusable.
    """

    def __init__(self, target: Target, schema: MartSchema, open_engine: OpenEngine, place: str = "") -> None:
        manifests = newest(target, place)
        if not manifests:
            some = f"代码以 {place} 开头的乡镇" if place else "汇总的乡镇"
            raise GatheredUnusable(f"{target.said} 里没有{some}", "请先用 zhenwu mart gather 汇总。")
        wanted = {name: one.columns for name, one in schema.tables.items() if one.kind != "shared"}
        shapes = {digest: read_shape(target, digest) for digest in sorted({one.shape for one in manifests})}
        lacks = {digest: _lacking(schema, shape, wanted) for digest, shape in shapes.items()}
        self.differs = [
            line for digest, shape in shapes.items()
            for line in _said([one.name for one in manifests if one.shape == digest], differences(shape, wanted))
        ]  # fmt: skip
        self._together: dict[tuple[str, str], Together] = {}
        self.towns: list[Town] = []
        for one in manifests:
            together = self._together.setdefault(
                (one.calendar, one.parameter), Together(target, schema, open_engine, shapes)
            )
            town = Town(together, one, lacks[one.shape])
            together.towns.append(town)
            self.towns.append(town)

    def close(self) -> None:
        for one in self._together.values():
            one.close()


def _lacking(schema: MartSchema, shape: Shape, wanted: Shape) -> dict[str, str]:
    found: dict[str, str] = {}
    for table, columns in shape.items():
        if table in wanted and (other := clashes(columns, wanted[table])):
            found.setdefault(schema.tables[table].ledger, f"{table} 的 {'、'.join(other)}")
    return found


def _said(towns: list[str], lines: list[str]) -> list[str]:
    if not lines:
        return []
    whose = towns[0] + (f"等{len(towns)}个乡镇" if len(towns) > 1 else "")
    return [f"{whose}与现在的台账相比：", *(f"  {one}" for one in lines)]
