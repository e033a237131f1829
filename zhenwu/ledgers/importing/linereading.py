"""Lines of a workbook to values, each at the staged row that it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zhenwu.ledgers.importing.linefinding import LineSource
from zhenwu.ledgers.importing.matching import said_column
from zhenwu.ledgers.importing.reading import TableReader
from zhenwu.ledgers.importing.staged import SaidLine, StagedRows
from zhenwu.ledgers.resolve import Resolver
from zhenwu.ledgers.rules import completed
from zhenwu.lib.sheets import DataRow, Table
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Sealed


def read_lines(ledger: Ledger, source: LineSource, staged: StagedRows, resolver: Resolver) -> None:
    """Put the lines of one child table to their rows in `staged`."""
    owners: list[int | None] = []
    for row, owner in zip(source.table.rows, _owners(ledger, source, staged, resolver), strict=True):
        owners.append(owner if isinstance(owner, int) else None)
        if isinstance(owner, str):
            staged.orphans.append((row.number, owner))
    places = [None if at is None else staged.divisions[at] for at in owners]
    reader = TableReader(ledger.children[source.code], source.mapping, source.table, resolver)
    read = reader.read(lambda: None, places=places, of_known=True)
    columns = completed(ledger.children[source.code], read.values)
    positions, defaults = _positions(source), reader.defaults()
    closed = _closed(ledger.children[source.code], source)
    found: dict[int, list[tuple[float, SaidLine, int]]] = {}
    for line, at in enumerate(owners):
        if at is not None:
            values = {code: column[line] for code, column in columns.items()}
            said = SaidLine(
                read.numbers[line], values, positions[line], closed.get(line, {}), read.unread.get(line, {}), defaults
            )
            found.setdefault(at, []).append((_after(positions, owners, line), said, line))
    for at, some in found.items():
        some.sort(key=lambda one: one[0])
        staged.lines.setdefault(at, {})[source.code] = [said for _, said, _ in some]
        for place, (_, _, line) in enumerate(some):
            for problem in read.problems.get(line, ()):
                words = problem.message.partition("行")[2]
                staged.problem(at, f"{source.code}.{place}.{problem.field}", words)


def add_orphans(staged: StagedRows, table: Table) -> Table:
    """Lines that belong to no row become rows with a problem, so that none is passed over."""
    width = max((len(row.cells) for row in table.rows), default=0)
    for number, why in staged.orphans:
        staged.add_empty(number)
        staged.problem(len(staged) - 1, "", why)
        staged.statuses[-1] = "problem"
    return replace(table, rows=[*table.rows, *(DataRow(number, [""] * width) for number, _ in staged.orphans)])


def _owners(ledger: Ledger, source: LineSource, staged: StagedRows, resolver: Resolver) -> list[int | str]:
    """For each line the place of its row in `staged`, or why it has none."""
    if source.owners is not None:
        at = {number: place for place, number in enumerate(staged.numbers)}
        return [at[source.owners[row.number]] for row in source.table.rows]
    reader = TableReader(ledger, source.parent, source.table, resolver)
    named = reader.read(lambda: None)
    by_number = {no: at for at, no in enumerate(staged.nos) if no}
    codes = [one for one in (*ledger.spec.key, *(() if ledger.spec.key else ledger.title)) if reader.has(one)]
    known = _by_key(ledger, codes, staged)
    keys = list(zip(*(said_column(ledger, named, code) for code in codes), strict=True)) or [()] * len(named)
    found: list[int | str] = []
    for line, (no, key) in enumerate(zip(named.nos, keys, strict=True)):
        if no:
            found.append(by_number.get(no, f"写的编号“{no}”在主表里没有：请在主表里也列出这一条，或改正编号。"))
        elif problems := named.problems.get(line):
            found.append(problems[0].message.partition("行")[2])
        elif not any(one is not None for one in key):
            found.append("没有写明属于哪条记录：请填编号；新登记的记录填与主表相同的栏。")
        else:
            found.append(_the_one(known.get(key, ()), ledger, codes))
    return found


def _by_key(ledger: Ledger, codes: Sequence[str], staged: StagedRows) -> Mapping[tuple[Any, ...], list[int]]:
    found: dict[tuple[Any, ...], list[int]] = {}
    for at, key in enumerate(zip(*(said_column(ledger, staged, code) for code in codes), strict=True)):
        found.setdefault(key, []).append(at)
    return found


def _the_one(places: Sequence[int], ledger: Ledger, codes: Sequence[str]) -> int | str:
    if len(places) == 1:
        return places[0]
    labels = "、".join(ledger.spec.place_label if one == "division" else ledger.types[one].label for one in codes)
    if not places:
        return f"写明的{labels}与主表哪一行都对不上：请改成与主表一样，或在主表里补上这一条。"
    return f"写明的{labels}与主表里{len(places)}行都对得上：请用编号写明是哪一条。"


def _positions(source: LineSource) -> list[int | None]:
    if source.position is None:
        return [None] * len(source.table.rows)
    cells = [row.cells[source.position] for row in source.table.rows]
    return [
        int(one) if isinstance(one, int | float) or (isinstance(one, str) and one.isdecimal()) else None
        for one in cells
    ]


def _after(positions: Sequence[int | None], owners: Sequence[int | None], line: int) -> float:
    """Where a line stands among those of its row: by its place if it says one, else behind the line above it."""
    for above in range(line, -1, -1):
        if owners[above] == owners[line] and (place := positions[above]) is not None:
            return place if above == line else place + 0.5
    return 0


def _closed(lines: Ledger, source: LineSource) -> dict[int, dict[str, str]]:
    """{line: {column: what stands there}} of masked numbers."""
    found: dict[int, dict[str, str]] = {}
    for one in source.mapping:
        kind = lines.stored.get(one.target)
        if isinstance(kind, Sealed):
            for at, row in enumerate(source.table.rows):
                if kind.is_masked(said := str(row.cells[one.column.index])):
                    found.setdefault(at, {})[one.target] = said
    return found
