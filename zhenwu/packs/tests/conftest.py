"""Small packs of the tests' own, in temporary folders and with ledger codes that no shipped pack has."""

from pathlib import Path

import pytest
from django.db import connection

from zhenwu.packs import runtime
from zhenwu.packs.apply import applied_hash, apply
from zhenwu.packs.builder import private_registry
from zhenwu.packs.reader import PackSet, read_packs

LEDGER = """
[ledger]
code = "{code}"
label = "试验台账"
line = "safety"
prefix = "{prefix}"
one_row = "一处"
unit = "应急办"
source = "试验"
place_required = false
"""


def pack(code: str, *fields: str, prefix: str = "SY", more: str = "", ledger: str = "") -> str:
    """The text of a pack; a field is the inside of its table."""
    tables = "\n".join(f"[[field]]\n{one}\n" for one in fields)
    return f"{LEDGER.format(code=code, prefix=prefix)}{ledger}\n{tables}\n{more}"


def text(number: int, code: str, **said: object) -> str:
    keys = {"id": number, "code": f'"{code}"', "label": f'"{code}的名称"', "type": '"text"'} | said
    return "\n".join(f"{key} = {value}" for key, value in keys.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own" / "packs"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def write(folder: Path):
    """`write(a=pack(…))` writes a.toml and leaves no other file; returns the folder."""

    def written(**files: str) -> Path:
        for old in folder.glob("*.toml"):
            old.unlink()
        for name, said in files.items():
            (folder / f"{name}.toml").write_text(said, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def applying(committing, write):
    """`applying(a=pack(…))` applies these packs beside the shipped ones; `agreed=True` as a person would. The tables go
    away with the test."""

    shipped = runtime.packs()

    def wanted(**files: str) -> PackSet:
        own = read_packs([write(**files)])
        return PackSet(shipped.packs | own.packs, shipped.parameters)

    def applied(*, agreed: bool = False, **files: str):
        return apply(wanted(**files), agreed=agreed)

    applied.wanted = wanted
    yield applied
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith("lg_trial")]
        for name in sorted(names, reverse=True):  # child tables before their ledgers
            cursor.execute(f'DROP TABLE "{name}"' + (" CASCADE" if connection.vendor == "postgresql" else ""))


@pytest.fixture
def running(applying, monkeypatch):
    """`running(a=pack(…))` applies the packs and runs them in this process, as a worker that was started anew."""

    def run(*, agreed: bool = False, **files: str):
        applying(agreed=agreed, **files)
        packs = applying.wanted(**files)
        registry = private_registry()
        ledgers = {
            code: runtime.ledger_of(one, registry) for code, one in packs.packs.items() if code.startswith("trial")
        }
        monkeypatch.setattr(runtime, "_running", runtime.Running(packs, applied_hash(), ledgers))
        return ledgers

    yield run
    monkeypatch.undo()
