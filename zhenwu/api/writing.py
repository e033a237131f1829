"""Writing rows for a program: what a request says becomes operations of one change; the same request is done once only."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.api.access import Caller
from zhenwu.api.errors import Problem, Refusal
from zhenwu.api.models import Answer
from zhenwu.api.showing import row_json
from zhenwu.changes.actions import Source
from zhenwu.changes.models import Change, SourceKind
from zhenwu.divisions.models import Division, Level
from zhenwu.ledgers import lookups
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError, NotAllowed
from zhenwu.ledgers.files import kept
from zhenwu.ledgers.lines import lines_of, said_canonical
from zhenwu.ledgers.operations import KEEP, Add, Draft, Edit, Operation
from zhenwu.ledgers.queries import rows_in, shown_fields
from zhenwu.ledgers.snapshot import canonical_of
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'(?:W/)?"?([1-9][0-9]{0,9})"?')
_PLACE, _FILES = "division", "files"


def once(request: HttpRequest, caller: Caller, act: Callable[[], dict[str, Any]], status: int = 200) -> HttpResponse:
    """Do the act and answer. Under an Idempotency-Key the same request gets the first answer again, whichever process it
    meets: the key is taken in the transaction of the act, so that a second request waits for the first and then reads it."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _json(json.dumps(act(), ensure_ascii=False), status)
    if not _KEY.fullmatch(key):
        raise Refusal(400, "Idempotency-Key 应是1至200个英文字符，不含空格。", [Problem("写法不对", "Idempotency-Key")])
    said = b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    digest = hashlib.sha256(said + b"\n" + request.headers.get("If-Match", "").encode()).hexdigest()
    with transaction.atomic():
        now = timezone.now()
        mine = Answer.objects.filter(token=caller.token, key=key)
        mine.filter(at__lt=now - timedelta(days=settings.API["answers_kept_days"])).delete()
        answer, is_new = Answer.objects.get_or_create(
            token=caller.token, key=key, defaults={"request_hash": digest, "at": now}
        )
        if not is_new:
            if answer.request_hash != digest:
                words = "这个 Idempotency-Key 已用于另一个请求。新的请求请用新的 key。"
                raise Refusal(422, words, [Problem(words, "Idempotency-Key")])
            return _json(answer.body, answer.status, {"Idempotency-Replayed": "true"})
        body = json.dumps(act(), ensure_ascii=False)
        mine.update(status=status, body=body)
    return _json(body, status)


def _json(text: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)


def version_said(request: HttpRequest, in_body: int | None) -> int:
    """The version that the caller has seen, from If-Match or the body; without one a change could take another's away."""
    header = request.headers.get("If-Match")
    if header is None and in_body is None:
        raise Refusal(428, "请在 If-Match 或 version 里写明你读到的版本号，以免覆盖他人的修改。")
    found = _ETAG.fullmatch(header.strip()) if header is not None else None
    if header is not None and found is None:
        raise Refusal(422, 'If-Match 应是读取时得到的版本，如 "3"。', [Problem("写法不对", "If-Match")])
    number = int(found[1]) if found else in_body
    assert number is not None
    if in_body is not None and number != in_body:
        raise Refusal(422, "If-Match 和 version 写的版本不一样。", [Problem("与 If-Match 不一致", "version")])
    return number


@dataclass
class Writer:
    """Turns what one request says of one ledger into a change. Problems of all operations are collected."""

    caller: Caller
    ledger: Ledger
    scope: Scope
    problems: list[Problem] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    touched: list[uuid.UUID] = field(default_factory=list)  # in the order of the request
    stored: dict[uuid.UUID, Any] = field(default_factory=dict)

    @property
    def user(self) -> User:
        return self.caller.user

    def read(self, rows: Sequence[tuple[int, uuid.UUID]]) -> None:
        """Fetch the rows [(place in the request, id)]; one that is not there for the caller is a problem."""
        known = rows_in(self.ledger, self.scope, voided=True).select_related("division")
        self.stored = known.in_bulk(list({row for _, row in rows}))
        seen: set[uuid.UUID] = set()
        for at, row in rows:
            if row not in self.stored:
                self._problem(at, "", "找不到这条记录，可能不在你的权限范围内。")
            if row in seen:
                self._problem(at, "", "同一条记录在一次提交里只能出现一次。")
            seen.add(row)

    def add(self, at: int, row: uuid.UUID, body: Any, values: dict[str, Any]) -> None:
        clean = self._clean(at, values, None)
        place = self._place(at, body.division, None)
        files = self._attached(at, body.files, None)
        self.operations.append(Add(clean, place, body.review, note=body.note or None, at=at, id=row, files=files))
        self.touched.append(row)

    def edit(self, at: int, row: Any, version: int, body: Any, values: dict[str, Any]) -> None:
        """Only what differs is written, so that a program which sends everything every night makes no empty changes."""
        self.touched.append(row.pk)
        base = canonical_of(self.ledger, row)
        clean = {
            code: value
            for code, value in self._clean(at, values, row).items()
            if self._canonical(code, value, row) != base.get(code)
        }
        said = body.model_fields_set
        division = self._place(at, body.division, row) if _PLACE in said else KEEP
        note = (body.note or None) if "note" in said else KEEP
        division = KEEP if division == row.division_id else division
        note = KEEP if note == row.note else note
        files = self._attached(at, body.files, row) if _FILES in said else KEEP
        files = KEEP if files == row.files else files
        if clean or any(one is not KEEP for one in (division, note, files)) or version != row.version:
            self.operations.append(Edit(row.pk, version, clean, division, note, at=at, files=files))

    def _canonical(self, code: str, value: Any, row: Any) -> Any:
        if code in self.ledger.children:
            return said_canonical(self.ledger.children[code], value, lines_of(self.ledger, row, code))
        return self.ledger.types[code].canonical(value)

    def act(self, row: uuid.UUID, operation: Operation) -> None:
        self.operations.append(operation)
        self.touched.append(row)

    def values_for(self, at: int, row: Any, values: dict[str, Any]) -> dict[str, Any]:
        return self._clean(at, values, row)

    def commit(self, reason: str) -> dict[str, Any]:
        """Write it all as one change, and say what became of the rows. Raises Refusal."""
        if self.problems:
            raise refusal_of(self.problems)
        change = None
        if self.operations:
            source = Source(SourceKind.API, self.caller.token.label)
            change = written(self, lambda: commit(Draft(self.ledger.code, self.user, self.operations, source, reason)))
        return result_of(self.ledger, self.scope, self.touched, change)

    def _clean(self, at: int, values: dict[str, Any], row: Any) -> dict[str, Any]:
        """The values with their links and files looked up; what the caller does not see he does not write."""
        clean = {}
        for code, value in values.items():
            if not self.scope.shows(self.ledger.types[code].spec.privacy):
                self._problem(at, code, f"你没有填写“{self.ledger.types[code].label}”的权限。")
            elif (table := self.ledger.children.get(code)) is not None:
                clean[code] = self._lines(at, code, table, value, row)
            else:
                clean[code] = self._value(at, code, self.ledger.types[code], value, row)
        return clean

    def _lines(self, at: int, field: str, table: Ledger, lines: Any, row: Any) -> list[dict[str, Any]] | None:
        stored = {line.pk: line for line in lines_of(self.ledger, row, field)}
        shown = shown_fields(table, self.scope)
        clean = []
        for said in lines or ():
            made = {"id": said["id"]}
            for code in said.keys() - {"id"}:
                kind = table.types[code]
                if code not in shown:
                    self._problem(at, field, f"你没有填写“{kind.label}”的权限。")
                    continue
                made[code] = self._value(at, field, kind, said[code], stored.get(said["id"]))
            clean.append(made)
        return clean or None

    def _value(self, at: int, field: str, kind: FieldType, value: Any, row: Any) -> Any:
        """`row` is what holds the value now: a row, a line of one, or nothing yet."""
        if value is not None and kind.is_link and not self._leads(kind, value, row):
            self._problem(at, field, f"“{kind.label}”所指的记录不存在，或不在你的权限范围内。")
        elif value is not None and kind.widget == "file":
            return self._files(at, field, kind, value, row)
        return value

    def _attached(self, at: int, said: list[dict[str, Any]] | None, row: Any) -> list[dict[str, Any]] | None:
        """The row's attachments as they are to be kept."""
        kind = self.ledger.attachments
        if said is None and row is None:
            return None
        if not self.scope.shows(kind.spec.privacy):
            self._problem(at, _FILES, f"你没有填写“{kind.label}”的权限。")
        return self._files(at, _FILES, kind, said, row) if said else None

    def _leads(self, kind: Any, value: Any, row: Any) -> bool:
        if row is not None and value == kind.from_row(row):
            return True
        wanted = value if isinstance(value, list) else [value]
        try:
            return len(lookups.among(lookups.kind_of(kind), wanted, self.user)) == len(set(wanted))
        except lookups.UnknownKind:
            return False

    def _files(
        self, at: int, field: str, kind: Any, value: list[dict[str, Any]], row: Any
    ) -> list[dict[str, Any]] | None:
        stored = (kind.from_row(row) or []) if row is not None else []
        wanted = list(dict.fromkeys(one["sha256"] for one in value))
        found = kept(stored, wanted, self.user)
        if len(found) != len(wanted):
            self._problem(at, field, f"“{kind.label}”里有没有上传过的文件：请先上传，再写上它的 sha256。")
        return found or None

    def _place(self, at: int, place: uuid.UUID | None, row: Any) -> uuid.UUID | None:
        if place is None or (row is not None and place == row.division_id):
            return place
        label = self.ledger.spec.place_label
        if self.ledger.spec.place == "town":
            self._problem(at, _PLACE, "这本台账不分村（社区）登记，division 请写 null。")
            return None
        levels = (Level.VILLAGE,) if self.ledger.spec.place == "village" else (Level.VILLAGE, Level.GROUP)
        found = lookups.among("division", [place], self.user)
        if not found or not Division.objects.filter(pk=place, level__in=levels).exists():
            self._problem(at, _PLACE, f"“{label}”所指的地点不存在、已撤销，或不在你的权限范围内。")
        return place

    def _problem(self, at: int, code: str, message: str) -> None:
        self.problems.append(Problem(message, code, label_of(self.ledger, code), at))


def result_of(ledger: Ledger, scope: Scope, rows: Sequence[uuid.UUID], change: Change | None) -> dict[str, Any]:
    """The answer to a write: ids, numbers and versions, in the order of the request; `change` null when nothing differed."""
    known = rows_in(ledger, scope, voided=True).filter(pk__in=rows)
    columns = ("pk", "no", "version", "review", "state", "voided_by_change_id")
    by_id = {one[0]: one for one in known.values_list(*columns)}
    said = [
        {
            "id": str(row),
            "no": one[1],
            "version": one[2],
            "review": one[3],
            "state": one[4],
            "voided": one[5] is not None,
        }
        for row in rows
        if (one := by_id.get(row))
    ]
    return {"change": change.pk if change else None, "rows": said}


def written(writer: Writer, act: Callable[[], Change]) -> Change:
    """Do an act of the ledgers room; what it refuses is a Refusal."""
    try:
        return act()
    except CommitRefused as refused:
        ledger = writer.ledger
        problems = [Problem(one.message, one.field, label_of(ledger, one.field), one.at) for one in refused.problems]
        raise refusal_of(problems) from None
    except Conflict as conflict:
        current = row_json(writer.ledger, writer.scope, conflict.rows[0]) if conflict.rows else None
        words = "有记录在你读取之后被他人改过。current 里是现在的内容，请对照后用新的版本号再提交。"
        raise Refusal(409, words, [Problem(str(conflict))], current=current) from None
    except NotAllowed as refused:
        raise Refusal(403, str(refused), [Problem(str(refused))]) from None
    except LedgerError as refused:
        raise Refusal(422, str(refused), [Problem(str(refused))]) from None


def refusal_of(problems: Sequence[Problem]) -> Refusal:
    shown = list(dict.fromkeys(one.message.rstrip("。") for one in problems))
    more = f"；另有{len(shown) - 3}个问题" if len(shown) > 3 else ""
    return Refusal(422, "；".join(shown[:3]) + more + "。没有写入任何内容。", problems)


def label_of(ledger: Ledger, code: str) -> str:
    if code == _PLACE:
        return ledger.spec.place_label
    return ledger.types[code].label if code in ledger.types else ""
