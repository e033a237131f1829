"""Many townships' marts in one place: each says what it says alone, whole or not at all, and versions are never mixed unsaid."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow.fs as pafs
import pytest

from zhenwu.ledgers.operations import Edit
from zhenwu.mart.engine import window
from zhenwu.mart.errors import EngineMissing, GatheredUnusable, NotGathered
from zhenwu.mart.gathered.differences import differences, fits
from zhenwu.mart.gathered.duck import DuckTowns
from zhenwu.mart.gathered.manifest import Manifest, newest
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.gathered.towns import Gathered
from zhenwu.mart.gathered.writing import OtherVersion, gather, needed_units
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.mart.store import Mart
from zhenwu.mart.tests.hazards import hazard, record
from zhenwu.packs import runtime

DAY = window(date(2020, 12, 31))
OTHER = "519999101000"
SQL = """SELECT h.detail, h.fund, d.name, wd_add(h.found_on, 3) AS due, p.num FROM hazard h JOIN division d ON d.id = h.division
  LEFT JOIN parameter p ON p.code = 'privacy.small_cell' ORDER BY h.detail"""


@pytest.fixture
def store(tmp_path: Path, db) -> Iterator[Mart]:
    packs = runtime.packs()
    made = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))
    yield made
    made.close()


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target.of(str(tmp_path / "county"))


def prepare(store: Mart, sql: str) -> Prepared:
    return Preparer(store.schema, runtime.packs().packs["hazard"]).prepare(sql, "test")


def gathered_in(store: Mart, target: Target, **options):
    return gather(store, target, units=needed_units(store.schema, ["hazard"]), packs="p", **options)


def opened(store: Mart, target: Target, **options) -> Gathered:
    return Gathered(target, store.schema, DuckTowns, **options)


def neighbour(target: Target, code: str = OTHER, **changed) -> Manifest:
    """What the last gathering put there, as that of another township too."""
    [one] = newest(target, "519999100000")
    other = replace(one, town=code, name="白石镇", **changed)
    shutil.copytree(target.path(one.folder), target.path(other.folder))
    target.make_folder(f"towns/{code}")
    other.write(target)
    return other


def test_each_township_says_what_it_says_alone(store, target, lin, places):
    record(lin, hazard(places["青山村"], "甲", fund=5))
    gathered_in(store, target)
    neighbour(target)
    alone = store.query(prepare(store, SQL), DAY).to_pylist()
    change = record(lin, hazard(places["河口村"], "乙"))
    first = runtime.ledger("hazard").rows("test").exclude(change=change).get()
    record(lin, Edit(first.pk, first.version, {"fund": 7}))
    gathered_in(store, target)  # now with rows laid over the copy
    county = opened(store, target)
    own, other = county.towns
    assert (own.code, own.name, other.name) == ("519999100000", "青石镇", "白石镇")
    assert own.query(prepare(store, SQL), DAY).to_pylist() == store.query(prepare(store, SQL), DAY).to_pylist()
    assert {row["fund"] for row in own.query(prepare(store, SQL), DAY).to_pylist()} == {7, None}
    assert other.query(prepare(store, SQL), DAY).to_pylist() == alone
    assert (own.places(DAY["as_of"]).div_now(), county.differs) == (store.places(DAY["as_of"]).div_now(), [])
    county.close()
    assert [town.code for town in opened(store, target, place="519999101000").towns] == [OTHER]
    assert len(opened(store, target, place="519999000000").towns) == 2


def test_readers_see_the_old_or_the_new_and_never_half(store, target, lin, places, monkeypatch):
    record(lin, hazard(places["青山村"], "甲"))
    gathered_in(store, target)
    before = opened(store, target)
    record(lin, hazard(places["青山村"], "乙"))
    with monkeypatch.context() as broken:
        broken.setattr(Manifest, "write", lambda *_: 1 / 0)  # the process ends before the last step
        with pytest.raises(ZeroDivisionError):
            gathered_in(store, target)
    [half] = set(target.folders("data/town=519999100000")) - {str(newest(target)[0].made)}
    rows = prepare(store, "SELECT detail FROM hazard")
    assert opened(store, target).towns[0].query(rows, DAY).num_rows == 1
    gathered_in(store, target)
    assert before.towns[0].query(rows, DAY).num_rows == 1  # whoever reads the old one goes on
    assert opened(store, target).towns[0].query(rows, DAY).num_rows == 2
    gathered_in(store, target, keep_seconds=0)
    assert set(target.folders("data/town=519999100000")) == {str(newest(target)[0].made), half}
    os.rename(target.path(f"data/town=519999100000/{half}"), target.path("data/town=519999100000/1"))  # long ago
    gathered_in(store, target, keep_seconds=0)
    assert target.folders("data/town=519999100000") == [str(newest(target)[0].made)]


def test_versions_are_not_mixed_unsaid(store, target, lin, places):
    record(lin, hazard(places["青山村"], "甲", fund=5))
    gathered_in(store, target)
    [own] = newest(target)
    shape = target.read_json(f"shared/shape-{own.shape}.json")
    del shape["hazard"]["finder"]
    shape["hazard"]["mood"] = "VARCHAR"
    target.write_json("shared/shape-older.json", shape)
    neighbour(target, shape="older")
    with pytest.raises(OtherVersion) as refused:
        gathered_in(store, target, mixed=False)
    assert "hazard：少mood；多finder" in refused.value.remedy
    assert newest(target, "519999100000") == [own]  # nothing was written
    assert "  hazard：少mood；多finder" in gathered_in(store, target, mixed=True).differs
    county = opened(store, target)
    assert county.differs == ["白石镇与现在的台账相比：", "  hazard：少finder；多mood"]
    rows = [town.query(prepare(store, "SELECT detail, finder FROM hazard"), DAY).to_pylist() for town in county.towns]
    assert rows == [[{"detail": "甲", "finder": "张青"}], [{"detail": "甲", "finder": None}]]
    shape["hazard"]["fund"] = "VARCHAR"
    target.write_json("shared/shape-other.json", shape)
    neighbour(target, "519999102000", shape="other")
    with pytest.raises(OtherVersion) as refused:
        gathered_in(store, target, mixed=True)  # values of different types cannot stand side by side
    assert refused.value.never
    with pytest.raises(NotGathered, match="fund"):
        opened(store, target).towns[-1].query(prepare(store, "SELECT detail FROM hazard"), DAY)


def test_what_was_not_gathered_is_unknown_and_not_empty(store, target, lin, places):
    record(lin, hazard(places["青山村"], "甲"))
    gathered_in(store, target)
    with pytest.raises(NotGathered, match="site_none"):
        opened(store, target).towns[0].query(prepare(store, "SELECT id FROM site_none"), DAY)
    with pytest.raises(GatheredUnusable, match="5101"):
        opened(store, target, place="5101")


def test_a_place_that_is_no_folder_of_this_machine(store, lin, places):
    """An object store, as far as the code goes: read through Arrow, without an extension of DuckDB."""
    away = Target("mock://county", pafs._MockFileSystem(datetime(2020, 1, 1)), "county", "mock://county")
    record(lin, hazard(places["青山村"], "甲", fund=5))
    gathered_in(store, away)
    [town] = opened(store, away).towns
    assert town.query(prepare(store, SQL), DAY).to_pylist() == store.query(prepare(store, SQL), DAY).to_pylist()
    gathered_in(store, away, keep_seconds=0)
    assert len(away.folders("data/town=519999100000")) == 1


def test_addresses(tmp_path):
    there = Target.of(f"file://{tmp_path}/县%20里")
    assert (there.folder, there.spark) == (tmp_path / "县 里", f"file://{tmp_path}/县 里")
    for said, remedy in (("file://host/x", "file:///"), ("oss://x/y", "s3a://"), ("ftp://x", "s3a://")):
        with pytest.raises(EngineMissing) as refused:
            Target.of(said)
        assert remedy in refused.value.remedy


def test_what_another_version_of_the_program_wrote_is_refused(store, target, lin, places):
    gathered_in(store, target)
    [own] = newest(target)
    file = Path(target.path(own.file))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    with pytest.raises(GatheredUnusable, match="另一个版本"):
        newest(target)


@pytest.mark.parametrize(
    ("given", "wanted", "fit"),
    [
        ("INTEGER", "BIGINT", True), ("BIGINT", "INTEGER", False), ("DECIMAL(10,2)", "DECIMAL(18,4)", True),
        ("DECIMAL(18,2)", "DECIMAL(18,4)", False), ("VARCHAR", "DATE", False), ("DATE", "DATE", True),
    ],
)  # fmt: skip
def test_which_types_fit(given, wanted, fit):
    assert fits(given, wanted) is fit


def test_differences_name_few_columns():
    many = {f"c{n}": "DATE" for n in range(9)}
    assert differences({"t": {}, "only": {}}, {"t": many}) == ["t：少c0、c1、c2、c3、c4、c5等9列"]
