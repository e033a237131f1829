"""Every shipped pack: its SQL is allowed and fits the tables, and every case comes out as it says."""

from collections.abc import Iterator
from typing import Any

import pytest

from zhenwu.checks.cases import CaseRunner
from zhenwu.packs.reader import read_packs_with_problems, shipped_folder
from zhenwu.packs.spec import Case, PackSpec

_PACKS, _PROBLEMS = read_packs_with_problems([shipped_folder()])
_CASES = [
    pytest.param(pack, case, id=f"{code}: {case.name}") for code, pack in _PACKS.packs.items() for case in pack.case
]


@pytest.fixture(scope="module")
def runner() -> Iterator[CaseRunner]:
    runner = CaseRunner(_PACKS)
    yield runner
    runner.close()


def test_every_pack_can_be_read() -> None:
    assert [str(problem) for problem in _PROBLEMS] == []


@pytest.mark.parametrize("code", sorted(_PACKS.packs))
def test_every_statement_of_the_pack_may_run(code: str, runner: CaseRunner) -> None:
    assert [str(problem) for problem in runner.sql_problems(_PACKS.packs[code])] == []


@pytest.mark.parametrize(("pack", "case"), _CASES)
def test_the_case_comes_out_as_it_says(pack: PackSpec, case: Case, runner: CaseRunner) -> None:
    differences: list[Any] = runner.run(pack, case)
    assert differences == []
