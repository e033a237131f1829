"""Where a workbook tells the lines of child tables: on a sheet of their own that names the row of each line, or in columns
of the main sheet whose other cells are repeated, merged or left blank from line to line."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.importing.mapping import Mapped, map_columns, targets_of
from zhenwu.ledgers.linesheets import NUMBER, POSITION, label_of
from zhenwu.lib.sheets import Cell, Column, DataRow, Sheet, SheetError, Table, beside, find_table
from zhenwu.lib.text import DITTO_MARKS, clean_header
from zhenwu.packs.runtime import Ledger

_POSITIONS = {POSITION, "行号", "行次"}
_BLANK = frozenset(["", None, *DITTO_MARKS])


@dataclass
class LineSource:
    """The lines of one child table as a workbook tells them. `mapping` has the columns of the lines (targets are column
    codes), `parent` those that name the row; `owners` (number of the line's row → number of the main row) stands in place of
    `parent` where the lines stand on the main sheet."""

    code: str
    table: Table
    mapping: list[Mapped]
    parent: list[Mapped] = field(default_factory=list)
    position: int | None = None  # index of the column that says the line's place
    owners: dict[int, int] | None = None

    @property
    def own_sheet(self) -> bool:
        return self.owners is None

    @property
    def left_out(self) -> list[Column]:
        """Columns of a sheet of lines that mean nothing here."""
        said = {one.column.index for one in (*self.mapping, *self.parent)} | {self.position}
        return [one for one in self.table.columns if one.index not in said] if self.own_sheet else []


def is_named_after_lines(ledger: Ledger, name: str) -> bool:
    return any(clean_header(ledger.types[code].label) == clean_header(name) for code in ledger.children)


def line_sheets(
    ledger: Ledger, table: Table, sheets: Sequence[Sheet], scope: Scope | None
) -> tuple[Table, list[LineSource]]:
    """The sheets among these (none of which is the main one) that tell lines; and the main table, which then knows of them."""
    found: list[LineSource] = []
    for sheet in sheets if ledger.children else ():
        for code in ledger.children:
            if code in {one.code for one in found}:
                continue
            if source := _line_sheet(ledger, code, sheet, scope):
                found.append(source)
                break
    if not found:
        return table, found
    table, moved = beside(table, [one.table for one in found])
    return table, [replace(one, table=other) for one, other in zip(found, moved, strict=True)]


def _line_sheet(ledger: Ledger, code: str, sheet: Sheet, scope: Scope | None) -> LineSource | None:
    lines, named = ledger.children[code], clean_header(ledger.types[code].label) == clean_header(sheet.name)
    words = [NUMBER, *_POSITIONS, ledger.spec.place_label]
    words += [kind.label for kind in lines.stored.values()]
    words += [ledger.types[one].label for one in named_by_fields(ledger) if one != "division"]
    try:
        table = find_table(sheet, [*words, *(word for kind in lines.stored.values() for word in kind.spec.aliases)])
    except SheetError as problem:
        if named and problem.code != "no_rows":
            raise
        return None
    source = _mapped(ledger, code, table, scope)
    needed = {name for name, kind in lines.stored.items() if kind.spec.required is True}
    has = {one.target for one in source.mapping}
    names_row = {one.target for one in source.parent} & {"no", *named_by_fields(ledger)}
    if named and not names_row:
        keys = "、".join(label_of_parent(ledger, one) for one in named_by_fields(ledger))
        raise SheetError(
            "no_parent",
            f"工作表“{sheet.name}”没有一列写明每一行属于哪条记录。请加上“{NUMBER}”列（新登记的记录用：{keys}）。",
        )
    return source if named or (names_row and has and needed <= has) else None


def _mapped(ledger: Ledger, code: str, table: Table, scope: Scope | None) -> LineSource:
    shown = {one.partition(".")[2] for one in targets_of(ledger, scope) if one.startswith(f"{code}.")}
    place = next((one for one in table.columns if clean_header(one.label) in _POSITIONS), None)
    columns = [one for one in table.columns if one is not place]
    own = [one for one in map_columns(ledger.children[code], columns) if one.target.partition(":")[0] in shown]
    taken = {one.column.index for one in own}
    rest = [one for one in columns if one.index not in taken]
    named_by = {"no", *named_by_fields(ledger)}
    parent = [one for one in map_columns(ledger, rest) if one.target.partition(":")[0] in named_by]
    return LineSource(code, table, own, parent, place.index if place else None)


def named_by_fields(ledger: Ledger) -> tuple[str, ...]:
    """The fields by which a row is known where it has no number yet."""
    return tuple(ledger.spec.key) or ledger.title


def label_of_parent(ledger: Ledger, code: str) -> str:
    """The header under which the main sheet has such a field."""
    return ledger.spec.place_label if code == "division" else label_of(ledger.types[code])


def split_lines(ledger: Ledger, table: Table, mapping: Sequence[Mapped]) -> tuple[Table, list[LineSource]]:
    """A table whose columns tell lines too, as one row for each row of the ledger, and the lines."""
    codes = [code for code in ledger.children if any(one.target.startswith(f"{code}.") for one in mapping)]
    if not codes:
        return table, []
    own = [one.column.index for one in mapping if one.target and "." not in one.target]
    owners: dict[int, int] = {}
    rows: list[DataRow] = []
    known: dict[tuple[Cell, ...], int] = {}
    above: tuple[Cell, ...] = ()
    for row in table.rows:
        said = tuple(row.cells[index] for index in own)
        if not rows or not all(one in _BLANK or one == there for one, there in zip(said, above, strict=True)):
            above = said
            if said not in known:
                rows.append(row)
                known[said] = row.number
        owners[row.number] = known[above]
    sources = []
    for code in codes:
        columns = [
            Mapped(one.column, one.target.partition(".")[2], one.how)
            for one in mapping
            if one.target.startswith(f"{code}.")
        ]
        lines = [row for row in table.rows if any(row.cells[one.column.index] not in _BLANK for one in columns)]
        sources.append(LineSource(code, replace(table, rows=lines), columns, owners=owners))
    return replace(table, rows=rows), sources
