"""The stored outline of a document (the JSON of `zhenwu outline`) as its page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zhenwu.plans.beside import SourceLine, source_lines

_KINDS = {"summary": "工作总结", "plan": "工作计划", "problems": "存在问题", "other": "其他"}
_QUALIFIERS = {"approx": "约", "min": "不少于", "max": "不超过"}


@dataclass
class Node:
    """A part, section or point; `figures` are those in its own text. `key` names its place in the source."""

    heading: str
    text: str
    key: str
    paragraph: int | None = None
    kind: str = ""
    figures: list[dict[str, Any]] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)


@dataclass
class OutlineView:
    """`source` is empty for documents read before places were kept."""

    parts: list[Node]
    figure_count: int
    noise: list[dict[str, Any]]
    repairs: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    year_summary: int | None
    year_plan: int | None
    source: list[SourceLine]


def outline_view(said: Mapping[str, Any]) -> OutlineView:
    by_path: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    for figure in said.get("figures", ()):
        shown = figure | {"qualifier_text": _QUALIFIERS.get(figure.get("qualifier", ""), "")}
        by_path.setdefault(tuple(figure.get("path", ())), []).append(shown)
    places: dict[str, list[list[int]]] = {"title": said.get("title_place", [])}
    parts = [_part(number, part, by_path, places) for number, part in enumerate(said.get("parts", ()))]
    return OutlineView(
        parts, len(said.get("figures", ())), list(said.get("noise", ())), list(said.get("repairs", ())),
        list(said.get("targets", ())), said.get("year_summary"), said.get("year_plan"), source_lines(said, places),
    )  # fmt: skip


_Figures = Mapping[tuple[int, ...], list[dict[str, Any]]]
_Places = dict[str, list[list[int]]]


def _part(number: int, part: Mapping[str, Any], by_path: _Figures, places: _Places) -> Node:
    node = _headed((number,), part, by_path, places)
    node.kind = _KINDS.get(part.get("kind", ""), "")
    for index, section in enumerate(part.get("sections", ())):
        path = (number, index)
        below = _headed(path, section, by_path, places)
        below.below = [_point((*path, at), point, by_path, places) for at, point in enumerate(section.get("items", ()))]
        node.below.append(below)
    return node


def _headed(path: tuple[int, ...], said: Mapping[str, Any], by_path: _Figures, places: _Places) -> Node:
    """A part or section; its place is its heading and the text directly below it."""
    place = [*said.get("place", ()), *(span for one in said.get("body", ()) for span in one.get("place", ()))]
    key = _keep(path, place, places)
    return Node(said["heading"], said.get("text", ""), key, _first(place), figures=by_path.get(path, []))


def _point(path: tuple[int, ...], point: Mapping[str, Any], by_path: _Figures, places: _Places) -> Node:
    body = "\n".join(one["text"] for one in point.get("body", ()))
    place = [*point.get("place", ()), *(span for one in point.get("body", ()) for span in one.get("place", ()))]
    text = "\n".join(filter(None, (point.get("text", ""), body)))
    node = Node(point.get("marker", ""), text, _keep(path, place, places), _first(place), figures=by_path.get(path, []))
    for at, one in enumerate(point.get("points", ())):
        child = _point((*path, at), one, by_path, places)
        if one.get("inside", one.get("paragraph") == point.get("paragraph")):  # its text already stands in this point's
            node.figures = [*node.figures, *child.figures]
            places.pop(child.key, None)
        else:
            node.below.append(child)
    return node


def _keep(path: tuple[int, ...], place: list[list[int]], places: _Places) -> str:
    key = "n" + "-".join(map(str, path))
    places[key] = place
    return key


def _first(place: list[list[int]]) -> int | None:
    return place[0][0] if place else None
