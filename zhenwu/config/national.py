"""The national list of divisions (the statistics bureau's 2023 set, public data), shipped with the package.

Needs no Django: `zhenwu init` asks it before there is an instance. The list stays the columns it is kept in, and only what is
asked for is made into words: 665,276 of them in a dictionary would take a second and 150 MB.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_LIST = Path(__file__).parent / "data" / "divisions-2023.parquet"
_TOWN, _VILLAGE = 9, 12  # digits


@cache
def _all() -> pa.Table:
    """Codes without trailing zeros (2 digits a province … 12 a village) and names."""
    return pq.read_table(_LIST, columns=["code", "name"])


@cache
def _towns() -> tuple[pa.Table, dict[str, str]]:
    """(the townships, {code: name} of provinces, cities and counties)."""
    table = _all()
    digits = pc.utf8_length(table["code"])
    above = table.filter(pc.less(digits, _TOWN))
    names = dict(zip(above["code"].to_pylist(), above["name"].to_pylist(), strict=True))
    return table.filter(pc.equal(digits, _TOWN)), names


def town_of(code: str) -> tuple[str, str] | None:
    """(code, full name) of a 9-digit township code; None when there is none."""
    towns, _ = _towns()
    found = towns.filter(pc.equal(towns["code"], code))["name"].to_pylist()
    return (code, _full_name(code, found[0])) if found else None


def find_towns(words: str) -> list[tuple[str, str]]:
    """Townships whose name begins with the last word and whose province, city or county has the words before it."""
    *above, last = words.split()
    towns, _ = _towns()
    found = towns.filter(pc.starts_with(towns["name"], last))
    return [
        (code, _full_name(code, name))
        for code, name in zip(found["code"].to_pylist(), found["name"].to_pylist(), strict=True)
        if all(any(part in one for one in _above(code)) for part in above)
    ]


def places_of(town: str) -> list[tuple[str, str, str, str]]:
    """(12-digit code, short name, level, full name) of the county, the town and its villages, in that order."""
    table, (_, above) = _all(), _towns()
    rows = table.filter(pc.starts_with(table["code"], town))
    named: dict[str, Any] = dict(zip(rows["code"].to_pylist(), rows["name"].to_pylist(), strict=True))
    county = town[:6]
    county_name = above.get(county, "县")
    found = [
        (county.ljust(12, "0"), county_name, "county", county_name),
        (town.ljust(12, "0"), named[town], "town", named[town]),
    ]
    found += [(code, _short(name), "village", name) for code, name in named.items() if len(code) == _VILLAGE]
    return found


def _above(code: str) -> list[str]:
    _, names = _towns()
    return [names.get(code[:length], "") for length in (2, 4, 6)]


def _full_name(code: str, name: str) -> str:
    return "".join(_above(code)) + name


def _short(name: str) -> str:
    """青山村村民委员会 → 青山村; 青石社区居委会 → 青石社区."""
    for tail in ("村民委员会", "村委会", "居民委员会", "居委会"):
        name = name.removesuffix(tail)
    return name
