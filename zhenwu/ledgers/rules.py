"""What a row must satisfy to be stored: the pack's field rules. Checks are something else; they never refuse."""

import operator
from collections.abc import Iterator, Sequence
from typing import Any

from zhenwu.changes.models import Review
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldType

_COMPARE = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_UNFINISHED = (Review.DRAFT, Review.RETURNED)


class RowRules:
    """The rules of one ledger, worked out once for many rows."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._place_needed = ledger.spec.place_required and ledger.spec.place != "town"
        kinds = ledger.stored
        self._checks = [(code, kind.problem_with) for code, kind in kinds.items() if _checks_values(kind)]
        self._conditional = [(code, kind) for code, kind in kinds.items() if kind.spec.required_when]
        self._always: dict[tuple[str, str], list[str]] = {}
        self._order = {code: at for at, code in enumerate(kinds)}
        self._lines = {code: RowRules(table) for code, table in ledger.children.items()}

    def problems(self, values: dict[str, Any], *, review: str, state: str, place: Any) -> Sequence[tuple[str, str]]:
        """(field code, message) for each rule the row breaks, in the order of the fields. A draft may be incomplete, but
        what it says must be right."""
        found: list[tuple[str, str]] = []
        get = values.get
        for code, problem_with in self._checks:
            value = get(code)
            if value is not None and (message := problem_with(value)):
                found.append((code, message))
        codes = self._required(review, state)
        if None in map(get, codes):
            found += [(code, _empty(self.ledger.types[code])) for code in codes if get(code) is None]
        for code, kind in self._conditional:
            if values.get(code) is None and is_required(self.ledger, kind.spec, values, review=review, state=state):
                found.append((code, _empty(kind)))
        if found:
            found.sort(key=lambda one: self._order[one[0]])
        if self._place_needed and place is None and review not in _UNFINISHED:
            label = self.ledger.spec.place_label
            found.insert(0, ("division", f"“{label}”没有填：请选择所属的村（社区）。"))
        found += self._compared(values)
        if self._lines:
            found += self._in_lines(values, review, state)
        return found

    def _in_lines(self, values: dict[str, Any], review: str, state: str) -> Iterator[tuple[str, str]]:
        """Problems of child tables, each under field.line.column (lines count from 0)."""
        for code, rules in self._lines.items():
            kind, lines = self.ledger.types[code], values.get(code)
            if not lines and is_required(self.ledger, kind.spec, values, review=review, state=state):
                yield code, f"“{kind.label}”没有填：请至少填一行。"
            for number, line in enumerate(lines or ()):
                for column, message in rules.problems(line, review=review, state=state, place=None):
                    yield f"{code}.{number}.{column}", f"“{kind.label}”第{number + 1}行{message}"

    def _required(self, review: str, state: str) -> list[str]:
        """The fields that every row in this review and state must have."""
        known = self._always.get((review, state))
        if known is None:
            known = self._always[review, state] = [
                code
                for code, kind in self.ledger.stored.items()
                if not kind.spec.required_when and is_required(self.ledger, kind.spec, {}, review=review, state=state)
            ]
        return known

    def _compared(self, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for rule in self.ledger.pack.rule:
            left, how, right = rule.compare
            a, b = values.get(left), values.get(right)
            if a is not None and b is not None and not _COMPARE[how](a, b):
                shown = {code: self.ledger.types[code].show(values[code]) for code in (left, right)}
                yield left, rule.message.format_map(shown)


def _empty(kind: FieldType) -> str:
    return f"“{kind.label}”没有填：请填写。"


def _checks_values(kind: FieldType) -> bool:
    return type(kind).problem_with is not FieldType.problem_with


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
        return state in ledger.states_from(spec.required)
    return False
