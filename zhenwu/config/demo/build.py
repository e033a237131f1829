"""Build the demo township of 青石镇: a year of the ledgers, with errors planted in them and the answers beside."""

from dataclasses import dataclass, field
from datetime import date

from zhenwu.config.demo import places
from zhenwu.config.demo.ecology import Ecology
from zhenwu.config.demo.figures import count_figures
from zhenwu.config.demo.figures.tally import Figure
from zhenwu.config.demo.numbers import number_rows
from zhenwu.config.demo.offices import CLERKS, OFFICES, Clerk, Office
from zhenwu.config.demo.party import Party
from zhenwu.config.demo.party_growth import Growth
from zhenwu.config.demo.party_life import Life
from zhenwu.config.demo.people import Register
from zhenwu.config.demo.places import Merger, Place
from zhenwu.config.demo.planted import plant_errors
from zhenwu.config.demo.projects import Projects
from zhenwu.config.demo.safety import Safety
from zhenwu.config.demo.welfare import Welfare
from zhenwu.config.demo.world import AS_OF, Planted, Row, World


@dataclass(frozen=True)
class Oracle:
    """What the checks must find, all of it and nothing else, and what every indicator must say on `as_of`. `spared` rows stand
    just on the right side of a limit.

    `figures` are by indicator code, or code.part; None is “—”. They are counted from the rows in Python, never by the packs' SQL.
    """

    as_of: date
    planted: tuple[Planted, ...]
    spared: tuple[Planted, ...]
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Demo:
    """`rows` by ledger: values by field code, `id` symbolic, `division` a village code, links symbolic ids."""

    seed: int
    persons: int
    divisions: tuple[Place, ...]
    merger: Merger
    aliases: tuple[tuple[str, str], ...]
    units: tuple[Office, ...]
    users: tuple[Clerk, ...]
    rows: dict[str, list[Row]]
    oracle: Oracle
    boundaries: dict[str, tuple[str, ...]] = field(default_factory=dict)  # "before", "after": village codes


def build(seed: int = 1, persons: int = 20_000) -> Demo:
    """The same for the same seed and size. Below 1,000 persons the villages are too small for their branches."""
    if persons < 1_000:
        raise ValueError(f"persons = {persons}: the demo township needs at least 1000.")
    world = World(seed, persons)
    Register(world).build()
    party = Party(world)
    party.build()
    Growth(world, party).build()
    party.say_rosters()
    Life(world, party).build()
    Safety(world).build()
    Ecology(world).build()
    Projects(world).build()
    Welfare(world).build()
    plant_errors(world)
    number_rows(world)
    return Demo(
        seed, persons, tuple(places.divisions()), places.MERGER, tuple(places.aliases()), OFFICES, CLERKS, world.rows,
        Oracle(AS_OF, tuple(world.planted), tuple(world.spared), count_figures(world)),
        {"before": tuple(one.code for one in places.VILLAGES), "after": tuple(one.code for one in places.AFTER)},
    )  # fmt: skip
