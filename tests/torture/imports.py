"""Campaign: sheets are uploaded, read by a worker, confirmed and applied by a worker, and cut off anywhere in between. What was
left is taken up by the next process, as a worker does: it ends applied once and whole, or waits to be confirmed."""

from tests.torture import cast
from tests.torture.harness import Confirm

_ROWS = 1500
_HEAD = "村（社区）,领域,对象类型,名称,责任人,风险等级,检查频次,启用日期"


def prepare() -> None:
    cast.add(*(f"旧点位{number}" for number in range(300)))


def act(confirm: Confirm, attempt: int) -> None:
    """Confirms `asked <job>` when a person has confirmed an import, `applied <job>` when its page says that it is done."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from zhenwu.background.worker import Worker
    from zhenwu.ledgers.importing import jobs
    from zhenwu.ledgers.models import ImportJob
    from zhenwu.ledgers.tasks import apply_import, read_import

    settings.IMPORT_AT_ONCE_BYTES = 0
    upload = SimpleUploadedFile(f"第{attempt}份.csv", _sheet(attempt).encode())
    job = jobs.start(cast.LEDGER, upload, by=cast.clerk(), read=read_import)
    Worker().run_waiting()
    job.refresh_from_db()
    assert job.status == ImportJob.Status.STAGED, job.problem
    jobs.apply(job, skip_problems=False, seen=job.digest, write=apply_import)
    confirm(f"asked {job.pk}")
    Worker().run_waiting()
    job.refresh_from_db()
    assert job.status == ImportJob.Status.APPLIED, job.problem
    confirm(f"applied {job.pk}")


def check(confirmed: list[str]) -> list[str]:
    from zhenwu.background.worker import Worker
    from zhenwu.ledgers.models import ImportJob

    found = list(_halved())
    for one in confirmed:
        act_, pk = one.split()
        if act_ == "applied" and not ImportJob.objects.filter(pk=pk, status=ImportJob.Status.APPLIED).exists():
            found.append(f"import {pk} was said to be done and is not")
    Worker().run_waiting()  # the next worker
    found += _halved()
    for job in ImportJob.objects.exclude(status__in=[ImportJob.Status.APPLIED, ImportJob.Status.STAGED]):
        found.append(f"{job.file_name} is stuck: {job.status} {job.problem}")
    asked = {one.split()[1] for one in confirmed}
    done = {str(job.pk) for job in ImportJob.objects.filter(status=ImportJob.Status.APPLIED)}
    return found + [f"import {pk} was asked for and not done by the next worker" for pk in asked - done]


def _halved() -> list[str]:
    """Each import has all of its rows and its change, or none of them."""
    from zhenwu.ledgers.models import ImportJob

    found = []
    for job in ImportJob.objects.all():
        rows = cast.rows().filter(source__startswith=f"{job.file_name} ").count()
        wanted = _ROWS if job.status == ImportJob.Status.APPLIED else 0
        if rows != wanted or (job.change_id is not None) != bool(wanted):
            found.append(f"{job.file_name} is {job.status} with {rows} rows and change {job.change_id}")
    return found


def _sheet(attempt: int) -> str:
    village = cast.village().name
    rows = (f"{village},消防,商铺,{attempt}街{number}号,李青,黄,月,2020-01-05" for number in range(_ROWS))
    return "\n".join([_HEAD, *rows])
