"""What this township knows: its places, the persons of its registry, its offices. Implements sample.Known."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from zhenwu.accounts.models import Unit
from zhenwu.divisions.queries import Gazetteer
from zhenwu.lib.text import name_key
from zhenwu.people.models import Person


class Township:
    """Asked once a sample. Without `sees_persons` the registry of persons answers nothing: who may not read it must not
    learn from a guess who is in it."""

    def __init__(self, on: date, *, sees_persons: bool) -> None:
        self._on, self._sees_persons = on, sees_persons

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer()

    def places(self, words: Sequence[str]) -> set[str]:
        return {word for word in words if len(word) <= 60 and self._gazetteer.find(word, self._on)[0]}

    def persons(self, words: Sequence[str]) -> set[str]:
        """The words that name exactly one person."""
        if not self._sees_persons:
            return set()
        counted = self._names
        return {word for word in words if counted[name_key(word)] == 1}

    @cached_property
    def _names(self) -> Counter[str]:
        names = Person.objects.filter(voided_by_change=None).order_by().values_list("name", flat=True)
        return Counter(name_key(name) for name in names.iterator(chunk_size=5000) if name)

    def units(self, words: Sequence[str]) -> set[str]:
        return set(words) & self._units

    @cached_property
    def _units(self) -> set[str]:
        return set(Unit.objects.values_list("label", flat=True))
