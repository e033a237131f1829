"""Groups from a list (xlsx, xls, csv) and outlines from GeoJSON: what an instance loads once, after its villages."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from zhenwu.divisions.actions import create_divisions
from zhenwu.divisions.codes import free_codes, own_digits
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.keeping import hold, keep_places, start_change
from zhenwu.divisions.models import Class, Division, Level, Outline
from zhenwu.divisions.names import Gazetteer, group_number
from zhenwu.divisions.queries import in_force
from zhenwu.lib.outlines import OutlineProblem, read_outlines
from zhenwu.lib.sheets import find_table, read_book

_VILLAGE, _GROUP, _CODE = (
    ("村", "村名", "村(社区)", "所属村", "行政村"),
    ("组", "组名", "村民小组", "小组"),
    ("组代码", "代码"),
)


@dataclass
class Loaded:
    """`same`: groups that were there already."""

    added: list[Division] = field(default_factory=list)
    same: int = 0


def load_groups(file: Path, *, since: date, by: Any) -> Loaded:
    """Groups of the list's rows (村 | 组 | 组代码, the code optional), in force from `since`. All rows or none: raises
    DivisionRefused with every row that can't be read. SheetError when the file is none."""
    book = read_book(file)
    table = find_table(book.sheets[0])
    columns = {column.label: column.index for column in table.columns}
    at_village, at_group, at_code = (
        next((columns[name] for name in names if name in columns), None) for names in (_VILLAGE, _GROUP, _CODE)
    )
    if at_village is None or at_group is None:
        raise DivisionRefused(f"表头里没有“村”或“组”这一列。现有列：{'、'.join(columns)}。")
    reading = _Groups(since)
    for row in table.rows:
        code = _words(row.cells[at_code]) if at_code is not None else ""
        reading.read(row.number, _words(row.cells[at_village]), _words(row.cells[at_group]), code)
    if reading.problems:
        raise DivisionRefused(reading.problems)
    if reading.loaded.added:
        create_divisions(reading.loaded.added, by=by, reason=f"加载村（居）民小组：{file.name}")
    return reading.loaded


class _Groups:
    def __init__(self, since: date) -> None:
        self.since, self.loaded, self.problems = since, Loaded(), list[str]()
        self._gazetteer = Gazetteer()
        self._villages = {one.pk: one for one in in_force(since).filter(level=Level.VILLAGE)}
        self._known: dict[uuid.UUID | None, list[Division]] = defaultdict(list)
        for one in in_force(since).filter(level=Level.GROUP):
            self._known[one.parent_id].append(one)
        self._taken = set(Division.objects.filter(level=Level.GROUP).values_list("code", flat=True))

    def read(self, number: int, village: str, group: str, code: str) -> None:
        found, why = self._gazetteer.find(village, self.since)
        home = self._villages.get(found[0]) if found else None
        if home is None:
            self.problems.append(f"第{number}行“村”填的是“{village}”：{why or '当时不是有效的村（社区）。'}")
            return
        if not group:
            self.problems.append(f"第{number}行没有写组名。")
            return
        said = group_number(group)
        name = f"{said}组" if said else group
        if any(one.name in (name, group) for one in self._known[home.pk]):
            self.loaded.same += 1
            return
        wish = code or (f"{home.code}{said:02d}" if said and said < 100 else "")
        made = code or next(free_codes(Level.GROUP, home.code, Class.GROUP, self._taken, wish), "")
        if made in self._taken or not made:
            self.problems.append(f"第{number}行{home.name}{name}：代码{made or '用完了'}，已有别的组使用。")
            return
        self._taken.add(made)
        new = Division(
            code=made,
            name=name,
            level=Level.GROUP,
            cls=Class.GROUP,
            parent=home,
            valid_from=max(self.since, home.valid_from),
        )
        self._known[home.pk].append(new)
        self.loaded.added.append(new)


@transaction.atomic
def load_outlines(text: str, *, on: date, by: Any) -> tuple[list[Division], list[str]]:
    """Outlines of a GeoJSON FeatureCollection, given to the places in force on a day by their code or name (properties
    code, 代码, name, 名称 …). Returns (places that got one, what was left out and why). A later load replaces an earlier.

    Raises DivisionRefused when the text is no GeoJSON, too large, or a border lies outside of China.
    """
    hold()
    try:
        read = read_outlines(text)
    except OutlineProblem as problem:
        raise DivisionRefused(str(problem)) from None
    places, left_out = _by_name_or_code(on), []
    found: dict[uuid.UUID, tuple[Division, str, str]] = {}
    for feature in read:
        place = next((places[name] for name in feature.names if name in places), None)
        if place is None:
            left_out.append(
                f"第{feature.number}个图形（{'、'.join(feature.names) or '没有名称'}）：没有这样的现行单元。"
            )
        elif place.pk in found:
            left_out.append(f"第{feature.number}个图形：{place.name}已有一个，请合成一个多边形。")
        else:
            found[place.pk] = (place, feature.geometry, feature.box)
    Outline.objects.filter(division__in=found).delete()
    Outline.objects.bulk_create(
        Outline(division=place, geometry=geometry, box=box) for place, geometry, box in found.values()
    )
    given = [place for place, _, _ in found.values()]
    if given:
        keep_places(start_change(by, "加载区划轮廓"), [(place, "outlined") for place in given])
    return given, left_out


def outlines(on: date) -> Iterator[tuple[Division, dict[str, Any]]]:
    """(place in force on the day, its GeoJSON geometry) of every place with an outline."""
    rows = Outline.objects.filter(division__in=in_force(on)).select_related("division").order_by("division__code")
    for one in rows:
        yield one.division, json.loads(one.geometry)


def _by_name_or_code(on: date) -> dict[str, Division]:
    known: dict[str, Division] = {}
    for place in in_force(on).exclude(level=Level.GROUP):
        known[place.code] = place
        known[own_digits(place.code) if place.level != Level.VILLAGE else place.code] = place
        for name in (place.name, place.full_name):
            if name:
                known.setdefault(name, place)
    return known


def _words(cell: Any) -> str:
    value = getattr(cell, "value", cell)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
