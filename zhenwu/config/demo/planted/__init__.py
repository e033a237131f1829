"""Errors put into the clean rows, each with the finding it must lead to: every kind five times, in other villages and with
other values, the last on the wrong side of a limit among them; `spared` rows stand on its right side and must not be found.

A kind is a function (world, picker, turn) that first picks all rows it needs, and only then spoils them."""

from zhenwu.config.demo.planted import (
    development,
    ecology,
    hazards,
    inspections,
    issues,
    meetings,
    money,
    outliers,
    party,
    people,
    projects,
    welfare,
    welfare_members,
)
from zhenwu.config.demo.planted.picking import NoRoom, Picker
from zhenwu.config.demo.world import World

TIMES = 5
FULL = 20_000  # persons of a township in which every kind has room for all five
_PARTS = (
    people, party, development, meetings, inspections, hazards, ecology, issues, projects, money, outliers, welfare, welfare_members,
)  # fmt: skip
FEWER = {  # kinds that cannot stand five times in one township, and why
    "gov_project.H11-SUM": "It is about a bundle of projects, and the township has one bundle.",
}


def plant_errors(world: World) -> None:
    """A township smaller than `FULL` gets as many of the five as it has rows for: each kind once before any comes twice."""
    picker = Picker(world)
    for turn in range(TIMES):
        for part in _PARTS:
            for kind in part.KINDS:
                picker.kind = f"{part.__name__.rpartition('.')[2]}.{kind.__name__}"
                try:
                    kind(world, picker, turn)
                except NoRoom:
                    if world.persons >= FULL:
                        raise
    outliers.note_all(world)
