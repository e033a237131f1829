"""A coverage matrix as the table of its page: what is there leads to its row, what is missing to its finding."""

import json
import uuid
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import rights_of
from zhenwu.checks.access import findings_listed_for
from zhenwu.checks.models import WAITING
from zhenwu.checks.queries import Cell, Matrix, coverage_matrix
from zhenwu.checks.registry import registry
from zhenwu.indicators.links import names_of_rows


@dataclass(frozen=True)
class HeatCell:
    """`heat` None is hatched (missing), "" is not expected at all."""

    text: str = ""
    url: str = ""
    heat: str | None = ""
    says: str = ""


@dataclass(frozen=True)
class HeatRow:
    label: str
    cells: list[HeatCell]
    met: int
    expected: int


@dataclass(frozen=True)
class Heat:
    matrix: Matrix
    rows: list[HeatRow]
    totals: list[str]  # per column, met/expected

    @property
    def missing(self) -> int:
        return self.matrix.expected - self.matrix.met


def heat_of(user: User, code: str, *, as_of: date) -> Heat:
    """Village roles see only what is expected in their places."""
    rights = rights_of(user)
    matrix = coverage_matrix(code, as_of=as_of, places=None if rights.whole_town else rights.village_places)
    check = registry().prepared(code)
    firsts = [uuid.UUID(cell.rows[0]) for cell in matrix.cells.values() if cell.rows]
    own = names_of_rows(user, [(ledger, row) for ledger in check.bad.ledgers for row in firsts])
    findings = _findings(user, code, check.subject.index(check.down), check.subject.index(check.across))
    listed = f"{reverse('checks:index')}?check={code}"

    def cell_at(here: tuple[str, str]) -> HeatCell:
        cell = matrix.cells.get(here)
        if cell is None:
            return HeatCell()
        where = f"{matrix.down[here[0]]} · {matrix.across[here[1]]}"
        if cell.met == 0:
            return HeatCell("缺", findings.get(here, listed), None, f"{where}：缺")
        name = own.get(uuid.UUID(cell.rows[0])) if cell.rows else None
        if cell.is_full:
            return HeatCell(
                "有" if cell.expected == 1 else f"{cell.met}/{cell.expected}", name.url if name else "", "4", where
            )
        return HeatCell(
            f"{cell.met}/{cell.expected}",
            findings.get(here, listed),
            "2",
            f"{where}：缺{cell.expected - cell.met}",
        )

    rows = []
    for down, label in matrix.down.items():
        cells = [found for across in matrix.across if (found := matrix.cells.get((down, across)))]
        shown = [cell_at((down, across)) for across in matrix.across]
        rows.append(HeatRow(label, shown, *_sums(cells)))
    totals = []
    for across in matrix.across:
        met, expected = _sums([found for down in matrix.down if (found := matrix.cells.get((down, across)))])
        totals.append(f"{met}/{expected}")
    return Heat(matrix, rows, totals)


def _findings(user: User, code: str, down: int, across: int) -> dict[tuple[str, str], str]:
    """{cell: page of its finding}; a cell of which several things are missing is left to the list."""
    found: dict[tuple[str, str], list[str]] = {}
    waiting = findings_listed_for(user).filter(check_code=code, status__in=WAITING)
    for subject, pk in waiting.values_list("subject", "pk"):
        said = json.loads(subject)
        found.setdefault((said[down], said[across]), []).append(reverse("checks:finding", args=[pk]))
    return {here: pages[0] for here, pages in found.items() if len(pages) == 1}


def _sums(cells: list[Cell]) -> tuple[int, int]:
    return sum(cell.met for cell in cells), sum(cell.expected for cell in cells)
