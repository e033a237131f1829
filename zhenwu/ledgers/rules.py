"""What a row must satisfy to be stored: the pack's field rules. Checks are something else; they never refuse."""

import operator
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

from zhenwu.changes.models import Review
from zhenwu.lib.columns import distinct, places_of, reported, types_in
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldType

Columns = Mapping[str, Sequence[Any]]  # by field code, a value per row
_COMPARE = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_UNFINISHED = (Review.DRAFT, Review.RETURNED)


class RowRules:
    """The rules of one ledger, worked out once for many rows. What stands in many rows is judged once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._place_needed = ledger.spec.place_required and ledger.spec.place != "town"
        self._always: dict[tuple[str, str], frozenset[str]] = {}
        self._lines = {code: RowRules(table) for code, table in ledger.children.items()}

    def problems(self, values: dict[str, Any], *, review: str, state: str, place: Any) -> Sequence[tuple[str, str]]:
        """(field code, message) for each rule that one row breaks, in the order of the fields."""
        columns = {code: (value,) for code, value in values.items()}
        found = self.problems_in(columns, reviews=(review,), states=(state,), places=(place,))
        return found.get(0, ())

    def problems_in(
        self, columns: Columns, *, reviews: Sequence[str], states: Sequence[str], places: Sequence[Any]
    ) -> dict[int, list[tuple[str, str]]]:
        """{row: (field code, message) for each rule that it breaks, in the order of the fields}.

        A draft may be incomplete, but what it says must be right. A column that is missing is empty.
        """
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        stages: dict[tuple[str, str], list[int]] = {}
        for at, stage in enumerate(zip(reviews, states, strict=True)):
            stages.setdefault(stage, []).append(at)
        if self._place_needed and None in places:
            message = f"“{self.ledger.spec.place_label}”没有填：请选择所属的村（社区）。"
            for at, (review, place) in enumerate(zip(reviews, places, strict=True)):
                if place is None and review not in _UNFINISHED:
                    found[at].append(("division", message))
        for code, kind in self.ledger.stored.items():
            column = columns.get(code)
            if (
                column is not None
                and _checks_values(kind)
                and any(map(kind.problem_with, kind.telling(reported(column))))
            ):
                wrong = {id(value): message for value in distinct(column) if (message := kind.problem_with(value))}
                for at, message in places_of(column, wrong):
                    found[at].append((code, message))
            for at in self._empty(kind, columns, stages):
                found[at].append((code, f"“{kind.label}”没有填：请填写。"))
        for at, code, message in self._compared(columns):
            found[at].append((code, message))
        for at, code, message in self._in_lines(columns, reviews, states):
            found[at].append((code, message))
        return found

    def _in_lines(
        self, columns: Columns, reviews: Sequence[str], states: Sequence[str]
    ) -> Iterator[tuple[int, str, str]]:
        """Problems of child tables, each under field.line.column (lines count from 0)."""
        for code, rules in self._lines.items():
            kind = self.ledger.types[code]
            for at, (review, state) in enumerate(zip(reviews, states, strict=True)):
                values = {name: column[at] for name, column in columns.items()}
                lines = values.get(code)
                if not lines and is_required(self.ledger, kind.spec, values, review=review, state=state):
                    yield at, code, f"“{kind.label}”没有填：请至少填一行。"
                for number, line in enumerate(lines or ()):
                    for column, message in rules.problems(line, review=review, state=state, place=None):
                        yield at, f"{code}.{number}.{column}", f"“{kind.label}”第{number + 1}行{message}"

    def _empty(self, kind: FieldType, columns: Columns, stages: dict[tuple[str, str], list[int]]) -> Iterator[int]:
        """The rows that miss this field though they need it."""
        column = columns.get(kind.code)
        if column is not None and NoneType not in types_in(column):
            return
        depends = kind.spec.required_when or ()
        for (review, state), rows in stages.items():
            if not depends and kind.code not in self._required(review, state):
                continue
            said = [code for code in depends if code in columns]
            known: dict[tuple[Any, ...], bool] = {}  # rows that say the same of what it depends on need the same
            for at in rows:
                if column is not None and column[at] is not None:
                    continue
                key = tuple([columns[code][at] for code in said])
                if key not in known:
                    values = dict(zip(said, key, strict=True))
                    known[key] = not depends or is_required(self.ledger, kind.spec, values, review=review, state=state)
                if known[key]:
                    yield at

    def _required(self, review: str, state: str) -> frozenset[str]:
        """The fields that every row in this review and state must have."""
        known = self._always.get((review, state))
        if known is None:
            known = self._always[review, state] = frozenset(
                code
                for code, kind in self.ledger.stored.items()
                if not kind.spec.required_when and is_required(self.ledger, kind.spec, {}, review=review, state=state)
            )
        return known

    def _compared(self, columns: Columns) -> Iterator[tuple[int, str, str]]:
        for rule in self.ledger.pack.rule:
            left, how, right = rule.compare
            if left in columns and right in columns:
                for at, (a, b) in enumerate(zip(columns[left], columns[right], strict=True)):
                    if a is not None and b is not None and not _COMPARE[how](a, b):
                        shown = {code: self.ledger.types[code].show(columns[code][at]) for code in (left, right)}
                        yield at, left, rule.message.format_map(shown)


def completed(ledger: Ledger, columns: Columns) -> dict[str, Sequence[Any]]:
    """The columns with the empty cells filled that other cells of their row answer (see `FieldType.complete`)."""
    found = dict(columns)
    for code, kind in ledger.stored.items():
        answers = [name for name in kind.completes if name in ledger.stored]
        column = found.get(code)
        if not answers or column is None:
            continue
        filled = {name: list(found.get(name) or [None] * len(column)) for name in answers}
        for at, value in enumerate(column):
            if value is not None:
                values = {code: value} | {name: cells[at] for name, cells in filled.items()}
                kind.complete(values)
                for name, cells in filled.items():
                    cells[at] = values[name]
        found |= filled
    return found


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
