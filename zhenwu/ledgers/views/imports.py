"""Import pages: upload, look, correct the columns, apply. Only the person who uploaded sees an import."""

import re
import tempfile
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.importing.actions import give_back
from zhenwu.ledgers.importing.mapping import IGNORED, targets_of
from zhenwu.ledgers.importing.stage import Staged
from zhenwu.ledgers.models import ImportJob
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.ledgers.views.exports import XLSX, sent
from zhenwu.lib.sheets import SheetError
from zhenwu.lib.text import clean_header
from zhenwu.packs.runtime import Ledger

_FIRST = 5
_PROBLEMS = 100
_HOW = {"exact": "名称相同", "alias": "常用叫法", "like": "名称相近，请核对", "chosen": "已指定", "none": "没有对应"}
_ROW = re.compile(r"^第 (\d+) 行")


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    if not scope.enter:
        raise Http404
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    context = crumbs(ledger) | {
        "title": f"导入{ledger.label}", "limit": limit, "reviews": scope.review,
        "jobs": ImportJob.objects.filter(ledger=code, by=user).exclude(status=ImportJob.Status.DROPPED)[:10],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "ledgers/import_upload.html", context)
    file = request.FILES.get("file")
    if file is None:
        return render(
            request, "ledgers/import_upload.html", context | {"problem": "请先选择要导入的表格文件。"}, status=422
        )
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        problem = f"“{file.name}”有{(file.size or 0) / 1024 / 1024:.0f} MB，最多{limit} MB。请删除图片和无关工作表，或分成几个文件上传。"
        return render(request, "ledgers/import_upload.html", context | {"problem": problem}, status=413)
    try:
        job = jobs.start(code, file, by=user)
    except (SheetError, LedgerError) as refused:
        return render(request, "ledgers/import_upload.html", context | {"problem": str(refused)}, status=422)
    return redirect("ledgers:import_preview", job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    if found.status != ImportJob.Status.STAGED:
        return render(request, "ledgers/import_done.html", _context(ledger, found))
    if request.method == "POST":
        targets = set(targets_of(ledger, scope_in(user_of(request), ledger))) | {""}
        mapping = {
            int(key.removeprefix("col-")): value
            for key, value in request.POST.items()
            if key.startswith("col-") and key.removeprefix("col-").isdigit() and value in targets
        }
        jobs.choose(found, sheet=request.POST.get("sheet", "")[:100], mapping=mapping)
        return redirect("ledgers:import_preview", job)
    return _preview(request, ledger, found)


def _preview(request: HttpRequest, ledger: Ledger, job: ImportJob, notice: str = "", status: int = 200) -> HttpResponse:
    context = _context(ledger, job) | {"notice": notice}
    try:
        looked = jobs.look(job, by=user_of(request))
    except jobs.FileGone as problem:
        messages.error(request, str(problem))
        jobs.drop(job)
        return redirect("ledgers:import", ledger.code)
    except (SheetError, LedgerError) as problem:
        return render(request, "ledgers/import_preview.html", context | {"problem": str(problem)}, status=422)
    jobs.remember(job, looked.staged)
    table = looked.table
    targets = [("", "不导入"), *targets_of(ledger, scope_in(user_of(request), ledger)).items()]
    twice = _twice(looked.mapping)
    context |= {
        "table": table,
        "sheets": job.sheets,
        "sheet": job.sheet or table.sheet,
        "mapping": [
            {"name": f"col-{one.column.index}", "label": one.column.label or f"第{one.column.index + 1}列",
             "target": one.target, "how": _how(one, twice),
             "doubt": (one.how in ("like", "none") and not _is_ignored(one)) or one.target in twice,
             "sample": _sample(table.rows, one.column.index)}
            for one in looked.mapping
        ],
        "targets": targets,
        "problem": looked.problem,
        "dropped": table.dropped[:_PROBLEMS],
        "dropped_n": len(table.dropped),
    }  # fmt: skip
    if looked.staged is not None:
        context |= _staged(ledger, looked.staged)
    response = render(request, "ledgers/import_preview.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _staged(ledger: Ledger, staged: Staged) -> dict[str, Any]:
    counts = staged.counts
    problems = staged.problems
    return {
        "counts": counts,
        "will": counts["add"] + counts["change"],
        "digest": staged.digest,
        "problems": (causes := _causes(problems))[:_PROBLEMS],
        "problems_n": len(causes),
        "added": [(row.number, _values(ledger, row)) for row in staged.rows if row.status == "add"][:_FIRST],
        "changed": [(row.number, row.changes) for row in staged.rows if row.status == "change"][:_FIRST],
    }


def _causes(problems: list[Any]) -> list[tuple[str, list[int]]]:
    """One cause, one message: (the first row's message, the numbers of the other rows where the same is wrong)."""
    found: dict[str, tuple[str, list[int]]] = {}
    for one in problems:
        cause = _ROW.sub("", one.message)
        if cause in found:
            found[cause][1].append(one.at)
        else:
            found[cause] = (one.message, [])
    return list(found.values())


def _is_ignored(one: Any) -> bool:
    return not one.target and clean_header(one.column.label) in {clean_header(word) for word in IGNORED}


def _how(one: Any, twice: set[str]) -> str:
    return "对应了两次" if one.target in twice else "不用导入" if _is_ignored(one) else _HOW[one.how]


def _values(ledger: Ledger, row: Any) -> list[tuple[str, str]]:
    """(label, text) of the first values of a new row; links and personal numbers only as filled."""
    found = []
    for code, value in list(row.values.items())[:8]:
        kind = ledger.types[code]
        found.append((kind.label, "已认出" if kind.is_link else kind.show(value)))
    return found


def _sample(rows: list[Any], index: int) -> str:
    found = [row.cells[index] for row in rows[:20] if row.cells[index] not in ("", None)]
    values = [f"{one:g}" if isinstance(one, float) else str(one) for one in found]
    return "、".join(list(dict.fromkeys(values))[:2])[:40]


def _twice(mapping: list[Any]) -> set[str]:
    targets = [one.target for one in mapping if one.target]
    return {one for one in targets if targets.count(one) > 1}


@require_POST
def apply(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    try:
        change = jobs.run(
            found,
            by=user_of(request),
            skip_problems=request.POST.get("skip") == "1",
            seen=request.POST.get("digest", ""),
        )
    except jobs.Changed as problem:
        return _preview(request, ledger, found, str(problem), status=409)
    except CommitRefused as refused:
        shown = list(dict.fromkeys(one.message for one in refused.problems))
        more = f"（共{len(shown)}个问题）" if len(shown) > 5 else ""
        return _preview(request, ledger, found, "没有导入：" + "；".join(shown[:5]) + more, status=422)
    except (SheetError, LedgerError) as problem:
        messages.error(request, f"没有导入：{problem}")
        return redirect("ledgers:import_preview", job)
    messages.success(request, "已导入。" if change else "表格内容与现有记录完全相同，没有写入。")
    return redirect("ledgers:import_preview", job)


@require_POST
def drop(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    if found.status == ImportJob.Status.STAGED:
        jobs.drop(found)
        messages.success(request, "已放弃这次导入，没有写入任何内容，上传的文件已删除。")
    return redirect("ledgers:import", ledger.code)


@require_safe
def problems(request: HttpRequest, job: uuid.UUID) -> HttpResponseBase:
    found, ledger = _job(request, job)
    try:
        looked = jobs.look(found, by=user_of(request))
    except (SheetError, LedgerError) as problem:
        messages.error(request, str(problem))
        return redirect("ledgers:import", ledger.code)
    if looked.staged is None:
        return redirect("ledgers:import_preview", job)
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    give_back(looked.staged, file)
    file.seek(0)
    return sent(file, f"需修改_{found.file_name.rsplit('.', 1)[0]}.xlsx", XLSX)


def _job(request: HttpRequest, pk: uuid.UUID) -> tuple[ImportJob, Ledger]:
    user = user_of(request)
    found = ImportJob.objects.select_related("change").filter(pk=pk, by=user).first()
    if found is None:
        raise Http404
    ledger, scope = ledger_for(user, found.ledger)
    if not scope.enter:
        raise Http404
    return found, ledger


def _context(ledger: Ledger, job: ImportJob) -> dict[str, Any]:
    return crumbs(ledger) | {"title": f"导入{ledger.label}", "job": job}
