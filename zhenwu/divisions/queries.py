"""Reading places: who is below whom, what a place became, which place a written name means on a day."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from zhenwu.divisions.models import Alias, Division, Edge, Level
from zhenwu.lib.text import fold_width


def in_force(on: date) -> QuerySet[Division]:
    return Division.objects.filter(valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def villages(on: date) -> QuerySet[Division]:
    return in_force(on).filter(level=Level.VILLAGE).order_by("code")


def town() -> Division | None:
    """The township this instance serves; None before set-up."""
    return Division.objects.filter(level=Level.TOWN, valid_to__isnull=True).order_by("code").first()


def successors(on: date) -> dict[uuid.UUID, uuid.UUID]:
    """{place: the single place it is on that day}. Itself while in force; absent where lineage leads to several."""
    alive = set(in_force(on).values_list("id", flat=True))
    became: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for source, target in Edge.objects.filter(event__effective__lte=on).values_list("source_id", "target_id"):
        became[source].append(target)

    def follow(place: uuid.UUID, seen: frozenset[uuid.UUID]) -> uuid.UUID | None:
        if place in alive:
            return place
        targets = became.get(place, [])
        if len(targets) != 1 or targets[0] in seen:
            return None
        return follow(targets[0], seen | {place})

    found = {place: follow(place, frozenset()) for place in Division.objects.values_list("id", flat=True)}
    return {place: now for place, now in found.items() if now is not None}


def below(places: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """The places themselves, everything under them, and what any of these were before (retired places keep their rows).
    A place that was divided belongs below none of its parts: its rows may be another part's."""
    children: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    for place, parent in Division.objects.values_list("id", "parent_id"):
        children[parent].append(place)
    became: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for source, target in Edge.objects.filter(source__valid_to__isnull=False).values_list("source_id", "target_id"):
        became[source].add(target)
    before: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for source, targets in became.items():
        if len(targets) == 1:
            before[targets.pop()].append(source)
    found: set[uuid.UUID] = set()
    open_places = list(places)
    while open_places:
        place = open_places.pop()
        if place not in found:
            found.add(place)
            open_places += children[place] + before[place]
    return found


_TAIL = re.compile(r"(村民委员会|居民委员会|村委会|居委会)$")
_GROUP = re.compile(r"^第?([一二三四五六七八九十\d]+)(村民小组|居民小组|小组|组|社)?$")


def plain_name(name: str) -> str:
    """A village's name without the words that rosters add or drop: 青山村村民委员会 → 青山."""
    name = re.sub(r"\s+", "", name)
    name = _TAIL.sub("", name)
    return re.sub(r"(社区|村)$", "", name) or name


class Gazetteer:
    """Which place a written name means on a day. Built once for many look-ups."""

    def __init__(self, level: str = Level.VILLAGE) -> None:
        self._by_name: dict[str, set[uuid.UUID]] = defaultdict(set)
        self._by_code: dict[str, set[uuid.UUID]] = defaultdict(set)
        self._places = {place.pk: place for place in Division.objects.filter(level__in=(level, Level.TOWN))}
        for place in self._places.values():
            self._by_code[place.code].add(place.pk)
            self._by_name[place.name].add(place.pk)
            if place.level != Level.TOWN:
                self._by_name[plain_name(place.name)].add(place.pk)
        for name, pk in Alias.objects.filter(division__in=self._places).values_list("name", "division_id"):
            self._by_name[name].add(pk)
            self._by_name[plain_name(name)].add(pk)
        self._names = sorted(place.name for place in self._places.values() if place.valid_to is None)

    def find(self, text: str, on: date) -> tuple[list[uuid.UUID], str]:
        """([place], "") or ([], why not). A name in use on the day wins over a former one; never the first of several."""
        said = re.sub(r"\s+", "", fold_width(text))
        meant = self._by_code.get(said) or self._by_name.get(said) or self._by_name.get(plain_name(said)) or set()
        if not meant:  # "云岭县青石镇青山村": drop what stands up to the township's name
            towns = [place.name for place in self._places.values() if place.level == Level.TOWN]
            tails = [tail for name in towns if (tail := said.partition(name)[2])]
            meant = {pk for tail in tails for pk in self._by_name.get(tail, self._by_name.get(plain_name(tail), set()))}
        now = [pk for pk in meant if self._in_force(pk, on)] or list(meant)
        if len(now) == 1:
            return now, ""
        if now:
            return [], f"有{len(now)}个同名单位，请改填12位区划代码。"
        return [], f"找不到这个村（社区）。现有：{'、'.join(self._names)}。"

    def remark(self, text: str, found: uuid.UUID, on: date) -> str:
        """What a person should know of a place that was found by this text: another name, or that it is no more."""
        place = self._places.get(found)
        said = re.sub(r"\s+", "", fold_width(text))
        if place is None or said == place.code:
            return ""
        towns = [one.name for one in self._places.values() if one.level == Level.TOWN]
        spellings = [said, *(said.partition(name)[2] for name in towns)]
        if plain_name(place.name) not in map(plain_name, spellings):
            return f"“{text.strip()}”是{place.name}的旧名或别名，按{place.name}读取。"
        return "" if self._in_force(found, on) else f"{place.name}当时不存在或已撤并，仍按{place.name}读取。"

    def _in_force(self, pk: uuid.UUID, on: date) -> bool:
        place = self._places[pk]
        return place.valid_from <= on and (place.valid_to is None or on < place.valid_to)
