"""Why a ledger refuses. Messages are for people at work; the view decides the answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass


class LedgerError(Exception):
    """Anything that a ledger refuses; nothing was written."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong in one row. `at` is the place in the change (0 = first) or the sheet row of an import."""

    at: int
    field: str  # field code; "" for the row as a whole
    message: str


class CommitRefused(LedgerError):
    """The rows break rules. `problems` holds all of them."""

    def __init__(self, problems: Sequence[RowProblem]):
        self.problems = list(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))


class Conflict(LedgerError):
    """Someone else changed a row in the meantime."""

    def __init__(self, rows: Sequence[uuid.UUID], message: str):
        self.rows = list(rows)
        super().__init__(message)


class NotAllowed(LedgerError):
    """The user has no right to do this here."""


class ApprovalNeeded(LedgerError):
    """The export holds personal values: another person has to approve it. The message says why."""
