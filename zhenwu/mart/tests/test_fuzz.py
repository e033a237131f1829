"""SQL of packs that tries to reach further: whatever is put where, it is refused, or it runs and finds nothing it should not."""

import random
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from zhenwu.mart.dialect import read
from zhenwu.mart.engine import window
from zhenwu.mart.errors import QueryTooSlow, SqlBroken
from zhenwu.mart.memory import MemoryMart
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder

_MARK = "绝密99"
_ROUNDS = 600
_TABLES = [
    "read_csv('{file}')", "read_text('{file}')", "read_blob('{file}')", "'{file}'", '"{file}"', "glob('{folder}/*')",
    "read_parquet('{file}')", "duckdb_settings()", "duckdb_tables()", "information_schema.tables", "pragma_table_info('person')",
    "query('SELECT 1')", "query_table('secret')", "base.secret", '"base"."secret"', "main.secret", "memory.base.secret", "secret",
    "(FROM '{file}')", "(SUMMARIZE '{file}')", "(DESCRIBE hazard)", "unnest(['{file}'])", "sqlite_scan('{file}', 't')",
    "parquet_metadata('{file}')", "VALUES ('x')", "(TABLE secret)", "(SHOW TABLES)", "range(3)", "lateral (SELECT * FROM secret)",
]  # fmt: skip
_VALUES = [
    "getenv('HOME')", "current_setting('allowed_directories')", "(SELECT content FROM read_text('{file}'))", "file_exists('{file}')",
    "(SELECT word FROM base.secret)", "(FROM secret)", "getvariable('x')", "query('SELECT 1')", "list(columns(*))", "COLUMNS('.*')",
    "(SELECT word FROM secret)", "nextval('s')", "parse_path('{file}')", "CAST('{file}' AS BLOB)", "struct_pack(a := 1)",
    "lambda x: x", "hash('a')", "random()", "now()", "version()", "current_user", "$1", "?", "$p_as_of", "'{file}'::text",
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A mart beside a file and a table that no pack may read."""
    folder: Path = tmp_path_factory.mktemp("outside")
    secret = folder / "secret.csv"
    secret.write_text(f"word\n{_MARK}\n")
    packs = _packs()
    schema = build_schema(packs.packs, packs.parameters)
    hazard = {"id": "h1", "no": "1", "detail": "甲", "review": "approved", "found_on": date(2020, 5, 1)}
    mart = MemoryMart(schema, {"hazard": [hazard]}, packs.parameters)
    mart._connection.execute(f"CREATE TABLE base.secret AS SELECT '{_MARK}' AS word")
    mart._connection.execute(f"CREATE TABLE main.secret AS SELECT '{_MARK}' AS word")
    yield mart, Preparer(schema, packs.packs["hazard"]), secret
    mart.close()


@cache
def _packs() -> PackSet:
    return read_packs([shipped_folder()])


def _seeds() -> list[str]:
    packs = [pack for pack in _packs().packs.values() if pack.ledger.line in ("safety", "party")]
    return [one.sql for pack in packs for one in (*pack.check, *pack.indicator)]


def _mutated(sql: str, chance: random.Random, secret: Path) -> str:
    """One table or one value of the statement replaced by something that reaches further; or text put somewhere."""
    table, value = (
        chance.choice(some).format(file=secret, folder=secret.parent) if "{" in "".join(some) else chance.choice(some)
        for some in (_TABLES, _VALUES)
    )
    way = chance.randrange(5)
    if way == 0:
        at = chance.choice([number for number, letter in enumerate(sql) if letter == " "])
        return f"{sql[:at]} {chance.choice([value, f', {table}', f'UNION ALL SELECT * FROM {table}', '; SELECT 1', '--', '/*'])} {sql[at:]}"
    if way == 1:
        return f"SELECT * FROM {table}"
    if way == 2:
        return f"SELECT {value} AS word FROM hazard"
    text = (
        sql.replace(":as_of", "$p_as_of")
        .replace(":year", "$p_year")
        .replace(":from", "$p_from")
        .replace(":to", "$p_to")
    )
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return sql
    nodes = list(tree.find_all(exp.Table if way == 3 else exp.Column))
    if not nodes:
        return f"SELECT {value} AS word FROM {table}"
    mark = exp.to_table("zzz_mark") if way == 3 else exp.column("zzz_mark")
    chance.choice(nodes).replace(mark)
    said = tree.sql("duckdb").replace("$p_", ":")
    return said.replace("zzz_mark", table if way == 3 else value)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_statement_reads_what_is_not_its_own(world, seed):
    mart, preparer, secret = world
    chance, seeds = random.Random(seed), _seeds()
    refused = ran = 0
    for _ in range(_ROUNDS):
        sql = _mutated(chance.choice(seeds), chance, secret)
        try:
            prepared = preparer.prepare(sql, "fuzz")
        except SqlBroken:
            refused += 1
            continue
        try:
            rows = mart.query(prepared, window(date(2020, 12, 31)) | {"place": None}).to_pylist()
        except (duckdb.Error, QueryTooSlow):
            ran += 1
            continue
        ran += 1
        assert _MARK not in str(rows), sql
        assert str(secret.parent) not in str(rows) or str(secret.parent) in sql, sql
    assert refused > _ROUNDS // 3
    assert ran > 10


def test_what_runs_reads_only_declared_tables(world):
    """The tree that is executed names no table but those that were declared, whatever quotes and comments surround it."""
    _, preparer, _ = world
    tricks = [
        'SELECT * FROM "hazard" -- FROM secret',
        "SELECT * FROM hazard /* '/etc/passwd' */",
        "SELECT ' FROM secret' AS x FROM hazard",
    ]
    for sql in tricks:
        assert read(sql, preparer.schema.tables, "here").tables == {"hazard"}
