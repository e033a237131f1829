"""Which place a written name means on a day: by its own name, a former or other one, or its code. Never by guess."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from zhenwu.divisions.models import Alias, Division, Level
from zhenwu.divisions.queries import lineage
from zhenwu.lib.numerals import CHINESE_NUMERAL, chinese_to_int
from zhenwu.lib.text import fold_width

_TAIL = re.compile(r"(村民委员会|居民委员会|村委会|居委会)$")
_GROUP = re.compile(rf"第?(\d{{1,3}}|{CHINESE_NUMERAL}{{1,4}})(?:村民小组|居民小组|小组|组|社|队)?")
Found = tuple[list[uuid.UUID], str]  # ([place], "") or ([], why not)


def plain_name(name: str) -> str:
    """A village's name without the words that rosters add or drop: 青山村村民委员会 → 青山."""
    name = re.sub(r"\s+", "", name)
    name = _TAIL.sub("", name)
    return re.sub(r"(社区|村)$", "", name) or name


def group_number(name: str) -> int | None:
    """3组, 三社, 第三村民小组, 3 → 3; None when the name is no number."""
    if not (match := _GROUP.fullmatch(_squeezed(name))):
        return None
    said = match[1]
    try:
        return int(said) if said.isdecimal() else chinese_to_int(said)
    except ValueError:
        return None


class Gazetteer:
    """Which place a written name means on a day. Built once for many look-ups.

    A name in use on the day wins. Else a former name means what its place has become by that day, if that is one place.
    """

    def __init__(self, level: str = Level.VILLAGE) -> None:
        self._by_name: dict[str, set[uuid.UUID]] = defaultdict(set)
        self._by_code: dict[str, set[uuid.UUID]] = defaultdict(set)
        self._aliases: dict[str, list[tuple[uuid.UUID, date | None, date | None]]] = defaultdict(list)
        self._lineage = lineage()
        self._places = {place.pk: place for place in Division.objects.filter(level__in=(level, Level.TOWN))}
        for place in self._places.values():
            self._by_code[place.code].add(place.pk)
            for name in self._spellings(place, place.name):
                self._by_name[name].add(place.pk)
        said = Alias.objects.filter(division__in=self._places).order_by("pk")
        for name, pk, first, end in said.values_list("name", "division_id", "valid_from", "valid_to"):
            for spelling in self._spellings(self._places[pk], name):
                self._aliases[spelling].append((pk, first, end))
        self._towns = [place.name for place in self._places.values() if place.level == Level.TOWN]
        self._names = sorted({place.name for place in self._places.values() if place.valid_to is None})

    def find(self, text: str, on: date) -> Found:
        """([place], "") or ([], why not). A name in use on the day wins over a former one; never the first of several."""
        said = _squeezed(text)
        now = self._meant(said, on)
        if not now:
            return [], f"找不到这个村（社区）。现有：{'、'.join(self._names)}。"
        if len(now) == 1:
            return list(now), ""
        names = "、".join(sorted(self._places[pk].name for pk in now if pk in self._places))
        if not self._in_force_by_name(said, on):
            return [], f"“{text.strip()}”已调整到{names}，请改填现在的村名，或连组名一起填写。"
        return [], f"有{len(now)}个同名单位，请改填12位区划代码。"

    def remark(self, text: str, found: uuid.UUID, on: date) -> str:
        """What a person should know of a place that was found by this text: another name, or that it is no more."""
        place = self._places.get(found)
        said = _squeezed(text)
        if place is None or said == place.code:
            return ""
        spellings = [said, *(said.partition(name)[2] for name in self._towns)]
        if plain_name(place.name) not in map(plain_name, spellings):
            return f"“{text.strip()}”是{place.name}的旧名或别名，按{place.name}读取。"
        return "" if self._in_force(found, on) else f"{place.name}当时不存在或已撤并，仍按{place.name}读取。"

    def named(self, text: str, found: uuid.UUID) -> uuid.UUID:
        """The unit that the text calls by its own name, where `found` is what that one became; else `found` itself. A group
        written beside a former village is one of that village."""
        for names in self._ways_to_say(_squeezed(text)):
            own = {pk for name in names for pk in self._by_name.get(name, ())}
            if found in own:
                break
            if former := [pk for pk in own if found in self._lineage.above(pk)]:
                return former[0] if len(former) == 1 else found
        return found

    def _meant(self, said: str, on: date) -> set[uuid.UUID]:
        for names in self._ways_to_say(said):
            own = {pk for name in names for pk in self._by_code.get(name, set()) | self._by_name.get(name, set())}
            if now := {pk for pk in own if self._in_force(pk, on)}:
                return now
            other = {
                pk for name in names for pk, first, end in self._aliases.get(name, ())
                if (first is None or first <= on) and (end is None or on < end)
            }  # fmt: skip
            if now := self._as_of(own | other, on):
                return now
        return set()

    def _in_force_by_name(self, said: str, on: date) -> bool:
        return any(
            self._in_force(pk, on)
            for names in self._ways_to_say(said) for name in names for pk in self._by_name.get(name, ())
        )  # fmt: skip

    def _ways_to_say(self, said: str) -> Iterable[list[str]]:
        """The text as it stands; by its plain name; without 原; without what stands up to the township's name."""
        yield [said]
        yield [plain_name(said)]
        if said.startswith("原"):
            yield [said[1:], plain_name(said[1:])]
        for name in self._towns:
            if tail := said.partition(name)[2]:
                yield [tail]
                yield [plain_name(tail)]

    def _as_of(self, meant: set[uuid.UUID], on: date) -> set[uuid.UUID]:
        """What these are on the day; a place that begins only later, or led nowhere, stays itself."""
        now: set[uuid.UUID] = set()
        for pk in meant:
            place = self._places[pk]
            last = (
                self._lineage.standing(pk, on, since=_eve(place.valid_to)).among if place.valid_to else frozenset([pk])
            )
            now |= last or {pk}
        return now

    def _spellings(self, place: Division, name: str) -> tuple[str, ...]:
        said = _squeezed(name)
        return (said,) if place.level == Level.TOWN else (said, plain_name(said))

    def _in_force(self, pk: uuid.UUID, on: date) -> bool:
        place = self._places.get(pk)
        return place is not None and place.valid_from <= on and (place.valid_to is None or on < place.valid_to)


class Groups:
    """Which group a written name means inside a village: 3组, 三社, 第三村民小组 and 3 are one. Built once for many look-ups."""

    def __init__(self) -> None:
        self._lineage = lineage()
        self._groups = {one.pk: one for one in Division.objects.filter(level=Level.GROUP).select_related("parent")}
        self._by_name: dict[str, set[uuid.UUID]] = defaultdict(set)
        self._by_number: dict[int, set[uuid.UUID]] = defaultdict(set)
        self._by_code: dict[str, set[uuid.UUID]] = defaultdict(set)
        for pk, one in self._groups.items():
            self._by_code[one.code].add(pk)
            self._add(pk, one.name)
        said = Alias.objects.filter(division__in=self._groups).order_by("pk").values_list("name", "division_id")
        for name, pk in said:
            self._add(pk, name)

    def find(self, text: str, on: date, village: uuid.UUID | None = None) -> Found:
        """([group], "") or ([], why not) on the day. Without `village` the text must name it too (青山村3组), or the name
        must be the only one. A retired group means what it has become, if that is one."""
        said = _squeezed(text)
        if not said:
            return [], "没有写组名。"
        named = self._by_code.get(said) or self._by_name.get(said) or set()
        meant = self._chosen(named, on, village)
        if not meant and village is not None and (number := group_number(said)) is not None:
            meant = self._chosen(self._by_number.get(number, set()), on, village)
        if not meant:  # a group of another village, if the text says which
            meant = self._chosen(
                {pk for pk in named if said == self._groups[pk].code or self._says_village(said, pk)}, on, None
            )
        if len(meant) == 1:
            return list(meant), ""
        if meant:
            names = "、".join(sorted(f"{self._village_name(pk)}{self._groups[pk].name}" for pk in meant))
            return [], f"有{len(meant)}个同名的组（{names}），请连村名一起填写。"
        where = f"{self._lineage_name(village)}里" if village else ""
        return [], f"{where}没有叫“{text.strip()}”的组。"

    def remark(self, text: str, found: uuid.UUID) -> str:
        """What a person should know of a group found by this text: that it is called otherwise now."""
        group = self._groups.get(found)
        said = _squeezed(text)
        if group is None or said in (group.code, group.name, f"{self._village_name(found)}{group.name}"):
            return ""
        number = group_number(said)
        if number is not None and number in (group_number(group.name), self._own_number(group)):
            return ""
        full = f"{self._village_name(found)}{self._short(group)}"
        return f"“{text.strip()}”现在是{full}，按{full}读取。"

    def _chosen(self, meant: set[uuid.UUID], on: date, village: uuid.UUID | None) -> set[uuid.UUID]:
        """Those of the village (or of what it was) by the day; a group in force on the day before one that is no more."""
        if village is not None:
            home = {pk for pk in meant if village in self._villages_of(pk)}
            own = {pk for pk in home if self._groups[pk].parent_id == village}
            meant = own or home
        if now := {pk for pk in meant if self._lineage.places[pk].in_force(on)}:
            return now
        found: set[uuid.UUID] = set()
        for pk in meant:
            found |= self._lineage.standing(pk, on).among or {pk}
        return found

    def _villages_of(self, pk: uuid.UUID) -> frozenset[uuid.UUID]:
        """The village of a group and what it became."""
        return self._lineage.above(pk) | {parent for parent in (self._groups[pk].parent_id,) if parent}

    def _add(self, pk: uuid.UUID, name: str) -> None:
        said = _squeezed(name)
        self._by_name[said].add(pk)
        village = self._village_name(pk)
        if village and said.startswith(village):
            said = said.removeprefix(village)
        else:
            self._by_name[f"{village}{said}"].add(pk)
            self._by_name[f"{plain_name(village)}{said}"].add(pk)
        if (number := group_number(said)) is not None:
            self._by_number[number].add(pk)
            for shape in ("{}{}组", "{}{}社", "{}第{}村民小组"):
                self._by_name[shape.format(village, number)].add(pk)

    def _says_village(self, said: str, pk: uuid.UUID) -> bool:
        return bool(name := plain_name(self._village_name(pk))) and said.startswith(name)

    def _village_name(self, pk: uuid.UUID) -> str:
        parent = self._groups[pk].parent
        return parent.name if parent else ""

    def _short(self, group: Division) -> str:
        return group.name.removeprefix(group.parent.name) if group.parent else group.name

    def _own_number(self, group: Division) -> int:
        return int(group.code[-2:]) if group.code[-2:].isdecimal() else -1

    def _lineage_name(self, village: uuid.UUID) -> str:
        return Division.objects.filter(pk=village).values_list("name", flat=True).first() or ""


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", fold_width(text))


def _eve(day: date | None) -> date | None:
    return date.fromordinal(day.toordinal() - 1) if day else None
