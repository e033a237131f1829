"""Errors put into the clean rows, each with the finding it must lead to. Every function may use what it finds, once."""

from zhenwu.config.demo.planted import ecology, party, party_growth, party_life, people, projects, safety, welfare
from zhenwu.config.demo.planted.picking import Picker
from zhenwu.config.demo.world import World


def plant_errors(world: World) -> None:
    picker = Picker(world)
    for part in (people, party, party_growth, party_life, safety, ecology, projects, welfare):
        part.plant(world, picker)
