"""The stored outline of a document (the JSON of `zhenwu outline`) as its page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_KINDS = {"summary": "工作总结", "plan": "工作计划", "problems": "存在问题", "other": "其他"}
_QUALIFIERS = {"approx": "约", "min": "不少于", "max": "不超过"}


@dataclass
class Node:
    """A part, section or point; `figures` are those in its own text."""

    heading: str
    text: str
    kind: str = ""
    figures: list[dict[str, Any]] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)


@dataclass
class OutlineView:
    parts: list[Node]
    figure_count: int
    noise: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    year_summary: int | None
    year_plan: int | None


def outline_view(said: Mapping[str, Any]) -> OutlineView:
    by_path: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    for figure in said.get("figures", ()):
        shown = figure | {"qualifier_text": _QUALIFIERS.get(figure.get("qualifier", ""), "")}
        by_path.setdefault(tuple(figure.get("path", ())), []).append(shown)
    parts = [_part(number, part, by_path) for number, part in enumerate(said.get("parts", ()))]
    return OutlineView(
        parts, len(said.get("figures", ())), list(said.get("noise", ())), list(said.get("targets", ())),
        said.get("year_summary"), said.get("year_plan"),
    )  # fmt: skip


def _part(number: int, part: Mapping[str, Any], by_path: Mapping[tuple[int, ...], Any]) -> Node:
    node = Node(part["heading"], part.get("text", ""), _KINDS.get(part.get("kind", ""), ""), by_path.get((number,), []))
    for index, section in enumerate(part.get("sections", ())):
        path = (number, index)
        below = Node(section["heading"], section.get("text", ""), figures=by_path.get(path, []))
        below.below = [_point((*path, at), point, by_path) for at, point in enumerate(section.get("items", ()))]
        node.below.append(below)
    return node


def _point(path: tuple[int, ...], point: Mapping[str, Any], by_path: Mapping[tuple[int, ...], Any]) -> Node:
    body = "\n".join(one["text"] for one in point.get("body", ()))
    node = Node(
        point.get("marker", ""), "\n".join(filter(None, (point.get("text", ""), body))), figures=by_path.get(path, [])
    )
    for at, one in enumerate(point.get("points", ())):
        child = _point((*path, at), one, by_path)
        if one.get(
            "inside", one.get("paragraph") == point.get("paragraph")
        ):  # its text already stands inside this point's
            node.figures = [*node.figures, *child.figures]
        else:
            node.below.append(child)
    return node
