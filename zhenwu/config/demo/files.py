"""The demo township as files: plan, rosters in order of import, and the answers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhenwu.config.demo.build import Demo
from zhenwu.config.demo.plan_document import write_plan
from zhenwu.config.demo.rosters import Roster, Rosters
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder

PLAN_FILE, ORACLE_FILE, MANIFEST_FILE = "plan-2020.docx", "oracle.json", "manifest.json"


def write_files(demo: Demo, folder: Path, pack_set: PackSet | None = None) -> list[Roster]:
    """Writes plan-2020.docx, one workbook per ledger, oracle.json and manifest.json; returns the sheets in the order in
    which they must be imported. `pack_set` says the headers (the shipped packs by default)."""
    folder.mkdir(parents=True, exist_ok=True)
    rosters = Rosters(demo, pack_set or read_packs([shipped_folder()])).write(folder)
    write_plan(folder / PLAN_FILE)
    _json(folder / ORACLE_FILE, oracle_as_json(demo))
    _json(folder / MANIFEST_FILE, [vars(one) for one in rosters])
    return rosters


def oracle_as_json(demo: Demo) -> dict[str, Any]:
    """Figures as strings (a decimal keeps its digits), null for “—”."""
    oracle = demo.oracle
    return {
        "as_of": oracle.as_of.isoformat(),
        "seed": demo.seed,
        "persons": demo.persons,
        "planted": [vars(one) for one in oracle.planted],
        "spared": [vars(one) for one in oracle.spared],
        "figures": {
            code: None if value is None else format(Decimal(value), "f")
            for code, value in sorted(oracle.figures.items())
        },
        "rows": {ledger: len(rows) for ledger, rows in demo.rows.items()},
    }


def _json(path: Path, said: Any) -> None:
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
