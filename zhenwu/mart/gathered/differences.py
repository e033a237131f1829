"""In what two townships' tables differ, in words; and whether values of one type may stand in a column of another."""

import re
from collections.abc import Iterable, Mapping

from zhenwu.mart.gathered.manifest import Shape

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_SHOWN = 6  # columns named in a line


def differences(own: Shape, other: Shape) -> list[str]:
    """A line for each table that both have and that is not the same in both. Tables that one lacks are not compared."""
    found = []
    for table in sorted(own.keys() & other.keys()):
        here, there = own[table], other[table]
        parts = [
            _named("少", [one for one in there if one not in here]),
            _named("多", [one for one in here if one not in there]),
            _named(
                "类型不同：",
                [f"{one}（{here[one]}，{there[one]}）" for one in here if here[one] != there.get(one, here[one])],
            ),
        ]
        if said := "；".join(part for part in parts if part):
            found.append(f"{table}：{said}")
    return found


def clashes(given: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """The columns whose values cannot be taken for the wanted type without a loss."""
    return [one for one, kind in given.items() if one in wanted and not fits(kind, wanted[one])]


def fits(given: str, wanted: str) -> bool:
    if given == wanted or (given, wanted) == ("INTEGER", "BIGINT"):
        return True
    here, there = _DECIMAL.fullmatch(given), _DECIMAL.fullmatch(wanted)
    if not here or not there:
        return False
    (digits, places), (more_digits, more_places) = map(int, here.groups()), map(int, there.groups())
    return places <= more_places and digits - places <= more_digits - more_places


def _named(what: str, columns: Iterable[str]) -> str:
    columns = list(columns)
    if not columns:
        return ""
    rest = f"等{len(columns)}列" if len(columns) > _SHOWN else ""
    return f"{what}{'、'.join(columns[:_SHOWN])}{rest}"
