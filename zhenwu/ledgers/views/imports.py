"""Import pages: upload, wait for a large file, look, correct the columns, apply. Only the person who uploaded sees an import."""

import io
import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhenwu.accounts.views.access import day_of
from zhenwu.background.alive import workers
from zhenwu.changes.keys import keyring
from zhenwu.changes.queries import ledger_seq
from zhenwu.ledgers.errors import CommitRefused, LedgerError
from zhenwu.ledgers.importing import jobs, preview
from zhenwu.ledgers.importing.companions import companion_of
from zhenwu.ledgers.importing.mapping import IGNORED, targets_of
from zhenwu.ledgers.models import ImportJob
from zhenwu.ledgers.queries import scope_in
from zhenwu.ledgers.tasks import apply_import, read_import
from zhenwu.ledgers.views.access import crumbs, ledger_for, user_of
from zhenwu.ledgers.views.exports import sent
from zhenwu.lib.paging import Pager
from zhenwu.lib.sealedfiles import read_all
from zhenwu.lib.sheets import XLSX, SheetError
from zhenwu.lib.text import clean_header
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger

_PAGE = 50
_HOW = {
    "exact": "名称相同", "alias": "常用叫法", "like": "名称相近，请核对", "chosen": "已指定",
    "remembered": "上次这样对应", "none": "没有对应",
}  # fmt: skip
_TABS = {"add": "新增", "change": "修改", "same": "相同", "problem": "有问题"}
_BUSY = (ImportJob.Status.READING, ImportJob.Status.APPLYING)
_BEGUN = {"waiting": "排队等待处理", "cut": "上次被打断，马上接着做", "running": ""}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All my imports, so that one that was left can be found again."""
    mine = ImportJob.objects.filter(by=user_of(request)).exclude(status=ImportJob.Status.DROPPED)
    pager = Pager.of(request.GET.dict(), mine.count(), size=_PAGE)
    found = [
        {"job": job, "ledger": runtime.ledgers()[job.ledger].label if job.ledger in runtime.ledgers() else job.ledger}
        for job in mine[pager.start : pager.stop]
    ]
    return render(request, "ledgers/imports.html", {"title": "我的导入", "jobs": found, "pager": pager})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    ledger, scope = ledger_for(user, code)
    if not scope.enter:
        raise Http404
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    said = request.POST.get("since", "").strip()
    since = day_of(said)
    context = crumbs(ledger) | {
        "title": f"导入{ledger.label}", "limit": limit, "reviews": scope.review, "since": _since(code, said),
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
    if problem := _since_problem(said, since):
        return render(request, "ledgers/import_upload.html", context | {"problem": problem}, status=422)
    try:
        job = jobs.start(code, file, by=user, read=read_import, since=since)
    except (SheetError, LedgerError) as refused:
        return render(request, "ledgers/import_upload.html", context | {"problem": str(refused)}, status=422)
    return redirect("ledgers:import_preview", job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    if found.status in _BUSY:
        return _no_store(
            render(request, "ledgers/import_busy.html", _context(ledger, found) | {"progress": _progress(found)})
        )
    if found.status == ImportJob.Status.STAGED:
        if request.method == "POST":
            said = request.POST.get("since", "").strip()
            if problem := _since_problem(said, day_of(said)):
                return _preview(request, ledger, found, problem, status=422)
            _choose(request, ledger, found)
            return redirect("ledgers:import_preview", job)
        return _preview(request, ledger, found)
    if found.status == ImportJob.Status.FAILED:
        return render(request, "ledgers/import_failed.html", _context(ledger, found), status=422)
    return render(request, "ledgers/import_done.html", _context(ledger, found))


def _choose(request: HttpRequest, ledger: Ledger, job: ImportJob) -> None:
    targets = set(targets_of(ledger, scope_in(user_of(request), ledger))) | {""}
    mapping = {
        int(key.removeprefix("col-")): value
        for key, value in request.POST.items()
        if key.startswith("col-") and key.removeprefix("col-").isdigit() and value in targets
    }
    shown = {one["index"]: one for one in job.shown.get("columns", [])}
    kept = {  # what is as it was recognised needs no memory of its own
        index: target
        for index, target in mapping.items()
        if str(index) in job.mapping or index not in shown or shown[index]["target"] != target
    }
    jobs.choose(job, picked=request.POST.getlist("sheet"), mapping=kept, since=day_of(request.POST.get("since")))
    jobs.read_again(job, read_import)


def _since(code: str, said: str) -> dict[str, str] | None:
    """The field that asks from when the families of a register begin; None where the sheet says nothing besides."""
    companion = companion_of(code)
    if companion is None:
        return None
    return {"label": companion.since_label, "help": companion.since_help, "value": said}


def _since_problem(said: str, since: date | None) -> str:
    if said and since is None:
        return f"起始日期填的是“{said[:20]}”：请填日期，如 2020-06-01。"
    return "起始日期还没有到：请填今天或以前的日期。" if since and since > timezone.localdate() else ""


def _preview(request: HttpRequest, ledger: Ledger, job: ImportJob, notice: str = "", status: int = 200) -> HttpResponse:
    moved_on = bool(job.digest) and job.seq != ledger_seq(ledger.code)
    small = jobs.is_small(job)
    if small is None:
        jobs.drop(job)
        messages.error(request, "上传的文件已经清理，请重新上传。")
        return redirect("ledgers:import", ledger.code)
    if (moved_on and small) or not job.shown or (job.digest and not jobs.preview_of(job).is_file()):
        jobs.read_again(job, read_import, because=job.problem)
        if job.status != ImportJob.Status.STAGED:
            return redirect("ledgers:import_preview", job.pk)
        moved_on = False
    tab = request.GET.get("tab", "") if request.GET.get("tab") in (*_TABS, *preview.LOOKED_AT) else ""
    words = request.GET.get("q", "").strip()[:50]
    of_lines = {one["sheet"] for one in job.shown.get("lines", ())}
    sheets = [name for name in job.sheets if name not in of_lines]
    context = _context(ledger, job) | {
        "notice": notice or (job.problem if job.digest else ""), "problem": "" if job.digest else job.problem,
        "shown": job.shown, "several": len(sheets) > 1, "moved_on": moved_on,
        "sheets": [(name, name in job.shown.get("sheets", ()), name in job.shown.get("alike", ())) for name in sheets],
        "mapping": _columns(job), "targets": [("", "不导入"), *targets_of(ledger, scope_in(user_of(request), ledger)).items()],
        "tab": tab, "words": words, "since": _since(job.ledger, job.since.isoformat() if job.since else ""),
    }  # fmt: skip
    context["doubts"] = sum(one["doubt"] for one in context["mapping"])
    context["remembered"] = any(one["was_remembered"] for one in context["mapping"])
    if job.digest:
        context |= _rows(request, job, tab, words)
    return _no_store(render(request, "ledgers/import_preview.html", context, status=status))


def _rows(request: HttpRequest, job: ImportJob, tab: str, words: str) -> dict[str, Any]:
    counts = job.counts
    tab = tab or next((one for one in ("problem", "change", "add") if counts[one]), "same")
    to_look_at = [(one, label, n) for one, label in preview.LOOKED_AT.items() if (n := job.shown.get(one, 0))]
    said = {"tab": tab, "q": words, "page": request.GET.get("page", "")}
    path = jobs.preview_of(job)
    _, total = preview.page(path, tab=tab, words=words, first=0, count=0)
    pager = Pager.of(said, total, size=_PAGE)
    rows, _ = preview.page(path, tab=tab, words=words, first=pager.start, count=_PAGE)
    return {
        "counts": counts, "will": counts["add"] + counts["change"], "digest": job.digest, "tab": tab,
        "tabs": [*((code, label, counts[code]) for code, label in _TABS.items()), *to_look_at],
        "rows": rows, "pager": pager, "causes": preview.causes(path) if tab == "problem" and not words else [],
    }  # fmt: skip


def _columns(job: ImportJob) -> list[dict[str, Any]]:
    columns = job.shown.get("columns", [])
    targets = [one["target"] for one in columns if one["target"]]
    ignored = {clean_header(word) for word in IGNORED}
    found = []
    for one in columns:
        twice = targets.count(one["target"]) > 1
        plain = not one["target"] and clean_header(one["label"]) in ignored
        found.append({
            "name": f"col-{one['index']}", "label": one["label"] or f"第{one['index'] + 1}列", "target": one["target"],
            "sample": one["sample"], "how": "对应了两次" if twice else "不用导入" if plain else _HOW[one["how"]],
            "doubt": twice or (one["how"] in ("like", "none") and not plain), "was_remembered": one["how"] == "remembered",
        })  # fmt: skip
    return found


@require_safe
def progress(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    """The bar alone, asked for by the waiting page; once there is something else to see, the page is loaded anew."""
    found, _ = _job(request, job)
    shown = _progress(found) if found.status in _BUSY else {}
    if not shown.get("poll_url"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return _no_store(render(request, "_progress.html", {"progress": shown}))


def _progress(job: ImportJob) -> dict[str, Any]:
    """Of a busy job; without `poll_url` when nobody is going to do it."""
    state, how = jobs.state(job), jobs.how(job)
    label = "正在导入" if job.status == ImportJob.Status.APPLYING else "正在读取"
    if state not in _BEGUN:
        return {"label": label, "value": None, "text": "没有做完就中断了，没有写入任何内容。"}
    text = _BEGUN[state] or (f"{how.stage}：{how.done:,} / {how.total:,} 行" if how.total else how.stage or "准备中")
    if state != "running" and not workers():
        text = "在排队，但后台没有运行。请告诉系统管理员启动它（zhenwu worker）；启动后会自动接着做。"
    return {
        "label": label, "value": how.percent if state == "running" else None, "text": text,
        "poll_url": reverse("ledgers:import_progress", args=[job.pk]),
    }  # fmt: skip


@require_POST
def apply(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    try:
        jobs.apply(
            found,
            skip_problems=request.POST.get("skip") == "1",
            seen=request.POST.get("digest", ""),
            write=apply_import,
        )
    except (jobs.Changed, jobs.Conflict) as problem:
        found.refresh_from_db()
        if found.status != ImportJob.Status.STAGED:
            return redirect("ledgers:import_preview", job)
        jobs.read_again(found, read_import, because=str(problem))
        if found.status != ImportJob.Status.STAGED:
            return redirect("ledgers:import_preview", job)
        return _preview(request, ledger, found, status=409)
    except CommitRefused as refused:
        shown = list(dict.fromkeys(one.message for one in refused.problems))
        more = f"（共{len(shown)}个问题）" if len(shown) > 5 else ""
        return _preview(request, ledger, found, "没有导入：" + "；".join(shown[:5]) + more, status=422)
    except (SheetError, LedgerError) as problem:
        messages.error(request, f"没有导入：{problem}")
        return redirect("ledgers:import_preview", job)
    if found.status == ImportJob.Status.APPLIED:
        messages.success(request, "已导入。" if found.change_id else "表格内容与现有记录完全相同，没有写入。")
    return redirect("ledgers:import_preview", job)


@require_POST
def again(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    """Read once more: after it was broken off or failed, or the ledger moved on."""
    found, _ = _job(request, job)
    jobs.resume(found, read=read_import)
    return redirect("ledgers:import_preview", job)


@require_POST
def stop(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    if found.status not in _BUSY:
        return redirect("ledgers:import_preview", job)
    jobs.stop(found)
    if found.status == ImportJob.Status.DROPPED:
        messages.success(request, "已停止读取，没有写入任何内容，上传的文件已删除。")
        return redirect("ledgers:import", ledger.code)
    messages.info(request, "正在停止。已经写完的不会丢：如果停下来之前已全部写入，这里会显示“已导入”，仍可整体撤销。")
    return redirect("ledgers:import_preview", job)


@require_POST
def forget(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    """Forget what was remembered of this sheet's headers, and read it as for the first time."""
    found, _ = _job(request, job)
    if found.status == ImportJob.Status.STAGED:
        jobs.forget_mapping(found)
        jobs.read_again(found, read_import)
        messages.success(request, "已忘掉这份表上次的列对应，重新按列名识别。")
    return redirect("ledgers:import_preview", job)


@require_POST
def drop(request: HttpRequest, job: uuid.UUID) -> HttpResponse:
    found, ledger = _job(request, job)
    jobs.drop(found)
    if found.status == ImportJob.Status.DROPPED:
        messages.success(request, "已放弃这次导入，没有写入任何内容，上传的文件已删除。")
        return redirect("ledgers:import", ledger.code)
    return redirect("ledgers:import_preview", job)


@require_safe
def problems(request: HttpRequest, job: uuid.UUID) -> HttpResponseBase:
    """The rows that cannot be imported, each bad cell coloured and explained."""
    found, _ = _job(request, job)
    path = jobs.problems_of(found)
    if not path.is_file():
        messages.error(request, "没有需要修改的行，或这份表已经清理。")
        return redirect("ledgers:import_preview", job)
    return sent(io.BytesIO(read_all(keyring(), path)), f"需修改_{found.file_name.rsplit('.', 1)[0]}.xlsx", XLSX)


def _job(request: HttpRequest, pk: uuid.UUID) -> tuple[ImportJob, Ledger]:
    user = user_of(request)
    found = ImportJob.objects.select_related("change").filter(pk=pk, by=user).first()
    if found is None:
        raise Http404
    found.by = user
    ledger, scope = ledger_for(user, found.ledger)
    if not scope.enter:
        raise Http404
    return found, ledger


def _context(ledger: Ledger, job: ImportJob) -> dict[str, Any]:
    return crumbs(ledger) | {"title": f"导入{ledger.label}", "job": job}


def _no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
