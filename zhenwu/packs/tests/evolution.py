"""A township's ledger as plain Python: what its fields and rows are, and what an edit of its pack must do to them. It knows
nothing of tables, plans or histories; test_evolution.py compares it with them."""

import uuid
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

OPTIONS = ("甲", "乙", "丙")
VALUES: dict[str, list[Any]] = {
    "text": ["7", "1000.25", "甲", "是", "2020-03-15", "山上的老水井"],
    "integer": [7, 20],
    "decimal": [Decimal(7), Decimal("1000.25")],
    "date": [date(2020, 3, 15)],
    "bool": [True, False],
    "choice": ["甲", "乙"],
}
_FROM_TEXT: dict[str, dict[str, Any]] = {
    "integer": {"7": 7, "20": 20},
    "decimal": {"7": Decimal(7), "20": Decimal(20), "1000.25": Decimal("1000.25")},
    "date": {"2020-03-15": date(2020, 3, 15)},
    "bool": {"是": True, "否": False},
    "choice": {one: one for one in OPTIONS},
}
_TO_TEXT = {True: "是", False: "否"}


def converted(value: Any, was: "Field", now: "Field") -> Any:
    """What a value must become; None when it has no place in the new type."""
    if value is None:
        return None
    if was.type == now.type:  # sealed, or no longer
        return value if len(value) <= now.length else None
    if was.type == "text":
        found = _FROM_TEXT[now.type].get(value)
        return found if now.type != "choice" or found in now.options else None
    if now.type == "text":
        said = _TO_TEXT[value] if was.type == "bool" else str(value)
        return said if len(said) <= now.length else None
    if now.type == "integer":
        return int(value) if value == int(value) else None
    return Decimal(value)


def targets(kind: str) -> list[str]:
    """The types that the model knows how to convert to."""
    if kind == "text":
        return list(_FROM_TEXT)
    return ["text", *({"integer": ["decimal"], "decimal": ["integer"]}.get(kind, []))]


@dataclass
class Field:
    id: int
    code: str
    type: str
    label: str = "栏目"
    unique: bool = False
    length: int = 50
    sealed: bool = False  # a text of class S3
    options: tuple[str, ...] = OPTIONS

    def said(self) -> dict[str, Any]:
        more: dict[str, Any] = {"options": list(self.options)} if self.type == "choice" else {}
        return {
            "id": self.id, "code": self.code, "label": self.label, "type": self.type, "unique": self.unique,
            "max_length": self.length, "sealed": self.sealed, "privacy": "S3" if self.sealed else "S0", **more,
        }  # fmt: skip


LOST = ...  # a value of an older version that no longer has a type to stand in


@dataclass
class Row:
    """`past` holds what each version said, as it would be said today."""

    id: uuid.UUID
    values: dict[int, Any]  # by field id
    version: int = 1
    is_void: bool = False
    past: dict[int, tuple[dict[int, Any], bool]] = field(default_factory=dict)

    def keep(self) -> None:
        self.past[self.version] = (dict(self.values), self.is_void)


@dataclass
class Outcome:
    """What a plan must say and an agreed apply must do."""

    refused: bool = False
    loses: bool = False


@dataclass
class Town:
    """One ledger: its fields in force, its rows, and what was given up."""

    fields: dict[int, Field]
    rows: list[Row] = field(default_factory=list)
    retired: dict[int, Field] = field(default_factory=dict)

    def live(self, number: int) -> list[Any]:
        return [row.values[number] for row in self.rows if not row.is_void and row.values.get(number) is not None]

    def filled(self, number: int) -> list[Any]:
        return [row.values[number] for row in self.rows if row.values.get(number) is not None]

    def edited(self, wanted: dict[int, Field]) -> tuple["Town", Outcome]:
        """The township after these fields are in force, and what the way there is."""
        after, outcome = deepcopy(self), Outcome()
        after.fields = deepcopy(wanted)
        gone_codes = {one.code for one in self.retired.values()}
        gone_codes |= {one.code for number, one in self.fields.items() if number not in wanted}
        touched: set[uuid.UUID] = set()
        for number, now in wanted.items():
            was = self.fields.get(number)
            if was is None:
                outcome.refused |= number in self.retired or now.code in gone_codes
                for row in after.rows:
                    row.values[number] = None
                    for said, _ in row.past.values():
                        said[number] = None
                continue
            outcome.refused |= was.code != now.code and now.code in gone_codes
            if (was.type, was.sealed) != (now.type, now.sealed):
                outcome.loses |= was.sealed and not now.sealed and bool(self.filled(number))  # more people will see it
                for row in after.rows:
                    old = row.values.get(number)
                    row.values[number] = converted(old, was, now)
                    outcome.loses |= old is not None and row.values[number] is None
                    if old is not None:
                        touched.add(row.id)
                    for said, _ in row.past.values():
                        before = said[number]
                        new = LOST if before is LOST else converted(before, was, now)
                        said[number] = LOST if new is None and before is not None else new
            elif now.type == "text":
                outcome.refused |= any(len(value) > now.length for value in self.filled(number))
            elif now.type == "choice":
                outcome.refused |= bool(set(self.filled(number)) - set(now.options))
            values = after.live(number)
            outcome.refused |= now.unique and len(values) != len(set(values))
        for number, was in self.fields.items():
            if number not in wanted:
                outcome.loses |= bool(self.filled(number))
                after.retired[number] = was
                for row in after.rows:
                    row.values.pop(number)
                    for said, _ in row.past.values():
                        said.pop(number)
        for row in after.rows:
            if row.id in touched:
                row.version += 1
                row.keep()
        return after, outcome
