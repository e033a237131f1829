"""From a table to staged rows: read, match with what is there, check what is new."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.importing.linediff import differences, misread, value_of
from zhenwu.ledgers.importing.linefinding import LineSource
from zhenwu.ledgers.importing.linereading import read_lines
from zhenwu.ledgers.importing.lostnumbers import propose
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.matching import Matcher
from zhenwu.ledgers.importing.reading import TableReader
from zhenwu.ledgers.importing.staged import Progress, Staged, StagedRow, StagedRows, Status
from zhenwu.ledgers.queries import shown_lines
from zhenwu.ledgers.resolve import Resolver
from zhenwu.ledgers.rules import RowRules, completed
from zhenwu.lib.columns import at_places
from zhenwu.lib.sheets import Table
from zhenwu.packs.runtime import Ledger

__all__ = ["Progress", "Staged", "StagedRow", "StagedRows", "Status", "stage_rows"]


def stage_rows(
    ledger: Ledger, mapping: Sequence[Mapped], table: Table, *, scope: Scope | None, review: str, today: date,
    by: User | None = None, progress: Progress | None = None, lines: Sequence[LineSource] = (),
) -> StagedRows:  # fmt: skip
    """What each row of the table would do. New rows are judged as of `review`.

    `scope`: rows of places outside it are problems, and their stored values are not shown; None = no limit. `by`: links
    lead only to what this person may see. `lines` of child tables join their rows; `orphans` are those of no row.
    """
    total, done = len(table.rows), 0
    steps = sum(1 for one in mapping if one.target) + 2

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(min(total * done // steps, total), total)

    resolver = Resolver(today, by)
    reader = TableReader(ledger, mapping, table, resolver)
    staged = reader.read(step)
    for source in lines:
        read_lines(ledger, source, staged, resolver)
    answered = _answer_key(ledger, staged)
    Matcher(ledger, scope, lambda target: target in answered or reader.has(target)).match(staged)
    step()
    new = [at for at, stored in enumerate(staged.stored) if stored is None and not staged.nos[at]]
    _check_new(ledger, staged, new, scope, review, reader)
    propose(ledger, staged, reader.cells, scope)
    for at in staged.problems:
        staged.statuses[at] = "problem"
    if progress:
        progress(total, total)
    return staged


def _answer_key(ledger: Ledger, staged: StagedRows) -> set[str]:
    """Fill the parts of the natural key that no column says but another answers: a number tells the day of birth."""
    absent = {code for code in ledger.spec.key if code in ledger.stored and code not in staged.values}
    answers = {
        name for code in staged.values if code in ledger.stored for name in ledger.types[code].completes
    } & absent
    if not answers:
        return set()
    blank: dict[str, Sequence[Any]] = {code: [None] * len(staged) for code in answers}
    whole = completed(ledger, staged.values | blank)
    staged.values |= {code: list(whole[code]) for code in answers}
    return answers


def _check_new(
    ledger: Ledger, staged: StagedRows, new: Sequence[int], scope: Scope | None, review: str, reader: TableReader
) -> None:
    """Complete and judge the rows at these places."""
    if not new:
        return
    count = len(new)
    _take_new_lines(ledger, staged, new, scope)
    columns: dict[str, Sequence[Any]] = {code: [value] * count for code, value in reader.defaults().items()}
    columns |= {code: at_places(column, new) for code, column in staged.values.items()}
    initial = ledger.lifecycle.initial if ledger.lifecycle else ""
    states = [state or initial for state in at_places(staged.states, new)]
    places = at_places(staged.divisions, new)
    whole = completed(ledger, columns)
    for code, column in whole.items():
        if column is not columns.get(code) or code not in staged.values:
            filled = staged.values.setdefault(code, [None] * len(staged))
            for at, value in zip(new, column, strict=True):
                filled[at] = value
    found = RowRules(ledger).problems_in(whole, reviews=[review] * count, states=states, places=places)
    outside = _outside(scope, places, whole.get(scope.unit_field) if scope else None)
    for place in sorted({*found, *outside}):
        at = new[place]
        if place in outside:
            staged.problem(at, "division", "只能登记你管辖的村（社区）的记录。")
            continue
        said = {one.field for one in staged.problems.get(at, ())}  # a cell that could not be read is not also empty
        for code, message in found[place]:
            if code not in said:
                staged.problem(at, code, message)


def _take_new_lines(ledger: Ledger, staged: StagedRows, new: Sequence[int], scope: Scope | None) -> None:
    """The lines of new rows as values, each with the defaults of its columns, and in words for the page."""
    shown = shown_lines(ledger, scope) if scope else {code: table.stored for code, table in ledger.children.items()}
    for at in new if staged.lines else ():
        for code, said in staged.lines.get(at, {}).items():
            pairs, table, label = [None] * len(said), ledger.children[code], ledger.types[code].label
            for number, name, why in misread(table, said, pairs):
                staged.problem(at, f"{code}.{number}.{name}", why)
            value = value_of(said, pairs)
            staged.values.setdefault(code, [None] * len(staged))[at] = value
            staged.changes[at] = staged.changes.get(at, {}) | differences(table, label, shown[code], value, ())


def _outside(scope: Scope | None, places: Sequence[Any], units: Sequence[Any] | None) -> set[int]:
    """Which rows say a place where the person may not enter."""
    if scope is None:
        return set()
    homes = list(zip(places, units or [None] * len(places), strict=True))
    closed = {home for home in {*homes} if home[0] is not None and not scope.enters(*home)}
    return {at for at, home in enumerate(homes) if home in closed} if closed else set()
