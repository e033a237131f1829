"""What this township knows: its places, the persons of its registry, its offices. Implements sample.Known."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from zhenwu.accounts.models import Unit
from zhenwu.divisions.names import Gazetteer
from zhenwu.lib.text import name_key


class Township:
    """Asked once a sample. `persons` are the rows of the registry that who asks may read, None for nobody: a guess must
    not tell who is in it."""

    def __init__(self, on: date, persons: QuerySet[Any] | None) -> None:
        self._on, self._persons = on, persons

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer()

    def places(self, words: Sequence[str]) -> set[str]:
        return {word for word in words if len(word) <= 60 and self._gazetteer.find(word, self._on)[0]}

    def persons(self, words: Sequence[str]) -> set[str]:
        """The words that name exactly one person."""
        counted = self._names
        return {word for word in words if counted[name_key(word)] == 1}

    @cached_property
    def _names(self) -> Counter[str]:
        if self._persons is None:
            return Counter()
        names = self._persons.filter(voided_by_change=None).order_by().values_list("name", flat=True)
        return Counter(name_key(name) for name in names.iterator(chunk_size=5000) if name)

    def units(self, words: Sequence[str]) -> set[str]:
        return set(words) & self._units

    @cached_property
    def _units(self) -> set[str]:
        return set(Unit.objects.values_list("label", flat=True))
