"""One field taken over by another type or unit: what a value becomes, or why it cannot."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldProblem, FieldType, Lookup, field_type


@dataclass
class Day:
    """What a type may ask while it reads a converted value: the day alone; words for places and persons mean nothing."""

    on: date
    today: date
    header_unit: str = ""
    remarks: list[str] = field(default_factory=list)

    def remark(self, words: str) -> None:
        self.remarks.append(words)

    def division(self, text: str) -> Lookup:
        return Lookup(())

    person = household = unit = user = division

    def row(self, ledger: str, text: str) -> Lookup:
        return Lookup(())


class Conversion:
    """From the field as it `was` to what it is `now`: other type, other unit, one value or many."""

    def __init__(self, was: FieldSpec, now: FieldSpec) -> None:
        self.was: FieldType = field_type(was)
        self.now: FieldType = field_type(now)

    @cached_property
    def refusal(self) -> str:
        """Why no value at all can be taken over; "" when some can."""
        return self.now.refuses(self.was)

    def value(self, value: Any, day: Day) -> Any:
        """The new value of an old one. Raises FieldProblem, which says why this value has none."""
        if value is None:
            return None
        if self.refusal:
            raise self.now.problem(f"：{self.refusal}。")
        found = self.now.taken_over(self.was, value, day)
        if found is None:
            raise self.now.problem(f"填的是“{self.was.show(value)}”，换算后是空的。")
        if problem := self.now.problem_with(found):
            raise FieldProblem(problem)
        return found


def needs_conversion(was: FieldSpec, now: FieldSpec) -> bool:
    """Whether stored values cannot stay as they are."""
    return not field_type(now).keeps(field_type(was))
