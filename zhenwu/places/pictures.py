"""Pictures drawn on the server, so that they print and need no script: which unit flows into which, and the map of villages.

All numbers are of an SVG's own coordinates; a template only writes them down.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians
from typing import Any

from zhenwu.lib.amounts import show_decimal

_WIDE, _BOX, _HIGH, _GAP, _TOP = 760, 210, 46, 14, 26
_MAP = 720.0


@dataclass(frozen=True)
class Box:
    """A unit. `tone`: ends | new | stays."""

    key: Any
    name: str
    note: str
    tone: str
    url: str = ""
    x: int = 0
    y: int = 0
    width: int = _BOX
    height: int = _HIGH

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def name_y(self) -> int:
        return self.y + (20 if self.note else 28)

    @property
    def note_y(self) -> int:
        return self.y + 37


@dataclass(frozen=True)
class Band:
    """A flow. `part`: not the whole unit; `label` says how much."""

    path: str
    part: bool
    label: str
    x: int
    y: int


@dataclass(frozen=True)
class FlowPicture:
    left: list[Box]
    right: list[Box]
    bands: list[Band]
    width: int
    height: int
    said: str  # the picture in words, for who cannot see it


def flow_picture(
    before: Sequence[Box], after: Sequence[Box], flows: Iterable[tuple[Any, Any, str]], *, said: str
) -> FlowPicture:
    """`flows`: (key before, key after, share in words or "" for the whole)."""
    left, right = _column(before, 0), _column(after, _WIDE - _BOX)
    height = _TOP + max(len(left), len(right), 1) * (_HIGH + _GAP)
    at = {("l", one.key): one for one in left} | {("r", one.key): one for one in right}
    bands = []
    for source, target, label in flows:
        a, b = at.get(("l", source)), at.get(("r", target))
        if a is None or b is None:
            continue
        x1, y1, x2, y2 = a.x + a.width, a.y + _HIGH // 2, b.x, b.y + _HIGH // 2
        middle = (x1 + x2) // 2
        path = f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"
        bands.append(Band(path, bool(label), label, middle, (y1 + y2) // 2 - 6))
    return FlowPicture(left, right, bands, _WIDE, height, said)


def _column(boxes: Sequence[Box], x: int) -> list[Box]:
    return [
        Box(one.key, one.name, one.note, one.tone, one.url, x, _TOP + number * (_HIGH + _GAP))
        for number, one in enumerate(boxes)
    ]


def said_share(whole: bool, pop: Decimal | None, land: Decimal | None) -> str:
    """How much of a unit a flow carries, in words; "" for the whole. A share of zero carried nothing and is not said."""
    if whole:
        return ""
    pairs = (("人口", pop), ("土地", land))
    return "、".join(f"{label}{show_decimal(share * 100)}%" for label, share in pairs if share) or "一部分"


@dataclass(frozen=True)
class Shape:
    """A village on the map; `path` is its outline, empty where none was loaded."""

    name: str
    url: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class VillageMap:
    shapes: list[Shape]
    width: float
    height: float
    schematic: bool
    missing: list[str]  # villages without an outline


def village_map(villages: Sequence[tuple[str, str, str]], outlines: Mapping[str, tuple[str, str]]) -> VillageMap:
    """`villages`: (key, name, url); `outlines`: key → (GeoJSON geometry, "west,south,east,north"). Without any outline the
    shapes have no path: the page lists the villages by code, which ones there are, not where."""
    drawn = [one for one in villages if one[0] in outlines]
    if not drawn:
        return VillageMap([Shape(name, url, "", 0, 0) for _, name, url in villages], 0, 0, True, [])
    boxes = [[float(part) for part in outlines[key][1].split(",")] for key, _, _ in drawn]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    squeeze = cos(radians((south + north) / 2))  # a degree of longitude is shorter than one of latitude
    scale = _MAP / max((east - west) * squeeze, north - south, 1e-9)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round((lon - west) * squeeze * scale, 1), round((north - lat) * scale, 1)

    shapes = []
    for (key, name, url), box in zip(drawn, boxes, strict=True):
        x, y = at((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        shapes.append(Shape(name, url, _path(json.loads(outlines[key][0]), at), x, y))
    size = at(east, south)
    return VillageMap(shapes, size[0], size[1], False, [name for key, name, _ in villages if key not in outlines])


def _path(geometry: Mapping[str, Any], at: Any) -> str:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = (ring for polygon in polygons for ring in polygon)
    return "".join("M" + "L".join(f"{x},{y}" for x, y in (at(*point[:2]) for point in ring)) + "z" for ring in rings)
