"""Places of the invented township: 14 villages at the start of 2020, 11 after four of them merged on 1 June."""

from dataclasses import dataclass, field
from datetime import date

COUNTY, COUNTY_NAME = "519999000000", "云岭县"
TOWN, TOWN_NAME = "519999100000", "青石镇"
SINCE = date(2005, 1, 1)


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    level: str  # county, town, village, group
    parent: str  # code; empty for the county
    valid_from: date = SINCE


@dataclass(frozen=True)
class Merger:
    """`sources` end the day before `day`; the new village begins on it."""

    sources: tuple[str, ...]
    code: str
    name: str
    day: date
    title: str
    approval: str


@dataclass(frozen=True)
class Village:
    """`share` is its part of the township's people; `groups` how many groups it has."""

    code: str
    name: str
    share: int
    groups: int
    lon: float
    lat: float
    aliases: tuple[str, ...] = field(default=())

    @property
    def community(self) -> bool:
        return self.code[9:] < "200"


MERGER = Merger(
    sources=("519999100208", "519999100209", "519999100210", "519999100211"),
    code="519999100212",
    name="云坪村",
    day=date(2020, 6, 1),
    title="大坪、红岩、茶山、云台四村合并设立云坪村",
    approval="云民发〔2020〕18号",
)

VILLAGES = (
    Village("519999100001", "青石街社区", 14, 6, 106.500, 29.500, ("青石街居委会", "青石街")),
    Village("519999100002", "河口社区", 9, 4, 106.510, 29.496, ("河口居委会", "河口")),
    Village("519999100200", "龙泉村", 9, 8, 106.482, 29.512, ("龙泉",)),
    Village("519999100201", "双桥村", 8, 7, 106.520, 29.515, ("双桥",)),
    Village("519999100202", "石门村", 8, 7, 106.535, 29.505, ("石门", "石家村")),
    Village("519999100203", "竹溪村", 7, 6, 106.545, 29.490, ("竹溪",)),
    Village("519999100204", "柳湾村", 7, 6, 106.528, 29.478, ("柳湾", "柳家湾村")),
    Village("519999100205", "松岭村", 7, 6, 106.505, 29.472, ("松岭",)),
    Village("519999100206", "梨园村", 7, 6, 106.486, 29.480, ("梨园",)),
    Village("519999100207", "马鞍村", 6, 5, 106.470, 29.495, ("马鞍", "马鞍山村")),
    Village("519999100208", "大坪村", 5, 4, 106.452, 29.520, ("大坪",)),
    Village("519999100209", "红岩村", 5, 4, 106.446, 29.530, ("红岩",)),
    Village("519999100210", "茶山村", 4, 3, 106.458, 29.538, ("茶山",)),
    Village("519999100211", "云台村", 4, 3, 106.440, 29.514, ("云台",)),
)
BY_CODE = {one.code: one for one in VILLAGES}
NEW = Village(MERGER.code, MERGER.name, 0, 0, 106.449, 29.525, ("云坪",))
AFTER = (*(one for one in VILLAGES if one.code not in MERGER.sources), NEW)
NAMES = {one.code: one.name for one in (*VILLAGES, NEW)}


def group_code(village: str, number: int) -> str:
    return f"{village}{number:02d}"


def group_name(village: str, number: int) -> str:
    return f"{NAMES[village]}{number}组"


def divisions() -> list[Place]:
    """All places of 1 January 2020, parents first. The village born in the merger is not among them."""
    found = [Place(COUNTY, COUNTY_NAME, "county", ""), Place(TOWN, TOWN_NAME, "town", COUNTY)]
    found += [Place(one.code, one.name, "village", TOWN) for one in VILLAGES]
    for one in VILLAGES:
        for number in range(1, one.groups + 1):
            found.append(Place(group_code(one.code, number), group_name(one.code, number), "group", one.code))
    return found


def aliases() -> list[tuple[str, str]]:
    """(code, other name): short and former names, as rosters use them."""
    return [(one.code, other) for one in (*VILLAGES, NEW) for other in one.aliases]


def place_on(village: str, day: date) -> str:
    """The village that a row of that day belongs to: the merged one from the merger on."""
    return MERGER.code if village in MERGER.sources and day >= MERGER.day else village


def now(village: str) -> str:
    return MERGER.code if village in MERGER.sources else village


def in_force(village: str, first: date, last: date) -> bool:
    """Whether the village exists on the last day of a period and began before its end (as coverages ask)."""
    if village == MERGER.code:
        return MERGER.day <= last
    return village not in MERGER.sources or last < MERGER.day
