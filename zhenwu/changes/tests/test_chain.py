"""The chain: whole after a rollback, one writer at a time, and no version without its link."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from zhenwu.changes.actions import (
    Source,
    Version,
    append,
    canonical_json,
    next_numbers,
    open_change,
    verify_chain,
)
from zhenwu.changes.models import ChainHead, Change, History, SourceKind
from zhenwu.changes.queries import ledger_seq

LEDGER = "trial"


def write(count: int = 1, *, text: str = "值") -> Change:
    with transaction.atomic():
        change = open_change(author=None, reason="试验", source=Source(SourceKind.SYSTEM))
        append(change, LEDGER, [Version(uuid.uuid4(), 1, "add", {"a": text, "n": n}) for n in range(count)])
    return change


def test_a_change_says_how_many_rows_of_which_ledger(db):
    change = write(3)
    change.refresh_from_db()
    assert change.ledgers == {LEDGER: 3}
    assert ledger_seq(LEDGER) == 3


def test_no_change_without_a_transaction(committing):
    with pytest.raises(transaction.TransactionManagementError, match="no change without its rows"):
        open_change(author=None, reason="", source=Source(SourceKind.SYSTEM))


def test_the_chain_is_whole_after_a_rollback_in_between(committing):
    write(2)
    with transaction.atomic():
        write(3)
        transaction.set_rollback(True)
    write(2)
    assert list(History.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert list(verify_chain(LEDGER)) == []


def test_versions_in_several_batches_of_one_change_are_one_chain(db):
    write(5)
    write(1)
    assert list(verify_chain(LEDGER)) == []
    assert ChainHead.objects.get(ledger=LEDGER).seq == 6


def test_the_reason_of_a_change_can_not_be_altered(db):
    change = write()
    Change.objects.filter(pk=change.pk).update(reason="另一个原因")
    assert ["被改动过" in one.message for one in verify_chain(LEDGER)] == [True]


def test_a_history_that_lost_its_end_is_found(db):
    write(3)
    History.objects.get(ledger=LEDGER, seq=3).delete()
    assert [one.message for one in verify_chain(LEDGER)] == ["历史末尾与链头不一致，可能有历史被删除。"]


def test_a_head_that_was_moved_back_is_found(db):
    write(3)
    ChainHead.objects.filter(ledger=LEDGER).update(seq=2)
    assert len(list(verify_chain(LEDGER))) == 1


def test_text_of_one_meaning_has_one_spelling():
    assert canonical_json({"b": 1, "a": "“甲”\n", "c": None}) == '{"a":"“甲”\\n","b":1,"c":null}'


def test_numbers_are_never_given_out_twice(db):
    assert list(next_numbers("YH-2020", 2)) == [1, 2]
    assert list(next_numbers("YH-2020", 1)) == [3]
    assert list(next_numbers("YH-2021", 1)) == [1]


def test_two_writers_at_once_make_one_chain(committing):
    started, problems = threading.Barrier(2), []

    def work(name: str) -> None:
        try:
            started.wait(timeout=10)
            for _ in range(10):
                write(3, text=name)
        except Exception as problem:  # shown by the assertion below
            problems.append(problem)
        finally:
            connection.close()

    writers = [threading.Thread(target=work, args=(name,)) for name in "甲乙"]
    for one in writers:
        one.start()
    for one in writers:
        one.join(timeout=60)
    assert problems == []
    assert History.objects.count() == 60
    assert list(verify_chain(LEDGER)) == []
    authors = [canonical[6] for canonical in History.objects.order_by("seq").values_list("values", flat=True)]
    assert all(len(set(authors[at : at + 3])) == 1 for at in range(0, 60, 3))  # no change inside another
