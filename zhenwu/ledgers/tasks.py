"""What the ledgers have done in the background."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from zhenwu.background.periodic import every, nightly
from zhenwu.ledgers import releasing, search_index
from zhenwu.ledgers.designer.samples import forget_samples
from zhenwu.ledgers.escalation import note_escalations
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.models import ErasureOrder, ExportRequest, ImportJob
from zhenwu.ledgers.retention.erasing import carry_out
from zhenwu.ledgers.retention.leftovers import destroy_old_keys
from zhenwu.packs import runtime

_KEPT = timedelta(days=30)  # how long an uploaded sheet lies here


@task
def read_import(job: str) -> None:
    """Read an uploaded sheet and compare it with its ledger."""
    found = ImportJob.objects.select_related("by").filter(pk=job, status=ImportJob.Status.READING).first()
    if found is not None:
        jobs.read_now(found)


@task
def apply_import(job: str, skip_problems: bool, seen: str) -> None:
    """Write what was shown and confirmed; read the sheet again when the ledger has moved on."""
    found = ImportJob.objects.select_related("by").filter(pk=job, status=ImportJob.Status.APPLYING).first()
    if found is not None and jobs.apply_now(found, skip_problems=skip_problems, seen=seen):
        found.refresh_from_db()
        jobs.read_again(found, read_import, because=found.problem)


@nightly(label="删除一个月前上传的导入文件")
def forget_uploads() -> str:
    """An uploaded sheet holds personal data: it stays as long as someone may come back to it, and no longer."""
    old = list(ImportJob.objects.filter(at__lt=timezone.now() - _KEPT).exclude(status=ImportJob.Status.APPLYING))
    count = 0
    for job in old:
        count += jobs.path_of(job).exists()
        jobs.drop(job)
        jobs.remove_files(job)
        if job.shown:
            job.shown = {}
            job.save(update_fields=["shown"])
    count += forget_samples(timezone.now() - _KEPT)
    return f"删除{count}个" if count else ""


@every(minutes=10, label="把新记录编入搜索")
def index_all_words() -> str:
    done = sum(sum(search_index.catch_up(code)) for code in runtime.ledgers())
    return f"编入{done}条" if done else ""


@task
def make_export(export: str) -> None:
    """Write the file of an approved export."""
    found = ExportRequest.objects.select_related("by").filter(
        pk=export, state=ExportRequest.State.APPROVED, made_at=None
    )
    if one := found.first():
        releasing.make(one)


@nightly(label="删除到期的导出文件")
def end_exports() -> str:
    count = releasing.end_expired(timezone.localdate())
    return f"删除{count}个" if count else ""


@task
def erase_order(order: str) -> None:
    """Carry out a confirmed order of destruction, and destroy the keys of before."""
    found = ErasureOrder.objects.filter(pk=order).first()
    if found is None:
        return
    if found.state == ErasureOrder.State.CONFIRMED:
        found = carry_out(found, on=timezone.localdate())
    if found.state == ErasureOrder.State.ERASED and found.keys_destroyed_at is None:
        destroy_old_keys()


@nightly(label="接着办没有办完的销毁清册")
def go_on_erasing() -> str:
    """An order whose task was cut off for good."""
    left = ErasureOrder.objects.filter(
        Q(state=ErasureOrder.State.CONFIRMED) | Q(state=ErasureOrder.State.ERASED, keys_destroyed_at=None)
    )
    ids = [str(pk) for pk in left.values_list("pk", flat=True)]
    for pk in ids:
        erase_order.enqueue(pk)
    return f"接着办{len(ids)}份" if ids else ""


@nightly(label="超期事项提请领导过问")
def escalate_overdue() -> str:
    count = note_escalations(timezone.localdate())
    return f"提请过问{count}次" if count else ""
