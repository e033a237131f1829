"""Imports under way: the uploaded file kept beside its job; read, shown, applied. Small files at once, large ones in the
background. Whatever process is killed, a job is as it was before or done; nothing of it is ever half.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django_tasks.base import Task

from zhenwu.accounts.models import User
from zhenwu.background.queries import TaskState, state_of
from zhenwu.changes.keys import keyring
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError
from zhenwu.ledgers.importing import memory, preview
from zhenwu.ledgers.importing.actions import Reading, WrongSheet, apply_staged, read_file, stage_file
from zhenwu.ledgers.importing.corrected import corrections, five
from zhenwu.ledgers.importing.giving_back import give_back
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.stage import Staged
from zhenwu.ledgers.importing.under_way import Cancelled, How, UnderWay
from zhenwu.ledgers.models import ImportJob
from zhenwu.ledgers.queries import scope_in
from zhenwu.lib import sealedfiles
from zhenwu.lib.sheets import SheetError, Table, where
from zhenwu.packs import runtime
from zhenwu.packs.errors import RestartNeeded

Status = ImportJob.Status
READING, COMPARING, WRITING = "读取文件", "与台账核对", "写入台账"
_DROPPED_SHOWN = 200  # rows that are no data, of which the page tells


class Changed(LedgerError):
    """What the file would do is no longer what was shown."""


class FileGone(LedgerError):
    """The uploaded file is no longer there."""


def start(
    ledger: str, upload: File, *, by: User, read: Task[Any, Any], picked: Sequence[str] = (),
    mapping: Mapping[int, str] | None = None, since: date | None = None,
) -> ImportJob:  # fmt: skip
    """Keep the file and read it: at once when it is small, else by the task `read`. `picked` sheets and a `mapping` (column
    index → target) that are known already go before what is recognised.

    Raises SheetError or WrongSheet, and keeps nothing, when a small file holds no table.
    """
    said = hashlib.sha256()
    job = ImportJob(ledger=ledger, by=by, file_name=(upload.name or "表格")[-300:], status=Status.READING, since=since)
    job.picked, job.mapping = list(picked), {str(index): target for index, target in (mapping or {}).items()}
    try:
        sealedfiles.seal_file(keyring(), _hashed(upload.chunks(), said), path_of(job))
        job.file_hash = said.hexdigest()
        if is_small(job) is not False:
            _take(job, _stage(job))
        with transaction.atomic():
            job.save()
            if job.status == Status.READING:
                _enqueue(job, read)
    except BaseException:
        remove_files(job)
        raise
    return job


def read_again(job: ImportJob, read: Task[Any, Any], because: str = "") -> None:
    """After other columns or sheets were chosen, the ledger moved on, or reading was broken off. `because` stays on the job
    as what a person should know."""
    with transaction.atomic():
        if not _move(job, (Status.STAGED, Status.FAILED, Status.READING), Status.READING):
            return
        job.problem = because
        job.save(update_fields=["problem"])
        if is_small(job) is False:
            _enqueue(job, read)
            return
    read_now(job)


def is_small(job: ImportJob) -> bool | None:
    """Whether the file is read while the page waits; None when it is gone."""
    path = path_of(job)
    return path.stat().st_size <= settings.IMPORT_AT_ONCE_BYTES if path.is_file() else None


def read_now(job: ImportJob) -> None:
    """Read and compare in this process; what comes of it stands on the job, whatever it is."""
    because = job.problem
    try:
        staged = _stage(job)
    except Cancelled:
        remove_files(job)  # whoever stopped it has given the job up
        return
    except (SheetError, LedgerError) as problem:
        _end_reading(job, Status.FAILED, problem=str(problem), digest="")
        return
    except Exception:
        _end_reading(job, Status.FAILED, problem=_UNEXPECTED, digest="")
        raise
    _take(job, staged)
    _end_reading(job, Status.STAGED, problem=job.problem or because)


_UNEXPECTED = (
    "读取这份表格时出了意外的错误，已经记入系统日志，没有写入任何内容。请重试一次；仍然不行，请把表格发给系统管理员。"
)
_UNEXPECTED_APPLYING = (
    "导入时出了意外的错误，已经记入系统日志，没有写入任何内容。请重试一次；仍然不行，请告诉系统管理员。"
)
CHANGED = "台账在你查看之后有了新的改动，导入结果与刚才看到的不一样。请重新核对下面的结果，再确认导入。"


def choose(job: ImportJob, *, picked: list[str], mapping: dict[int, str], since: date | None = None) -> None:
    """Other sheets, or corrected columns. A change of sheets starts the mapping anew."""
    now = job.picked or job.shown.get("sheets", [])
    wanted = [name for name in job.sheets if name in picked] or now
    if wanted == now:
        job.mapping = {str(index): target for index, target in mapping.items()}
    else:
        job.mapping, job.picked = {}, wanted
    job.since = since
    job.save(update_fields=["picked", "mapping", "since"])


def apply(job: ImportJob, *, skip_problems: bool, seen: str, write: Task[Any, Any]) -> None:
    """Apply exactly what was shown, as one change: at once when the file is small, else by the task `write`.

    `seen` is the digest of the page that was confirmed. Raises Changed when the file would now do something else (the job
    is then read again), CommitRefused, Conflict, or LedgerError for a job that was dealt with already.
    """
    if not seen or seen != job.digest:
        raise Changed(CHANGED)
    if is_small(job) is not False:
        run(job, skip_problems=skip_problems, seen=seen, still=Status.STAGED)
        return
    with transaction.atomic():
        if not _move(job, (Status.STAGED,), Status.APPLYING):
            raise LedgerError("这次导入已经办理过了，不能重复导入。")
        _enqueue(job, write, skip_problems, seen)


def apply_now(job: ImportJob, *, skip_problems: bool, seen: str) -> bool:
    """Do what `apply` asked for, in a worker; returns whether the sheet must be read again. What comes of it stands on the job."""
    try:
        run(job, skip_problems=skip_problems, seen=seen, still=Status.APPLYING)
    except Cancelled:
        _end_applying(job, "已停止导入，没有写入任何内容。")
    except (Changed, Conflict):
        _end_applying(job, CHANGED)
        return True
    except CommitRefused as refused:
        _end_applying(job, "没有导入：" + _first(refused))
    except (SheetError, LedgerError) as problem:
        _end_applying(job, f"没有导入：{problem}")
    except RestartNeeded:
        raise  # the worker starts anew with the newer packs, and the task is done then
    except Exception:
        _end_applying(job, _UNEXPECTED_APPLYING)
        raise
    return False


def run(job: ImportJob, *, skip_problems: bool, seen: str, still: str) -> None:
    """Read again, compare with what was seen, commit; all in the transaction in which the job stops being `still`."""
    under_way = UnderWay(path_of(job))
    under_way.begin()
    staged = _stage(job, under_way)
    if not isinstance(staged, Staged):
        raise Changed(staged.problem)
    if _digest(staged) != seen:
        raise Changed(CHANGED)
    with transaction.atomic():
        told = under_way.later(WRITING)
        change = apply_staged(staged, by=job.by, skip_problems=skip_problems, progress=told, goes_back=True)
        done = ImportJob.objects.filter(pk=job.pk, status=still).update(
            status=Status.APPLIED, change=change, counts=staged.counts, problem=""
        )
        if not done:
            raise LedgerError("这次导入已经办理过了，不能重复导入。")
        if job.mapping:
            memory.remember(job.ledger, staged.table.columns, _chosen(job) or {}, job.by)
    job.refresh_from_db()
    under_way.remove()


def state(job: ImportJob) -> TaskState:
    """How the background work of a busy job really is."""
    return state_of(job.task)


def how(job: ImportJob) -> How:
    return UnderWay(path_of(job)).how()


def stop(job: ImportJob) -> None:
    """Break off what the background is doing with the job. Reading: the job is given up. Applying: the worker that is at it
    undoes what it wrote; if it is done already, it stays done."""
    UnderWay(path_of(job)).stop()
    if job.status == Status.READING:
        drop(job)


def resume(job: ImportJob, *, read: Task[Any, Any]) -> None:
    """A job whose task is gone for good is put back to where a person can go on."""
    if job.status == Status.APPLYING and state(job) in ("failed", "gone", "done"):
        _end_applying(job, "上次导入没有做完就中断了，没有写入任何内容。请核对后再确认导入。")
        job.refresh_from_db()
    if job.status in (Status.READING, Status.STAGED, Status.FAILED):
        read_again(job, read)


def drop(job: ImportJob) -> None:
    """Give an import up; its files are deleted. One that is being applied or was applied stays."""
    if _move(job, (Status.READING, Status.STAGED, Status.FAILED), Status.DROPPED):
        job.mapping, job.shown, job.problem = {}, {}, ""
        job.save(update_fields=["mapping", "shown", "problem"])
        remove_files(job, keep_stop=True)


def forget_mapping(job: ImportJob) -> None:
    """Forget what was remembered of this sheet's headers."""
    memory.forget(job.ledger, _read(job).table.columns, job.by)
    job.mapping = {}
    job.save(update_fields=["mapping"])


def path_of(job: ImportJob) -> Path:
    return Path(settings.INSTANCE) / "imports" / job.pk.hex


def preview_of(job: ImportJob) -> Path:
    path = path_of(job)
    return path.with_name(f"{path.name}.rows")


def problems_of(job: ImportJob) -> Path:
    path = path_of(job)
    return path.with_name(f"{path.name}.problems.xlsx")


def remove_files(job: ImportJob, *, keep_stop: bool = False) -> None:
    for path in (path_of(job), preview_of(job), problems_of(job)):
        sealedfiles.remove(path)
    under_way = UnderWay(path_of(job))
    under_way.clear() if keep_stop else under_way.remove()


def _enqueue(job: ImportJob, task: Task[Any, Any], *arguments: Any) -> None:
    UnderWay(path_of(job)).begin()
    result = task.enqueue(str(job.pk), *arguments)
    ImportJob.objects.filter(pk=job.pk).update(task=result.id)
    job.refresh_from_db()


def _stage(job: ImportJob, under_way: UnderWay | None = None) -> Staged | Reading:
    """The sheet compared with the ledger; a Reading while its columns are not mapped."""
    under_way = under_way or UnderWay(path_of(job))
    under_way.stage(READING)
    try:
        return stage_file(
            job.ledger, _file(job), name=job.file_name, by=job.by, sheets=job.picked, chosen=_chosen(job),
            since=job.since, progress=under_way.later(COMPARING),
        )  # fmt: skip
    except WrongSheet:  # a table, but not mapped yet; without any table it is raised again
        reading = _read(job)
        if not reading.problem:
            raise
        return reading


def _read(job: ImportJob) -> Reading:
    scope = scope_in(job.by, runtime.ledger(job.ledger))
    return read_file(
        job.ledger, _file(job), name=job.file_name, sheets=job.picked, chosen=_chosen(job), scope=scope, by=job.by
    )


def _take(job: ImportJob, found: Staged | Reading) -> None:
    """What reading gave, on the job and in its files."""
    if isinstance(found, Staged):
        job.digest, job.counts, job.seq, job.problem = _digest(found), found.counts, found.seq, ""
        corrected = corrections(found)
        preview.write(preview_of(job), found, corrected)
        sealedfiles.remove(problems_of(job))
        if found.counts["problem"]:
            with tempfile.TemporaryFile() as book:  # has no name, and is gone when closed
                give_back(found, book)
                book.seek(0)
                sealedfiles.seal_file(keyring(), iter(lambda: book.read(1 << 20), b""), problems_of(job))
    else:
        job.digest, job.counts, job.problem = "", {}, found.problem
    job.sheets, job.shown = found.sheets, _shown(found.table, found.mapping, found.alike)
    job.shown["lines"] = _shown_lines(job.ledger, found)
    if isinstance(found, Staged):
        numbers = five(found, corrected)
        job.shown |= {"noted": numbers.to_confirm, "fixed": numbers.corrected, "five": numbers.in_words()}
        job.shown["besides"] = found.besides.says if found.besides else ""
    job.status = Status.STAGED


def _digest(staged: Staged) -> str:
    """Differs when the sheet would do something else: to other rows, by other columns, under other packs."""
    columns = [(one.column.index, one.target) for one in staged.mapping]
    return hashlib.sha256(f"{staged.digest}{columns}{runtime.pack_hash()}".encode()).hexdigest()


def _shown(table: Table, mapping: list[Mapped], alike: list[str]) -> dict[str, Any]:
    return {
        "sheets": list(table.parts or [table.sheet]), "alike": alike, "header_rows": list(table.header_rows), "rows": len(table.rows),
        "dropped": [(where(table, number), why) for number, why in table.dropped[:_DROPPED_SHOWN]], "dropped_n": len(table.dropped),
        "columns": [
            {"index": one.column.index, "label": one.column.label, "target": one.target, "how": one.how,
             "sample": _sample(table, one.column.index)}
            for one in mapping
        ],
    }  # fmt: skip


def _shown_lines(ledger: str, found: Staged | Reading) -> list[dict[str, Any]]:
    """The child tables that the book tells, each with its sheet ("" = the main one) and how many lines."""
    types = runtime.ledger(ledger).types
    return [
        {
            "label": types[one.code].label,
            "sheet": one.table.sheet if one.own_sheet else "",
            "rows": len(one.table.rows),
            "left_out": [column.label for column in one.left_out],
        }
        for one in found.lines
    ]


def _sample(table: Table, index: int) -> str:
    found = [row.cells[index] for row in table.rows[:20] if row.cells[index] not in ("", None)]
    values = [f"{one:g}" if isinstance(one, float) else str(one) for one in found]
    return "、".join(list(dict.fromkeys(values))[:2])[:40]


def _move(job: ImportJob, was: tuple[str, ...], to: str) -> bool:
    """Take the job to another status, unless somebody else did first."""
    moved = ImportJob.objects.filter(pk=job.pk, status__in=was).update(status=to)
    job.refresh_from_db()
    return bool(moved)


def _end_reading(job: ImportJob, status: str, **said: Any) -> None:
    """Only if the job was not given up meanwhile."""
    for name, value in said.items():
        setattr(job, name, value)
    fields = ("digest", "counts", "seq", "problem", "sheets", "shown")
    values = {name: getattr(job, name) for name in fields}
    live = ImportJob.objects.filter(pk=job.pk, status__in=[Status.READING, Status.STAGED, Status.FAILED])
    if not live.update(status=status, **values):
        remove_files(job)
    job.refresh_from_db()
    UnderWay(path_of(job)).clear()


def _end_applying(job: ImportJob, problem: str) -> None:
    ImportJob.objects.filter(pk=job.pk, status=Status.APPLYING).update(status=Status.STAGED, problem=problem)
    UnderWay(path_of(job)).remove()


def _first(refused: CommitRefused) -> str:
    shown = list(dict.fromkeys(one.message for one in refused.problems))
    return "；".join(shown[:5]) + (f"（共{len(shown)}个问题）" if len(shown) > 5 else "")


def _file(job: ImportJob) -> bytes:
    path = path_of(job)
    if not path.is_file():
        raise FileGone("上传的文件已经清理，请重新上传。")
    return sealedfiles.read_all(keyring(), path)


def _hashed(chunks: Iterator[bytes], said: Any) -> Iterator[bytes]:
    for chunk in chunks:
        said.update(chunk)
        yield chunk


def _chosen(job: ImportJob) -> dict[int, str] | None:
    return {int(index): target for index, target in job.mapping.items()} or None
