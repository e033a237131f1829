"""What every indicator must say, counted from the rows in plain Python. Nothing here reads the packs' SQL."""

from zhenwu.config.demo.figures import ecology, party, people, projects, safety, welfare
from zhenwu.config.demo.figures.tally import Figure, Tally
from zhenwu.config.demo.world import World


def count_figures(world: World) -> dict[str, Figure]:
    tally = Tally(world)
    for part in (people, party, safety, ecology, projects, welfare):
        part.count(tally)
    return tally.figures
