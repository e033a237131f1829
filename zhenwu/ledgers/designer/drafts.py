"""Drafts: begun from a sample, an existing ledger or a pack file; handed in, applied, and the sample's rows imported."""

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from zhenwu.accounts.models import Unit, User
from zhenwu.accounts.scope import rights_of
from zhenwu.ledgers.designer.access import lines_for
from zhenwu.ledgers.designer.samples import forget_sample, has_sample, keep_sample, read_kept
from zhenwu.ledgers.errors import LedgerError
from zhenwu.ledgers.importing import jobs
from zhenwu.ledgers.models import ImportJob
from zhenwu.ledgers.queries import ledger_of_model, rows_in, scope_in
from zhenwu.ledgers.tasks import read_import
from zhenwu.lib.sheets import SheetError
from zhenwu.packs import runtime
from zhenwu.packs.designing.actions import apply_text, names_in_use, own_text
from zhenwu.packs.designing.design import Design, design_of
from zhenwu.packs.designing.propose import Taken, propose, read_sample
from zhenwu.packs.designing.sample import SampleColumn, columns_of
from zhenwu.packs.designing.text import pack_text
from zhenwu.packs.designing.township import Township
from zhenwu.packs.models import DesignDraft
from zhenwu.packs.plan import Step
from zhenwu.packs.reader import PackSet, read_beside


class DraftProblem(LedgerError):
    """A draft cannot be begun or go on. The message says what to do."""


def begin_from_sample(upload: UploadedFile, sheet: str = "", *, by: User) -> DesignDraft:
    """Read the sample, propose, and keep both. Raises SheetError, and keeps nothing, when there is no table."""
    data = upload.read()
    draft = DesignDraft(by=by, file_name=(upload.name or "样表")[-300:])
    _propose_again(draft, data, sheet)
    keep_sample(draft, data)
    draft.save()
    return draft


def take_sheet(draft: DesignDraft, sheet: str) -> None:
    """Propose anew from another sheet of the same file."""
    _propose_again(draft, _sample(draft), sheet)
    draft.save()


def _propose_again(draft: DesignDraft, data: bytes, sheet: str) -> None:
    page, table, sheets = read_sample(data, draft.file_name, sheet)
    by = draft.by
    codes, prefixes = names_in_use()
    persons = runtime.ledgers().get(ledger_of_model("people.Person"))
    known = Township(timezone.localdate(), rows_in(persons, scope_in(by, persons)) if persons else None)
    lines = lines_for(by)
    design = propose(page, table, draft.file_name, known, Taken(codes, prefixes, lines))
    design.unit = _unit_for(by, design.line)
    draft.sheet, draft.sheets, draft.said = page.name, sheets, design.model_dump(mode="json")


def _unit_for(user: User, line: str) -> str:
    """The office that handles the line: the user's own before others."""
    units = [unit for unit in Unit.objects.all() if line in unit.lines]
    own = rights_of(user).units
    named = [unit.label for unit in units if unit.label in own] + [unit.label for unit in units]
    return next(iter(named), "")


def begin_from_ledger(code: str, *, by: User) -> DesignDraft:
    """A change of an own ledger, from its file as it stands."""
    text = own_text(code)
    pack, _, problems = read_beside(text, "own", PackSet()) if text else (None, PackSet(), [])
    if pack is None:
        cause = str(problems[0]) if problems else "没有找到声明文件"
        raise DraftProblem(f"这本台账的声明文件读不出来：{cause}")
    return DesignDraft(by=by, ledger=code, before=text, said=design_of(pack).model_dump(mode="json"))


def begin_from_pack(upload: UploadedFile, *, by: User) -> DesignDraft:
    """A pack file that another township gave: a new ledger here, or a change of the own one of its code."""
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DraftProblem(f"“{upload.name}”不是 UTF-8 编码的文本文件。请向对方要原来的 .toml 文件。") from None
    pack, _, problems = read_beside(text, upload.name or "声明文件", PackSet())
    if pack is None:
        raise DraftProblem("这个文件不是台账声明：" + "；".join(str(one) for one in problems[:3]))
    code = pack.ledger.code
    standing = own_text(code)
    if not standing and code in names_in_use()[0]:
        raise DraftProblem(f"{pack.ledger.label}（{code}）是随软件发行的台账，自建声明不能改它。")
    if pack.indicator or pack.check or pack.coverage or pack.policy or any(one.sql for one in pack.field):
        raise DraftProblem(
            "这个声明带有指标或核对规则（SQL），网页上不启用。请系统管理员把文件放进实例的 packs 文件夹，"
            "用 zhenwu packs check 检查后，再用 zhenwu packs apply 启用。"
        )
    draft = DesignDraft(
        by=by, ledger=code if standing else "", before=standing, file_name=(upload.name or "")[-300:],
        said=design_of(pack).model_dump(mode="json") | {"received": text},
    )  # fmt: skip
    draft.save()
    return draft


def design_in(draft: DesignDraft) -> Design:
    return Design.model_validate(draft.said)


def keep(draft: DesignDraft, design: Design, *, by: User) -> None:
    """Who goes on editing what was handed in takes it back; an administrator's edits do not."""
    draft.said = design.model_dump(mode="json")
    if draft.status == DesignDraft.Status.SENT and draft.by_id == by.pk:
        draft.status = DesignDraft.Status.EDITING
    draft.save()


def text_of(draft: DesignDraft) -> str:
    """The pack file that the draft means. Its base is the ledger's file, else the file that was received."""
    design = design_in(draft)
    today = timezone.localdate(draft.at).isoformat() if draft.at else ""
    return pack_text(design, design.received or draft.before, today=today)


def apply_draft(draft: DesignDraft, *, by: User, seen: str, agreed: bool) -> list[Step]:
    """Raises ApplyRefused; then nothing was changed."""
    text = text_of(draft)
    steps, draft.pack_hash = apply_text(text, before=draft.before, seen=seen, agreed=agreed, by=by)
    draft.status, draft.applied_by, draft.applied_at = DesignDraft.Status.APPLIED, by, timezone.now()
    draft.save()
    return steps


def send(draft: DesignDraft) -> None:
    draft.status = DesignDraft.Status.SENT
    draft.save()


def drop(draft: DesignDraft) -> None:
    draft.status = DesignDraft.Status.DROPPED
    draft.save()
    forget_sample(draft)


def _sample(draft: DesignDraft) -> bytes:
    try:
        return read_kept(draft)
    except FileNotFoundError:
        raise DraftProblem("样表已经不在了，请重新上传。") from None


def sample_columns(draft: DesignDraft) -> dict[int, SampleColumn]:
    """The sample's columns by index; empty when there is no sample any more."""
    if not has_sample(draft):
        return {}
    try:
        _, table, _ = read_sample(_sample(draft), draft.file_name, draft.sheet)
    except SheetError:
        return {}
    return {column.index: column for column in columns_of(table)}


def import_sample(draft: DesignDraft, *, by: User) -> ImportJob:
    """The sample as an import of its ledger, each column put where the design says; the sample itself is given away.
    Raises SheetError, WrongSheet or DraftProblem."""
    if draft.job and (job := ImportJob.objects.filter(pk=draft.job, by=by).first()):
        return job
    design = design_in(draft)
    targets = {"field": "", "division": "division", "note": "note", "skip": ""}
    mapping = {
        part.column: part.code if part.is_field else targets[part.use]
        for part in design.parts
        if part.column is not None
    }
    file = ContentFile(_sample(draft), name=draft.file_name)
    job = jobs.start(design.code, file, by=by, read=read_import, picked=[draft.sheet], mapping=mapping)
    draft.job = job.pk
    draft.save()
    forget_sample(draft)
    return job
