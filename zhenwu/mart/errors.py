"""What can be wrong with a pack's SQL, and with asking the mart."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SqlProblem:
    """One thing wrong in one statement: where it stands, what is wrong, what to do."""

    where: str
    cause: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.cause}" + (f" {self.remedy}" if self.remedy else "")


class SqlBroken(Exception):
    """A statement cannot be used. `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[SqlProblem]):
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class QueryTooSlow(Exception):
    """A statement was stopped because it ran longer than the mart allows."""


class EngineMissing(Exception):
    """An engine that is not installed was asked for; says what to install."""

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause, self.remedy = cause, remedy
        super().__init__(f"{cause}：{remedy}")


class QueryFailed(Exception):
    """An engine broke a statement off; says which, and what the engine said."""


class GatheredUnusable(Exception):
    """What was gathered cannot be read, or not together; says what to do."""

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause, self.remedy = cause, remedy
        super().__init__(f"{cause}：{remedy}")


class NotGathered(Exception):
    """A township's part of what was gathered lacks what a statement reads; says what."""
