"""A child table in a form: lines of entries, blank ones to fill, an order number and a tick to remove each.

Works without JavaScript: the button 再加几行 posts the form and gets it back with more blank lines; scripts add and move lines
in the page instead. Posted: `<field>_n` how many lines, and for each `<field>-<i>-<column>`, `-id`, `-was` (its place as shown), `-at` (as
wished), `-drop`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.ledgers.cells import unit_of
from zhenwu.ledgers.entry import Entry, Files, FormField
from zhenwu.ledgers.filters import villages_for
from zhenwu.ledgers.queries import shown_values
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

MOST = 200  # lines of one row that a form takes
_BLANK = 3  # lines to fill in an empty table
_BLANK_MORE = 1  # … and in one that has lines
_MORE = 5  # by the button


@dataclass
class LineColumn:
    label: str
    unit: str
    required: bool
    help: str
    css: str = ""


@dataclass
class FormLine:
    """One line as `_lines.html` shows it. `number` counts from 1 as people read it."""

    prefix: str
    number: int
    id: str
    cells: list[FormField]
    dropped: bool = False

    @property
    def has_errors(self) -> bool:
        return any(cell.errors for cell in self.cells)


@dataclass
class LineTable:
    """What `_lines.html` shows."""

    name: str
    columns: list[LineColumn]
    lines: list[FormLine]
    blank: FormLine  # a template for scripts: `__` stands for the line's number
    most: int = MOST

    @property
    def count(self) -> int:
        return len(self.lines)


@dataclass
class LineForm:
    """The form of one child table of one row. `stored` are its lines in order; none for a new row."""

    kind: FieldType
    table: Ledger
    scope: Scope
    user: User
    today: date
    stored: Sequence[Any] = ()
    problems: list[str] = field(default_factory=list)  # of the table as a whole
    _lines: list["_Line"] = field(default_factory=list)
    _sent: list["_Line"] = field(default_factory=list)  # those that became lines of the value, in its order

    @property
    def kinds(self) -> dict[str, FieldType]:
        """The columns that this person sees; the others stay as they are."""
        return {code: kind for code, kind in self.table.stored.items() if self.scope.shows(kind.spec.privacy)}

    @property
    def _columns(self) -> dict[str, FieldType]:
        """As `kinds`, with the computed columns, in the order of the pack."""
        return shown_values(self.table, self.scope)

    # reading
    def read(self, posted: QueryDict, files: Files) -> list[dict[str, Any]] | None:
        """The lines that were typed, without blank and removed ones, in the order of their places."""
        self._lines = self._posted_lines(posted)
        self._sent, found = [], []
        for line in sorted(self._lines, key=lambda one: one.place):
            values = {code: entry.read_or_note(posted, files) for code, entry in line.entries.items()}
            if line.dropped:
                for entry in line.entries.values():
                    entry.problems.clear()
            elif line.stored is not None or not line.is_blank(posted, files):
                self._sent.append(line)
                found.append({"id": line.stored.pk if line.stored is not None else None} | values)
        for number, line in enumerate(self._sent, 1):
            for entry in line.entries.values():
                entry.problems[:] = [f"第{number}行{problem}" for problem in entry.problems]
        return found or None

    @property
    def has_problems(self) -> bool:
        return bool(self.problems) or any(entry.problems for line in self._lines for entry in line.entries.values())

    def understood(self) -> list[str]:
        return [
            f"“{self.kind.label}”第{number}行{entry.understood}"
            for number, line in enumerate(self._sent, 1)
            for entry in line.entries.values()
            if entry.understood
        ]

    def forget_problems(self) -> None:
        self.problems.clear()
        for line in self._lines:
            for entry in line.entries.values():
                entry.problems.clear()

    def take(self, line: int, column: str, message: str) -> bool:
        """Show a problem of the value's line (from 0) at its cell; False when this form does not show it."""
        entry = self._sent[line].entries.get(column) if line < len(self._sent) else None
        if entry is None:
            return False
        entry.problems.append(message.removeprefix(f"“{self.kind.label}”"))
        return True

    def _posted_lines(self, posted: QueryDict) -> list["_Line"]:
        known = {str(line.pk): line for line in self.stored}
        found = []
        for index in range(self._count(posted)):
            prefix = f"{self.kind.code}-{index}"
            line = known.pop(posted.get(f"{prefix}-id", ""), None)
            at = _place(posted.get(f"{prefix}-at", ""), posted.get(f"{prefix}-was", ""), index + 1)
            found.append(_Line(prefix, self._entries(prefix, line), line, at, bool(posted.get(f"{prefix}-drop"))))
        return found

    def _count(self, posted: QueryDict) -> int:
        said = posted.get(f"{self.kind.code}_n", "")
        return min(int(said), MOST) if said.isascii() and said.isdigit() and len(said) < 6 else 0

    def _entries(self, prefix: str, stored: Any) -> dict[str, Entry]:
        return {
            code: Entry(
                kind, f"{prefix}-{code}", self.user, self.today, stored,
                initial=kind.spec.default if stored is None else None,
                places=list(villages_for(self.scope, self.today)) if kind.is_link and kind.spec.many else (),
            )
            for code, kind in self.kinds.items()
        }  # fmt: skip

    # showing
    def show(self, posted: QueryDict | None, *, more: bool = False) -> LineTable:
        lines = sorted(self._lines, key=lambda one: one.place) if posted is not None else []
        if posted is None:
            for index, line in enumerate(self.stored):
                prefix = f"{self.kind.code}-{index}"
                lines.append(_Line(prefix, self._entries(prefix, line), line, (index + 1, 0)))
        count = 0 if posted is not None else _BLANK_MORE if lines else _BLANK
        if more:
            count = _MORE
        shown = [self._shown(line, posted, number) for number, line in enumerate(lines, 1)]
        for index in range(len(shown), min(len(shown) + count, MOST)):
            prefix = f"{self.kind.code}-{index}"
            shown.append(self._shown(_Line(prefix, self._entries(prefix, None)), None, index + 1))
        prefix = f"{self.kind.code}-__"
        blank = self._shown(_Line(prefix, self._entries(prefix, None)), None, 0)
        return LineTable(self.kind.code, [self._column(kind) for kind in self._columns.values()], shown, blank)

    def _shown(self, line: "_Line", posted: QueryDict | None, number: int) -> FormLine:
        cells = [
            line.entries[code].show(posted, required=False) if code in line.entries else _computed(kind, line)
            for code, kind in self._columns.items()
        ]
        return FormLine(
            line.prefix, number, str(line.stored.pk) if line.stored is not None else "", cells, line.dropped
        )

    def _column(self, kind: FieldType) -> LineColumn:
        required = kind.spec.required is True and not kind.spec.required_when
        says = kind.spec.help or ("自动计算，保存后更新" if not kind.writable else "")
        return LineColumn(kind.label, unit_of(kind), required, says, "num" if kind.align_right else "")


@dataclass
class _Line:
    prefix: str
    entries: dict[str, Entry]
    stored: Any = None
    place: tuple[int, int] = (0, 0)  # where it shall stand among the others
    dropped: bool = False

    def is_blank(self, posted: QueryDict, files: Files) -> bool:
        return all(entry.is_blank(posted, files) for entry in self.entries.values())


def _computed(kind: FieldType, line: _Line) -> FormField:
    """What a formula says of the line as it is stored."""
    shown = FormField(f"{line.prefix}-{kind.code}", kind.label, "computed", unit=unit_of(kind), readonly=True)
    shown.display = kind.show_row(line.stored) if line.stored is not None else ""
    return shown


def _place(wished: str, shown: str, number: int) -> tuple[int, int]:
    """Where a line shall stand: moved up it comes before the line with that number, moved down behind it."""
    was = _number(shown) or number
    at = _number(wished)
    return (was, 0) if at is None else (at, (at > was) - (at < was))


def _number(said: str) -> int | None:
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
