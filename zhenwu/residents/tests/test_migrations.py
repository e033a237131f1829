"""Persons that were registered before there were initials and mergers keep everything, and are found."""

from datetime import date
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.lookups import find
from zhenwu.people.models import Person
from zhenwu.residents.merging import merge_persons


@pytest.fixture
def old_rows(person):
    made = [person("王大"), person("欧阳明"), person("李·买买提")]
    Person.objects.unscoped("test").update(name_initials=None)  # as 0001 left them
    return made


def test_old_rows_get_their_initials_and_nothing_else(old_rows, lin, monkeypatch):
    before = list(Person.objects.unscoped("test").order_by("pk").values())
    migration = import_module("zhenwu.people.migrations.0003_initials")
    monkeypatch.setattr(migration, "_CHUNK", 2)
    state = MigrationExecutor(connection).loader.project_state([("people", "0003_initials")])
    migration.fill(state.apps, None)
    after = list(Person.objects.unscoped("test").order_by("pk").values())
    assert [one["name_initials"] for one in after] == ["wd", "oym", "lmmt"]
    assert [one | {"name_initials": None} for one in after] == before
    assert list(verify("person")) == [], "history knows nothing of initials"
    assert [one.text for one in find("person", "oym", lin)[0]] == ["欧阳明"]


def test_old_rows_are_joined_like_new_ones(old_rows, person, lin):
    keep, gone = old_rows[0], person("王大", sex="1", birth=date(1980, 1, 2))
    assert Person.objects.unscoped("test").get(pk=keep.pk).merged_into_id is None
    merge_persons(keep, gone, by=lin, reason="同一人")
    assert Person.objects.unscoped("test").get(pk=gone.pk).merged_into_id == keep.pk
    assert list(verify("person")) == []
