"""Every kind of check that a pack may have, and what makes it ready to run."""

from collections.abc import Callable, Iterator
from typing import Any

from zhenwu.checks.declared import prepare_agree, prepare_control, prepare_outlier
from zhenwu.checks.prepared import PreparedCheck, prepare_check, prepare_coverage, prepare_policy
from zhenwu.mart.statements import Preparer

_PREPARE: dict[str, Callable[[Preparer, Any], PreparedCheck]] = {  # by the table of the pack file
    "check": prepare_check, "coverage": prepare_coverage, "policy": prepare_policy, "agree": prepare_agree,
    "control": prepare_control, "outlier": prepare_outlier,
}  # fmt: skip


def every_preparation(preparer: Preparer) -> Iterator[tuple[Any, Callable[[], PreparedCheck]]]:
    """(what the pack says, how to prepare it) of all checks of a pack."""
    for table, prepare in _PREPARE.items():
        for spec in getattr(preparer.pack, table):
            yield spec, lambda prepare=prepare, spec=spec: prepare(preparer, spec)  # type: ignore[misc]
