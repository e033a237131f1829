"""All statements of one pack, checked together; every problem at once."""

from dataclasses import dataclass, field

from zhenwu.checks.kinds import every_preparation
from zhenwu.checks.prepared import PreparedCheck, column_problems
from zhenwu.indicators import prepared as indicators
from zhenwu.indicators.prepared import PreparedIndicator, prepare_indicator
from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.memory import Binder
from zhenwu.mart.schema import MartSchema
from zhenwu.mart.statements import Preparer
from zhenwu.packs.spec import PackSpec


@dataclass
class PackStatements:
    """What of a pack can run, and what is wrong with the rest."""

    checks: dict[str, PreparedCheck] = field(default_factory=dict)  # with coverages and policies, by code in the pack
    indicators: dict[str, PreparedIndicator] = field(default_factory=dict)
    problems: list[SqlProblem] = field(default_factory=list)

    def ledgers(self) -> set[str]:
        every = [one.bad for one in self.checks.values()] + [one.prepared for one in self.indicators.values()]
        return {ledger for prepared in every for ledger in prepared.ledgers}


def statements_of(schema: MartSchema, pack: PackSpec, file: str = "", binder: Binder | None = None) -> PackStatements:
    """With a binder, columns and types are checked as well: slower, for authors and tests."""
    preparer = Preparer(schema, pack, file)
    found = PackStatements()
    for spec, prepare in every_preparation(preparer):
        try:
            check = prepare()
        except SqlBroken as broken:
            found.problems += broken.problems
            continue
        problems = list(column_problems(check, binder)) if binder else []
        found.problems += problems
        if not problems:
            found.checks[spec.code] = check
    for spec in pack.indicator:
        try:
            indicator = prepare_indicator(preparer, spec)
        except SqlBroken as broken:
            found.problems += broken.problems
            continue
        problems = list(indicators.column_problems(indicator, binder)) if binder else []
        found.problems += problems
        if not problems:
            found.indicators[spec.code] = indicator
    found.problems = list(
        dict.fromkeys(found.problems)
    )  # a broken coverage is met again by every statement that uses it
    return found
