"""The feed of changes: nothing is missed, nothing of others is told."""

import threading

import pytest
from django.db import connection, transaction

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft

FORM = Source(SourceKind.FORM)


def walk(caller, path):
    found = []
    while True:
        page = caller.get(path).json()
        found += page["entries"]
        path = page["next"]
        if not page["more"]:
            return found, path


def test_entries_come_in_order_once_and_the_place_is_kept(program, lin, declaration):
    rows = [declaration(lin) for _ in range(5)]
    caller = program(lin)
    entries, following = walk(caller, "changes?since=0&limit=2")
    mine = [one for one in entries if one["ledger"] == "site_none"]
    assert [one["row"] for one in mine] == [str(row.pk) for row in rows]
    assert [one["change"] for one in mine] == sorted(one["change"] for one in mine)
    assert (mine[0]["kind"], mine[0]["act"], mine[0]["version"]) == ("form", "add", 1)
    assert walk(caller, following)[0] == []
    late = declaration(lin)
    assert [one["row"] for one in walk(caller, following)[0]] == [str(late.pk)]


def test_a_large_change_is_read_in_pieces(program, lin, places):
    values = {"sector": "消防", "for_year": 2020}
    commit(Draft("site_none", lin, [Add(dict(values), places["青山村"].pk) for _ in range(25)], FORM))
    entries, _ = walk(program(lin), "changes?limit=10&ledger=site_none")
    assert len({one["row"] for one in entries}) == len(entries) == 25


def test_what_lies_outside_of_ones_rights_is_passed_over(program, lin, wu, chen, declaration):
    declaration(lin, "青山村")
    far = declaration(lin, "河口村")
    entries, _ = walk(program(wu), "changes?limit=1")
    assert [one["row"] for one in entries] == [str(far.pk)]
    assert "陈青" not in str(entries)


def test_wrong_questions_are_refused(program, chen, places):
    answer = program(chen).get("changes?since=x&limit=0&other=1")
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["problems"]} == {"since", "limit", "other"}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_change_that_ends_late_is_not_missed(committing, program, lin, places):
    """Two writers in different ledgers: the first takes its number first and commits last."""
    caller = program(lin)
    took_number, may_end = threading.Event(), threading.Event()
    slow: dict[str, int] = {}

    def write_slowly():
        with transaction.atomic():
            slow["change"] = commit(Draft("site_none", lin, [Add({"sector": "消防"}, places["青山村"].pk)], FORM)).pk
            took_number.set()
            assert may_end.wait(20)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert took_number.wait(20)
    quick = commit(Draft("hazard", lin, [Add({}, places["青山村"].pk)], FORM)).pk
    assert quick > slow["change"]
    entries, following = walk(caller, "changes")
    assert [one["change"] for one in entries] == []  # the quick one is held back, since it lies behind the slow one
    may_end.set()
    writer.join()
    entries, _ = walk(caller, following)
    assert [one["change"] for one in entries] == [slow["change"], quick]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_reader_beside_many_writers_misses_nothing(committing, program, lin, places):
    caller = program(lin)
    codes, done, failed = ["site_none", "hazard", "hazard_site", "river_patrol"], threading.Event(), []
    written: set[int] = set()

    def write(code):
        try:
            for at in range(12):
                with transaction.atomic():
                    change = commit(Draft(code, lin, [Add({}, places["青山村"].pk)], FORM))
                    if at % 4 == 3:
                        transaction.set_rollback(True)
                if at % 4 != 3:
                    written.add(change.pk)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(code,)) for code in codes]
    seen: list[int] = []

    def read(path="changes?limit=3"):
        while True:
            ended = done.is_set()
            entries, path = walk(caller, path)
            seen.extend(one["change"] for one in entries)
            if ended:
                break
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    done.set()
    reader.join()
    assert not failed
    assert seen == sorted(written)
