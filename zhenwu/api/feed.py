"""The feed of changes: what happened since number N, for a copy elsewhere that must not miss anything.

An entry is one new version of one row. Entries come in the order (change, entry); the pair of the last one is where to go on.
How far it goes is `changes.feed.settled_number`: what is still being written is left for the next call, so that nothing
appears before a place that was already read.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from zhenwu.api.access import Caller, Reader, caller_of
from zhenwu.api.bodies import UndoBody
from zhenwu.api.common import documented
from zhenwu.api.errors import Problem, Refusal
from zhenwu.api.rows import IDEMPOTENCY
from zhenwu.api.writing import once
from zhenwu.changes.feed import settled_number
from zhenwu.changes.models import Change, History
from zhenwu.ledgers.actions import undo
from zhenwu.ledgers.errors import CommitRefused, Conflict, LedgerError
from zhenwu.ledgers.queries import rows_in
from zhenwu.packs import runtime

router = Router(tags=["变更"])
LARGEST = 1000
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """After this entry of this change. `entry` is the id of a history row."""

    change: int
    entry: int


def _number(name: str, text: str, most: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0 if name != "limit" else 1, "maximum": most}
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": text}


@router.get(
    "/changes", operation_id="changes", summary="编号 N 之后的变更",
    openapi_extra=documented(
        "Changes", _number("since", "从这个变更编号之后开始（不含）", _MOST),
        _number("entry", "同一变更没有取完时，接着取的位置，见答复里的 next", 2**62),
        _number("limit", "最多看几项，默认 200", LARGEST),
        {"in": "query", "name": "ledger", "required": False, "schema": {"type": "string", "maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$"},
         "description": "只看这本台账"},
    ),
)  # fmt: skip
def changes(request: HttpRequest) -> HttpResponse:
    """Call it again with `next` until `more` is false. A page may hold fewer entries than asked for, even none, while
    there are more: what lies outside of the caller's rights is passed over."""
    caller = caller_of(request)
    said = _Asked(request)
    settled = settled_number()
    codes = [ledger.code for ledger, _ in caller.ledgers()]
    if said.ledger:
        codes = [caller.ledger(said.ledger)[0].code]
    place = Place(said.since, said.entry)
    found = list(_after(place, settled, codes)[: said.limit + 1])
    more = len(found) > said.limit
    found = found[: said.limit]
    place = Place(found[-1].change_id, found[-1].pk) if more else Place(max(settled, said.since), _LAST)
    following = f"{request.path}?since={place.change}" + (f"&entry={place.entry}" if place.entry != _LAST else "")
    following += f"&limit={said.limit}" + (f"&ledger={said.ledger}" if said.ledger else "")
    return JsonResponse({"entries": entries_of(caller, found), "next": following, "more": more})


_LAST = 2**62


class _Asked:
    def __init__(self, request: HttpRequest) -> None:
        self._said, self._problems = request.GET, list[Problem]()
        self.since = self._read("since", 0, 0, _MOST)
        self.entry = self._read("entry", _LAST, 0, _LAST)
        self.limit = self._read("limit", 200, 1, LARGEST)
        self.ledger = self._said.get("ledger", "")
        unknown = set(self._said) - {"since", "entry", "limit", "ledger"}
        self._problems += [Problem(f"没有“{name[:60]}”这个参数。", name) for name in sorted(unknown)]
        if "ledger" in self._said and self.ledger not in runtime.ledgers():
            raise Http404
        if self._problems:
            raise Refusal(400, "；".join(one.message.rstrip("。") for one in self._problems[:3]) + "。", self._problems)

    def _read(self, name: str, default: int, least: int, most: int) -> int:
        texts = self._said.getlist(name)
        if not texts:
            return default
        text = texts[0]
        if len(texts) > 1 or not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
            self._problems.append(Problem(f"{name} 应是{least}至{most}的整数。", name))
            return default
        return int(text)


def _after(place: Place, settled: int, codes: list[str]) -> Any:
    beyond = Q(change_id__gt=place.change) | Q(change_id=place.change, pk__gt=place.entry)
    kept = History.objects.filter(beyond, change_id__gte=place.change, change_id__lte=settled, ledger__in=codes)
    return kept.select_related("change").order_by("change_id", "pk").defer("values", "sealed", "hash")


def entries_of(caller: Reader, found: list[History]) -> list[dict[str, Any]]:
    """The entries of rows that the reader sees today, in the same order."""
    wanted: dict[str, set[uuid.UUID]] = {}
    for one in found:
        wanted.setdefault(one.ledger, set()).add(one.row)
    numbers: dict[tuple[str, uuid.UUID], str] = {}
    for code, rows in wanted.items():
        ledger, scope = caller.ledger(code)
        seen = rows_in(ledger, scope, voided=True).filter(pk__in=rows).values_list("pk", "no")
        numbers |= {(code, pk): no for pk, no in seen}
    return [
        {
            "change": one.change_id, "at": one.change.at.isoformat(), "kind": one.change.source_kind, "ledger": one.ledger,
            "row": str(one.row), "no": numbers[one.ledger, one.row], "version": one.version, "act": one.act,
        }
        for one in found
        if (one.ledger, one.row) in numbers
    ]  # fmt: skip


@router.post(
    "/changes/{int:change}/undo", operation_id="undo", summary="把一次变更整个撤销",
    openapi_extra=documented("Undone", IDEMPOTENCY),
)  # fmt: skip
def undo_change(request: HttpRequest, change: int, data: UndoBody) -> HttpResponse:
    caller = caller_of(request)
    found = Change.objects.filter(pk=change).first() if change <= _MOST else None
    if found is None or not _sees(caller, found):
        raise Http404
    caller.need_write()
    if not data.reason.strip():
        raise Refusal(422, "撤销要写明原因。", [Problem("撤销要写明原因。", "reason", "原因")])

    def do() -> dict[str, Any]:
        try:
            done = undo(found, by=caller.user, reason=data.reason)
        except CommitRefused as refused:
            raise Refusal(
                422, "没有撤销。", [Problem(one.message, one.field, "", one.at) for one in refused.problems]
            ) from None
        except Conflict as conflict:
            raise Refusal(409, str(conflict), [Problem(str(conflict))]) from None
        except LedgerError as refused:
            raise Refusal(422, str(refused), [Problem(str(refused))]) from None
        return {"changes": [one.pk for one in done]}

    return once(request, caller, do)


def _sees(caller: Caller, change: Change) -> bool:
    """Whether the caller sees a row of it in each of its ledgers."""
    known = {ledger.code: (ledger, scope) for ledger, scope in caller.ledgers()}
    if not change.ledgers or not set(change.ledgers) <= set(known):
        return False
    return all(
        rows_in(*known[code], voided=True)
        .filter(pk__in=History.objects.filter(change=change, ledger=code).values("row"))
        .exists()
        for code in change.ledgers
    )
