"""What the packs say about a demo township, run in memory without a database: findings and figures."""

from typing import Any

from zhenwu.checks.case_rows import mart_rows
from zhenwu.checks.messages import key_text
from zhenwu.checks.packs import statements_of
from zhenwu.config.demo import places
from zhenwu.config.demo.build import Demo, Figure
from zhenwu.indicators.aggregate import grouping_sql, groups_of, value_of
from zhenwu.mart.engine import window
from zhenwu.mart.memory import MemoryMart
from zhenwu.mart.schema import build_schema
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import Case

Finding = tuple[str, tuple[str, ...]]  # full code, subject


class Inspection:
    """The demo's rows in a mart, as if imported from rosters early in January. Close it when done."""

    def __init__(self, demo: Demo, pack_set: PackSet) -> None:
        self.demo, self.pack_set = demo, pack_set
        self._schema = build_schema(pack_set.packs, pack_set.parameters)
        self._window = window(demo.oracle.as_of)
        rows, problems = mart_rows(_as_case(demo, pack_set), pack_set.packs, self._schema, demo.oracle.as_of)
        if problems:
            raise ValueError("\n".join(problems))
        self._mart = MemoryMart(self._schema, rows, pack_set.parameters)
        self._statements = {code: statements_of(self._schema, pack) for code, pack in pack_set.packs.items()}

    def findings(self) -> dict[Finding, dict[str, Any]]:
        """Every finding with the row that its message is made of."""
        found: dict[Finding, dict[str, Any]] = {}
        for statements in self._statements.values():
            for check in statements.checks.values():
                for row in self._mart.query(check.bad, self._window).to_pylist():
                    found[check.full_code, tuple(key_text(row[name]) for name in check.subject)] = row
        return found

    def figures(self) -> dict[str, Figure]:
        """By code; where an indicator has parts, by code and by code.part for every part that occurs."""
        found: dict[str, Figure] = {}
        for statements in self._statements.values():
            for code, indicator in statements.indicators.items():
                groups = groups_of(
                    self._mart.query(indicator.prepared, self._window, grouping_sql(indicator)).to_pylist()
                )
                found[code] = value_of(indicator.spec, groups)
                if indicator.spec.by:
                    for part in {one.part for one in groups if one.part is not None}:
                        found[f"{code}.{part}"] = value_of(indicator.spec, [one for one in groups if one.part == part])
        return found

    def close(self) -> None:
        self._mart.close()


def _as_case(demo: Demo, pack_set: PackSet) -> Case:
    rows: dict[str, Any] = {
        ledger: tuple(
            {"source": "import"} | {code: value for code, value in row.items() if value is not None} for row in some
        )
        for ledger, some in demo.rows.items()
        if ledger in pack_set.packs
    }
    ended = dict.fromkeys(demo.merger.sources, demo.merger.day)
    new = places.Place(demo.merger.code, demo.merger.name, "village", places.TOWN, demo.merger.day)
    rows["division"] = tuple(
        {
            "id": one.code, "code": one.code, "name": one.name, "level": one.level, "parent": one.parent or None,
            "valid_from": one.valid_from, "valid_to": ended.get(one.code),
            "community": one.level == "village" and one.code[9:] < "200",
        }
        for one in (*demo.divisions, new)
    )  # fmt: skip
    rows["div_now"] = tuple({"division": code, "now": demo.merger.code} for code in demo.merger.sources)
    return Case.model_construct(name="demo", as_of=demo.oracle.as_of.isoformat(), rows=rows)
