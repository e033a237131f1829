"""Carries out an order of destruction: rows are emptied and voided, their history is buried, what was copied from them goes,
and in the end the keys that could open an older copy of the database.

Batch by batch, each a transaction; broken off, the next call goes on. A row that is no longer free (somebody wrote in it, a
hold came) stays and the order says so.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhenwu.changes import erasing as graves
from zhenwu.changes.actions import Source, lock_chain, open_change
from zhenwu.changes.audit import record
from zhenwu.changes.followers import follow
from zhenwu.changes.models import Change, History, SourceKind, Watched
from zhenwu.ledgers import search_index
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.lines import attach
from zhenwu.ledgers.models import ErasureItem, ErasureOrder, ImportJob, ReturnMark
from zhenwu.ledgers.prepare import Prepared
from zhenwu.ledgers.releasing import end_all_of
from zhenwu.ledgers.retention.due import free_rows, is_personal
from zhenwu.ledgers.retention.hooks import erasers, finishers
from zhenwu.ledgers.retention.leftovers import forget_files
from zhenwu.ledgers.snapshot import canonical_of
from zhenwu.ledgers.writing import Writer
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_BATCH = 500
_DIGEST = re.compile(r'"sha256":\s?"([0-9a-f]{64})"')


def carry_out(order: ErasureOrder, *, on: date, tell: Callable[[int], Any] | None = None) -> ErasureOrder:
    """Erase all rows of a confirmed order that are still free on that day, and what was copied from them."""
    done = 0
    while count := _next_batch(order.pk, on):
        done += count
        if tell:
            tell(done)
    return _finish(order.pk)


@transaction.atomic
def _next_batch(pk: uuid.UUID, on: date) -> int:
    """How many rows were dealt with; 0 when none is left."""
    runtime.ensure_current()
    order = ErasureOrder.objects.select_related("decided_by").get(pk=pk)
    if order.state != ErasureOrder.State.CONFIRMED:
        return 0
    ledger = runtime.ledger(order.ledger)
    head = lock_chain(ledger.code)
    items = {one.row: one for one in order.items.filter(outcome="").order_by("pk")[:_BATCH]}
    if not items:
        return 0
    free = free_rows(ledger, on, order=order).filter(pk__in=list(items)).select_for_update(of=("self",))
    rows = [row for row in free if row.version == items[row.pk].version]
    attach(ledger, rows)
    if rows:
        _erase(order, ledger, head, rows)
    ErasureItem.objects.filter(order=order, row__in=[row.pk for row in rows]).update(outcome=ErasureItem.Outcome.ERASED)
    kept = items.keys() - {row.pk for row in rows}
    ErasureItem.objects.filter(order=order, row__in=list(kept)).update(outcome=ErasureItem.Outcome.KEPT)
    return len(items)


def _erase(order: ErasureOrder, ledger: Ledger, head: Any, rows: list[Any]) -> None:
    after, ids = head.seq, [row.pk for row in rows]
    digests = graves.digests_of(ledger.code, ids)
    _forget_what_was_copied(order, ledger, ids)
    change = open_change(
        author=order.decided_by, reason=f"保管期满，按销毁清册{order.no}清除", source=Source(SourceKind.SYSTEM, order.no),
        pack_hash=runtime.pack_hash(),
    )  # fmt: skip
    writer = Writer(ledger, change, head, change.at.year)
    writer.change_stored([_emptied(ledger, row, digests[row.pk]) for row in rows], {row.pk: row for row in rows})
    graves.bury(ledger.code, {row.pk: row.version + 1 for row in rows})
    writer.close()
    follow(change, ledger.code)
    search_index.bring(ledger.code, change, after=after)
    _look_after(order, {digest for eraser in erasers() for digest in eraser(ledger.code, ids)})


def _emptied(ledger: Ledger, row: Any, digest: str) -> Prepared:
    """The row without what is personal, voided: it is no longer counted, listed or searched, and its number stays taken."""
    gone = [kind for kind in ledger.stored.values() if is_personal(kind)]
    columns: dict[str, Any] = {"void": True, "note": None, "files": None, "source": ""}
    for kind in gone:
        columns |= kind.to_columns(None)
    canonical = canonical_of(ledger, row) | {kind.code: None for kind in gone} | dict.fromkeys(ledger.children)
    canonical |= {"note": None, "files": None, "void": True, graves.KEY: digest}
    lines: dict[str, list[Any]] = {code: [] for code in ledger.children}
    return Prepared(row.pk, row.version + 1, graves.ACT, columns, canonical, lines=lines)


def _forget_what_was_copied(order: ErasureOrder, ledger: Ledger, rows: Sequence[uuid.UUID]) -> None:
    """Words of these rows outside of their table; the files that they named are looked after when all rows are done."""
    kept = History.objects.filter(ledger=ledger.code, row__in=rows)
    named = {digest for said in kept.filter(values__contains='"sha256"').values_list("values", flat=True)
             for digest in _DIGEST.findall(said)}  # fmt: skip
    named |= {one["sha256"] for files in _loose_files(ledger, rows) for one in files}
    _look_after(order, named)
    ReturnMark.objects.filter(ledger=ledger.code, row__in=rows).update(says="")
    for job in ImportJob.objects.filter(change__in=kept.values("change")):
        jobs.remove_files(job)
        ImportJob.objects.filter(pk=job.pk).update(shown={}, mapping={})


def _look_after(order: ErasureOrder, files: set[str]) -> None:
    """Note the files that may have to go once all rows are erased."""
    if files - set(order.files):
        order.files = sorted(files | set(order.files))
        order.save(update_fields=["files"])


def _loose_files(ledger: Ledger, rows: Sequence[uuid.UUID]) -> Iterable[list[dict[str, Any]]]:
    found = ledger.rows("erasure").filter(pk__in=rows).exclude(files=None)
    return [files for files in found.values_list("files", flat=True) if files]


def _finish(pk: uuid.UUID) -> ErasureOrder:
    order = ErasureOrder.objects.select_related("decided_by").get(pk=pk)
    if order.state != ErasureOrder.State.CONFIRMED:
        return order
    forget_files(order.files)
    end_all_of(order.ledger)
    for finisher in finishers():
        finisher(order.ledger)
    with transaction.atomic():
        counts = {outcome: order.items.filter(outcome=outcome).count() for outcome in ErasureItem.Outcome.values}
        order.state, order.erased_at, order.files = ErasureOrder.State.ERASED, timezone.now(), []
        order.erased, order.kept = counts[ErasureItem.Outcome.ERASED], counts[ErasureItem.Outcome.KEPT]
        order.save(update_fields=["state", "erased_at", "files", "erased", "kept"])
        said = f"按销毁清册{order.no}清除{order.erased}条" + (f"，{order.kept}条因情况有变保留" if order.kept else "")
        record(Watched.ERASURE, said, by=order.decided_by, ledger=order.ledger)
    return order


def changes_of(order: ErasureOrder) -> list[Change]:
    """The changes that carried the order out."""
    return list(Change.objects.filter(source_kind=SourceKind.SYSTEM, source_name=order.no).order_by("pk"))
