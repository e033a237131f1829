"""What all acts on findings share: rows locked, every refusal collected before anything is changed, and the event."""

from collections.abc import Callable, Iterable
from typing import Any

from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.keeping import Act, keep
from zhenwu.checks.models import EventKind, Finding

_CHUNK = 500


def locked(findings: Iterable[Finding]) -> list[Finding]:
    ids = [one.pk for one in findings]
    chosen: list[Finding] = []
    for start in range(0, len(ids), _CHUNK):
        chosen += Finding.objects.select_for_update(of=("self",)).filter(pk__in=ids[start : start + _CHUNK])
    return chosen


def refuse(findings: list[Finding], why: Callable[[Finding], str]) -> None:
    problems = [f"{one.label}：{one.message} {reason}" for one in findings if (reason := why(one))]
    if problems:
        raise FindingsRefused(problems)


def keep_events(findings: Iterable[Finding], kind: str, by: Any, text: str, *, stands_for: Any = None) -> None:
    """What a person did to findings, after they are stored as it left them."""
    acts = [Act(one.pk, kind, text, by.pk) for one in findings]
    keep(acts, by=by, stands_for=stands_for, reason=f"问题{EventKind(kind).label}")


def actors(by: Any, stands_for: Any = None) -> frozenset[Any]:
    """Whose act it is: who does it, and in whose place. None of them may confirm what any of them did."""
    return frozenset({by.pk, stands_for.pk} if stands_for is not None else {by.pk})
