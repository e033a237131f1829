"""Imports under way: the uploaded file kept beside its job, staged anew whenever it is looked at or applied."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from zhenwu.accounts.models import User
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.importing.actions import WrongSheet, apply_staged, read_file, stage_file
from zhenwu.ledgers.importing.mapping import Mapped
from zhenwu.ledgers.importing.stage import Progress, Staged
from zhenwu.ledgers.models import ImportJob
from zhenwu.ledgers.queries import scope_in
from zhenwu.lib.sheets import Table
from zhenwu.packs import runtime


class Changed(LedgerError):
    """What the file would do is no longer what was shown."""


class FileGone(LedgerError):
    """The uploaded file is no longer there."""


@dataclass(frozen=True)
class Looked:
    """A job looked at: `staged` is None while the columns are not mapped, for the reason in `problem`."""

    table: Table
    mapping: list[Mapped]
    staged: Staged | None
    problem: str = ""


def start(ledger: str, upload: UploadedFile, *, by: User) -> ImportJob:
    """Keep the file and look at it once. Raises SheetError or WrongSheet, and keeps nothing, when it holds no table."""
    said = hashlib.sha256()
    job = ImportJob(ledger=ledger, by=by, file_name=(upload.name or "表格")[-300:])
    path = path_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in upload.chunks():
                said.update(chunk)
                target.write(chunk)
        job.sheets = read_file(ledger, path, name=job.file_name).sheets
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    job.file_hash = said.hexdigest()
    job.save()
    return job


def look(job: ImportJob, *, by: User, progress: Progress | None = None) -> Looked:
    """Read and stage with the mapping that a person chose; remembers what was shown, for `run`."""
    data, chosen = _data(job), _chosen(job)
    try:
        staged = stage_file(
            job.ledger, data, name=job.file_name, by=by, sheet=job.sheet, chosen=chosen, progress=progress
        )
    except WrongSheet:  # a table, but not mapped yet; without any table it is raised again
        scope = scope_in(by, runtime.ledger(job.ledger))
        reading = read_file(job.ledger, data, name=job.file_name, sheet=job.sheet, chosen=chosen, scope=scope)
        if not reading.problem:
            raise
        return Looked(reading.table, reading.mapping, None, reading.problem)
    return Looked(staged.table, staged.mapping, staged)


def remember(job: ImportJob, staged: Staged | None) -> None:
    job.digest, job.counts = (staged.digest, staged.counts) if staged else ("", {})
    job.save(update_fields=["digest", "counts"])


def choose(job: ImportJob, *, sheet: str, mapping: dict[int, str]) -> None:
    """Another sheet, or corrected columns. A change of sheet starts the mapping anew."""
    job.mapping = {} if sheet != job.sheet else {str(index): target for index, target in mapping.items()}
    job.sheet = sheet
    job.save(update_fields=["sheet", "mapping"])


@transaction.atomic
def run(job: ImportJob, *, by: User, skip_problems: bool, seen: str) -> Any:
    """Apply exactly what was shown, as one change; None when all of it is there already.

    `seen` is the digest of the page that was confirmed. Raises Changed when the file would now do something else.
    """
    job = ImportJob.objects.select_for_update().get(pk=job.pk)
    if job.status != ImportJob.Status.STAGED:
        raise LedgerError("这次导入已经办理过了，不能重复导入。")
    looked = look(job, by=by)
    if looked.staged is None:
        raise Changed(looked.problem)
    if looked.staged.digest != seen:
        raise Changed("台账在你查看之后有了新的改动，导入结果与刚才看到的不一样。请重新核对下面的结果，再确认导入。")
    change = apply_staged(looked.staged, by=by, skip_problems=skip_problems)
    job.status, job.change, job.counts = ImportJob.Status.APPLIED, change, looked.staged.counts
    job.save(update_fields=["status", "change", "counts"])
    return change


def drop(job: ImportJob) -> None:
    """Give an import up; its file is deleted."""
    job.status = ImportJob.Status.DROPPED
    job.save(update_fields=["status"])
    path_of(job).unlink(missing_ok=True)


def path_of(job: ImportJob) -> Path:
    return Path(settings.INSTANCE) / "imports" / job.pk.hex


def _data(job: ImportJob) -> bytes:
    try:
        return path_of(job).read_bytes()
    except FileNotFoundError:
        raise FileGone("上传的文件已经清理，请重新上传。") from None


def _chosen(job: ImportJob) -> dict[int, str] | None:
    return {int(index): target for index, target in job.mapping.items()} or None
