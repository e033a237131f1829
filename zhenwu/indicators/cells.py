"""Which cells of a table are hidden because they tell of few persons, and which go with them."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def is_few(people: int, least: int) -> bool:
    """0 tells of nobody."""
    return 0 < people < least


def hidden_cells(people: Mapping[Key, int], least: int) -> tuple[set[Key], set[Key]]:
    """(those that are few, those hidden with them) of the cells that add up to a total which is shown: what the total leaves
    for the hidden ones together is not few either, and is of more than one cell. `people`: the fewest that a cell tells of."""
    few = {key for key, number in people.items() if is_few(number, least)}
    hidden = set(few)
    rest = sorted((key for key, number in people.items() if number and key not in few), key=lambda key: people[key])
    for key in rest:
        if not hidden or (len(hidden) > 1 and sum(people[one] for one in hidden) >= least):
            break
        hidden.add(key)
    return few, hidden - few
