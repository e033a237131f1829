"""What outlives emptied rows unless it is looked after: stored files, and the keys that open older copies of everything."""

import re
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from zhenwu.changes.audit import record
from zhenwu.changes.keys import keyring
from zhenwu.changes.models import History, Watched
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.files import path_of
from zhenwu.ledgers.models import ErasureOrder, StoredFile
from zhenwu.ledgers.resealing import reseal_all, waiting
from zhenwu.ledgers.retention.hooks import named_elsewhere
from zhenwu.lib import sealedfiles
from zhenwu.packs import runtime
from zhenwu.packs.apply import hold_packs

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ROUNDS = 5


def forget_files(digests: Iterable[str]) -> int:
    """Delete those of these stored files that no row and no version of a row names any more; returns how many."""
    left = set(digests)
    if left:
        left -= _still_named(left) | named_elsewhere(left)
    for digest in sorted(left):
        sealedfiles.remove(path_of(digest))
    StoredFile.objects.filter(sha256__in=left).delete()
    return len(left)


def _still_named(wanted: set[str]) -> set[str]:
    found: set[str] = set()
    for ledger in runtime.ledgers().values():
        for said in ledger.rows("erasure").exclude(files=None).values_list("files", flat=True).iterator():
            found |= wanted & {one["sha256"] for one in said or ()}
        kept = History.objects.filter(ledger=ledger.code, values__contains='"sha256"')
        for text in kept.values_list("values", flat=True).iterator():
            found |= wanted & set(_DIGEST.findall(text))
    return found


def destroy_old_keys() -> list[str]:
    """A new data key, everything that is kept once more under it, and every older one destroyed: what lies in older copies of
    the database or of the files cannot be opened any more. Returns the ids of the keys that are gone.

    Writers wait while it is made sure that nothing is left under an older key.
    """
    ring = keyring()
    orders = list(ErasureOrder.objects.filter(state=ErasureOrder.State.ERASED, keys_destroyed_at=None))
    ring.rotate()
    for _ in range(_ROUNDS):
        for _ in reseal_all():
            pass
        with ring.in_use(alone=True), transaction.atomic():
            hold_packs(alone=True)
            ErasureOrder.objects.filter(pk__in=[one.pk for one in orders]).update(keys_destroyed_at=timezone.now())
            if waiting():
                transaction.set_rollback(True)
                continue
            gone = ring.key_ids[:-1]
            said = f"换用新的数据密钥，销毁旧密钥{len(gone)}把（{'、'.join(gone)}）"
            record(Watched.ERASURE, said)
            return ring.destroy_older()
    raise LedgerError("一直有内容用旧密钥写入，没有销毁旧密钥。请重启服务后再试。")
