"""What can be wrong with packs. Every problem says where it is, what is wrong and what to do; all come at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PackProblem:
    file: str
    where: str  # "field 3 (area)", "line 12", "check HZ-05", …
    cause: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: {self.cause}" + (f" {self.remedy}" if self.remedy else "")


class PacksBroken(Exception):
    """The packs cannot be used. `problems` holds all of them."""

    def __init__(self, problems: Sequence[PackProblem]):
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PacksNotApplied(Exception):
    """The database holds no applied packs yet."""


class ApplyRefused(Exception):
    """The plan loses data that nobody agreed to lose, or cannot be carried out; nothing was changed."""


class RestartNeeded(Exception):
    """Packs were applied by another process: this worker still runs the older ones and must restart."""
