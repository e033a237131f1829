"""The national list of divisions (the statistics bureau's 2023 set, public data), shipped with the package.

Needs no Django: `zhenwu init` asks it before there is an instance.
"""

from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

_LIST = Path(__file__).parent / "data" / "divisions-2023.parquet"
_TOWN, _VILLAGE = 9, 12  # digits


@cache
def _names() -> dict[str, str]:
    """{code without trailing zeros: name} of all 665,276 divisions: 2 digits a province … 12 a village."""
    table = pq.read_table(_LIST)
    return dict(zip(table["code"].to_pylist(), table["name"].to_pylist(), strict=True))


def town_of(code: str) -> tuple[str, str] | None:
    """(code, full name) of a 9-digit township code; None when there is none."""
    return (code, _full_name(code)) if len(code) == _TOWN and code in _names() else None


def find_towns(words: str) -> list[tuple[str, str]]:
    """Townships whose name begins with the last word and whose province, city or county has the words before it."""
    *above, last = words.split()
    return [
        (code, _full_name(code))
        for code, name in _names().items()
        if len(code) == _TOWN
        and name.startswith(last)
        and all(any(part in one for one in _above(code)) for part in above)
    ]


def places_of(town: str) -> list[tuple[str, str, str]]:
    """(12-digit code, short name, level) of the county, the town and its villages, in that order."""
    names = _names()
    county = town[:6]
    found = [(county.ljust(12, "0"), names.get(county, "县"), "county"), (town.ljust(12, "0"), names[town], "town")]
    found += [
        (code, _short(name), "village")
        for code, name in names.items()
        if len(code) == _VILLAGE and code.startswith(town)
    ]
    return found


def _above(code: str) -> list[str]:
    return [_names().get(code[:length], "") for length in (2, 4, 6)]


def _full_name(code: str) -> str:
    return "".join(_above(code)) + _names()[code]


def _short(name: str) -> str:
    """青山村村民委员会 → 青山村; 青石社区居委会 → 青石社区."""
    for tail in ("村民委员会", "村委会", "居民委员会", "居委会"):
        name = name.removesuffix(tail)
    return name
