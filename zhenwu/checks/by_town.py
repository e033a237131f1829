"""Checks over many townships that were gathered: what is wrong in each. Nothing is recorded: findings belong to the township."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from zhenwu.checks.reconciling import Bad
from zhenwu.checks.registry import registry
from zhenwu.checks.running import bad_rows
from zhenwu.mart.errors import NotGathered, QueryFailed, QueryTooSlow, SqlBroken
from zhenwu.mart.gathered.towns import Town


@dataclass
class TownFindings:
    """`found`: (check, what is wrong); `errors`: (check, why it could not be run here)."""

    town: Town
    found: list[tuple[str, Bad]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def counted(self, severity: str) -> int:
        return sum(bad.severity == severity for _, bad in self.found)


def findings_by_town(
    codes: Sequence[str],
    towns: Iterable[Town],
    *,
    as_of: date,
    progress: Callable[[int, int], None] | None = None,
) -> list[TownFindings]:
    """By check first: one question to the engine serves all townships."""
    every = [TownFindings(town) for town in towns]
    for done, code in enumerate(codes, 1):
        for one in every:
            try:
                bad = bad_rows(registry().prepared(code), as_of, as_of.year, one.town)
            except (SqlBroken, QueryTooSlow, QueryFailed, NotGathered, duckdb.Error) as error:
                one.errors.append((code, str(error)))
                continue
            one.found += [(code, each) for each in bad.values()]
        if progress:
            progress(done, len(codes))
    return every
