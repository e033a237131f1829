"""From a table to staged rows: read, match with what is there, check what is new."""

from collections.abc import Sequence
from datetime import date

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.matching import Matcher
from zhenwu.ledgers.importing.reading import TableReader
from zhenwu.ledgers.importing.staged import Progress, Staged, StagedRow, Status
from zhenwu.ledgers.resolve import Resolver
from zhenwu.ledgers.rules import RowRules
from zhenwu.lib.sheets import Table
from zhenwu.packs.runtime import Ledger

__all__ = ["Progress", "Staged", "StagedRow", "Status", "stage_rows"]


def stage_rows(
    ledger: Ledger, mapping: Sequence[Mapped], table: Table, *, scope: Scope | None, review: str, today: date,
    by: User | None = None, progress: Progress | None = None,
) -> list[StagedRow]:  # fmt: skip
    """What each row of the table would do. New rows are judged as of `review`.

    `scope`: rows of places outside it are problems, and their stored values are not shown; None = no limit. `by`: links
    lead only to what this person may see.
    """
    total, done = len(table.rows), 0
    steps = sum(1 for one in mapping if one.target) + 2

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(min(total * done // steps, total), total)

    reader = TableReader(ledger, mapping, table, Resolver(today, by))
    staged = reader.read(step)
    Matcher(ledger, scope, reader.has).match(staged)
    step()
    _check_new(ledger, [one for one in staged if one.row is None and not one.no], scope, review, reader)
    for one in staged:
        if one.problems:
            one.status = "problem"
    if progress:
        progress(total, total)
    return staged


def _check_new(ledger: Ledger, new: Sequence[StagedRow], scope: Scope | None, review: str, reader: TableReader) -> None:
    rules = RowRules(ledger)
    initial = ledger.lifecycle.initial if ledger.lifecycle else ""
    completing = [(code, kind) for code, kind in ledger.stored.items() if kind.completes]
    defaults = reader.defaults()
    for one in new:
        if (
            one.division is not None
            and scope is not None
            and not scope.enters(one.division, one.values.get(scope.unit_field))
        ):
            one.problem("division", "只能登记你管辖的村（社区）的记录。")
            continue
        if defaults:
            one.values = defaults | one.values
        for code, kind in completing:
            if code in one.values:
                values = dict.fromkeys(ledger.stored) | one.values
                kind.complete(values)
                one.values = {name: value for name, value in values.items() if value is not None}
        said = {problem.field for problem in one.problems}  # a cell that could not be read is not also empty
        found = rules.problems(one.values, review=review, state=one.state or initial, place=one.division)
        for code, message in found:
            if code not in said:
                one.problem(code, message)
