"""Borders as GeoJSON: read from a file, checked, bounded in size, and written compactly. WGS-84 degrees, of China."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from zhenwu.lib.geo import LAT, LON

MOST_BYTES = 20_000_000  # of a file
MOST_POINTS = 20_000  # of one border
MOST_FEATURES = 5_000
_PLACES = 6
_NAMES = (
    "code",
    "CODE",
    "代码",
    "区划代码",
    "name",
    "NAME",
    "Name",
    "名称",
    "村名",
    "XZQMC",
    "XZQDM",
    "ZLDWMC",
    "ZLDWDM",
)


class OutlineProblem(Exception):
    """The file holds no borders that can be used. The message says which and why."""


@dataclass(frozen=True, slots=True)
class Feature:
    """`names`: what the file calls it, codes and names; `box`: west,south,east,north."""

    number: int
    names: tuple[str, ...]
    geometry: str
    box: str


def read_outlines(text: str) -> list[Feature]:
    """The polygons of a FeatureCollection (or of one Feature). Raises OutlineProblem."""
    if len(text) > MOST_BYTES:
        raise OutlineProblem(f"文件太大：最多{MOST_BYTES // 1_000_000} MB，请先简化边界。")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OutlineProblem(f"不是 GeoJSON：{error}") from None
    features = said.get("features") if isinstance(said, dict) and said.get("type") == "FeatureCollection" else [said]
    if not isinstance(features, list) or not features:
        raise OutlineProblem("不是 GeoJSON 的 FeatureCollection，或里面没有图形。")
    if len(features) > MOST_FEATURES:
        raise OutlineProblem(f"有{len(features)}个图形，最多{MOST_FEATURES}个。")
    return [_feature(number, one) for number, one in enumerate(features, 1)]


def _feature(number: int, said: Any) -> Feature:
    geometry = said.get("geometry") if isinstance(said, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise OutlineProblem(f"第{number}个图形是{kind or '空的'}，边界应是 Polygon 或 MultiPolygon。")
    assert geometry is not None
    given = geometry.get("coordinates")
    polygons = [given] if kind == "Polygon" else given
    if not isinstance(polygons, list) or not polygons:
        raise OutlineProblem(f"第{number}个图形没有坐标。")
    rings = [[list(_ring(number, ring)) for ring in _list(number, polygon)] for polygon in polygons]
    points = [point for polygon in rings for ring in polygon for point in ring]
    if len(points) > MOST_POINTS:
        raise OutlineProblem(f"第{number}个图形有{len(points)}个点，最多{MOST_POINTS}个，请先简化边界。")
    box = ",".join(str(value) for value in (*map(min, zip(*points, strict=True)), *map(max, zip(*points, strict=True))))
    compact = {"type": kind, "coordinates": rings[0] if kind == "Polygon" else rings}
    properties = said.get("properties")
    names = [properties.get(name) for name in _NAMES] if isinstance(properties, dict) else []
    words = tuple(dict.fromkeys(str(name).strip() for name in names if name not in (None, "")))
    return Feature(number, words, json.dumps(compact, separators=(",", ":")), box)


def _list(number: int, said: Any) -> list[Any]:
    if not isinstance(said, list) or not said:
        raise OutlineProblem(f"第{number}个图形的坐标不完整。")
    return said


def _ring(number: int, said: Any) -> Iterator[list[float]]:
    ring = _list(number, said)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise OutlineProblem(f"第{number}个图形的边界没有闭合，或不足四个点。")
    for point in ring:
        is_pair = isinstance(point, list) and len(point) >= 2 and all(_is_number(one) for one in point[:2])
        if not is_pair:
            raise OutlineProblem(f"第{number}个图形有一个点不是经纬度：{str(point)[:40]}。")
        if not (LON[0] <= point[0] <= LON[1] and LAT[0] <= point[1] <= LAT[1]):
            raise OutlineProblem(f"第{number}个图形有一个点不在我国境内：{point[0]},{point[1]}。请用 WGS-84 经纬度。")
        yield [round(float(point[0]), _PLACES), round(float(point[1]), _PLACES)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def joined_outlines(parts: Sequence[tuple[str, str] | None]) -> tuple[str, str] | None:
    """(geometry, box) of outlines side by side, their common borders left as they are; None when one of them is not known."""
    polygons: list[Any] = []
    boxes = []
    for part in parts:
        if part is None:
            return None
        geometry = json.loads(part[0])
        is_many = geometry["type"] == "MultiPolygon"
        polygons += geometry["coordinates"] if is_many else [geometry["coordinates"]]
        boxes.append([float(one) for one in part[1].split(",")])
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    box = ",".join(str(one) for one in (min(west), min(south), max(east), max(north)))
    return json.dumps({"type": "MultiPolygon", "coordinates": polygons}), box
