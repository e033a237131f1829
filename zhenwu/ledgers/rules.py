"""What a row must satisfy to be stored: the pack's field rules. Checks are something else; they never refuse."""

import operator
from collections.abc import Iterator
from typing import Any

from zhenwu.changes.models import Review
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import FieldSpec

_COMPARE = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_UNFINISHED = (Review.DRAFT, Review.RETURNED)


def problems_of(
    ledger: Ledger, values: dict[str, Any], *, review: str, state: str, place: Any
) -> Iterator[tuple[str, str]]:
    """(field code, message) for each rule the row breaks. A draft may be incomplete, but what it says must be right."""
    finished = review not in _UNFINISHED
    if finished and place is None and ledger.spec.place_required and ledger.spec.place != "town":
        yield "division", f"“{ledger.spec.place_label}”没有填：请选择所属的村（社区）。"
    for code, kind in ledger.stored.items():
        value = values.get(code)
        if value is None:
            if is_required(ledger, kind.spec, values, review=review, state=state):
                yield code, f"“{kind.label}”没有填：请填写。"
        elif message := kind.problem_with(value):
            yield code, message
    for rule in ledger.pack.rule:
        left, how, right = rule.compare
        a, b = values.get(left), values.get(right)
        if a is not None and b is not None and not _COMPARE[how](a, b):
            shown = {code: ledger.types[code].show(values[code]) for code in (left, right)}
            yield left, rule.message.format_map(shown)


def is_required(ledger: Ledger, spec: FieldSpec, values: dict[str, Any], *, review: str, state: str) -> bool:
    """Whether the field must be filled for a row in this review and state."""
    if spec.required_when and all(values.get(code) in allowed for code, allowed in spec.required_when.items()):
        return review not in _UNFINISHED
    if spec.required is True:
        return review not in _UNFINISHED and not spec.required_when
    if spec.required in ("submitted", "approved"):
        return review in (
            ("submitted", "approved", "locked") if spec.required == "submitted" else ("approved", "locked")
        )
    if isinstance(spec.required, str) and state in ledger.states:
        order = list(ledger.states)
        return order.index(state) >= order.index(spec.required)
    return False
