"""A list of rows as its address asks for it. What is not understood is refused: a filter that is silently dropped gives
rows that nobody asked for."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope
from zhenwu.api.errors import Problem, Refusal
from zhenwu.api.reading import Context
from zhenwu.api.showing import shape_of
from zhenwu.changes.models import Review
from zhenwu.ledgers.cells import field_column
from zhenwu.ledgers.conditions import as_uuid, held_in
from zhenwu.ledgers.listing import ListQuery, filtered
from zhenwu.ledgers.queries import COUNT_CAP, capped_count, shown_fields
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldProblem, FieldType, ShapeProblem

LARGEST_PAGE = 500
LAST_PAGE = 10_000
MOST_VALUES = 200
LONGEST_WORDS = 60
_OWN_SORTS = {"no": "no", "created_at": "created_at", "changed_at": "changed_at", "id": "pk"}
_YES = {"true": True, "false": False}
OWN_WORDS = frozenset(
    {"q", "place", "review", "state", "mine", "overdue", "voided", "sort", "page", "size", "after"}
)  # of the list itself
PLAIN_WORD = "eq"
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter that filters by a field."""

    name: str
    kind: FieldType
    op: str


def filters_of(ledger: Ledger) -> dict[str, Filter]:
    """{parameter: Filter}: `area`, `area__ge`, `name__contains` …"""
    return _filters(runtime.pack_hash(), ledger.code)


@lru_cache(maxsize=1000)
def _filters(packs: str, code: str) -> dict[str, Filter]:
    found = {}
    for kind in runtime.ledger(code).stored.values():
        for op in ("has", "empty") if kind.spec.many else kind.filters:
            plain = op == PLAIN_WORD and kind.code not in OWN_WORDS
            name = kind.code if plain else f"{kind.code}__{op}"
            found[name] = Filter(name, kind, op)
    return found


def sorts_of(ledger: Ledger, shown: dict[str, FieldType]) -> dict[str, str]:
    """{what one may sort by: ORM path}."""
    columns = {code: field_column(kind).sort for code, kind in shown.items()}
    return _OWN_SORTS | {code: path for code, path in columns.items() if path}


class Asked:
    """The parameters of one list request, read with every problem collected."""

    def __init__(self, ledger: Ledger, scope: Scope, said: QueryDict) -> None:
        self.ledger, self.scope, self.said = ledger, scope, said
        self.shown = shown_fields(ledger, scope)
        self.problems: list[Problem] = []
        self._status = 422  # 400 once something has another shape than the schema says
        self.condition = Q()
        self.after = self._id("after")
        self.size = self._number("size", 50, LARGEST_PAGE)
        self.page = self._number("page", 1, LAST_PAGE)
        self.sort = self._one_of("sort", self._sorts()) or "-no"
        self.query = ListQuery(
            q=self._words("q"), place=self._id("place"), review=self._one_of("review", Review.values),
            state=self._one_of("state", ledger.states), mine=self._flag("mine"), overdue=self._flag("overdue"),
            voided=self._flag("voided"),
        )  # fmt: skip
        if self.after and {"page", "sort"} & set(said):
            self.problems.append(Problem("after 按 id 依次取，不能与 page 或 sort 同用。", "after"))
        if (self.page - 1) * self.size >= COUNT_CAP:
            words = f"按页只能看前{COUNT_CAP}条；要取全部记录请用 sort=id 取第一批，再按答复里的 next 依次取。"
            self.problems.append(Problem(words, "page"))
        self._read_fields()
        if self.problems:
            raise Refusal(
                self._status, "；".join(one.message.rstrip("。") for one in self.problems[:3]) + "。", self.problems
            )

    def rows(self, user: User) -> QuerySet[Any]:
        return filtered(self.ledger, self.scope, self.query, user=user).filter(self.condition)

    def _read_fields(self) -> None:
        known = filters_of(self.ledger)
        context = Context(timezone.localdate())
        for name in self.said:
            if name in OWN_WORDS:
                continue
            one = known.get(name)
            if one is None or one.kind.code not in self.shown:
                self._problem(name, f"没有“{name[:60]}”这个筛选条件。")
                continue
            try:
                self.condition &= self._met(one, self.said.getlist(name), context)
            except FieldProblem as problem:
                self.problems.append(Problem(str(problem), name, one.kind.label))
                if isinstance(problem, ShapeProblem):
                    self._status = 400

    def _met(self, one: Filter, texts: list[str], context: Context) -> Q:
        path = one.kind.json_column
        if one.op == "in":
            if len(texts) > MOST_VALUES:
                raise _misshapen(one, f"一次最多列{MOST_VALUES}个值。")
            return Q(**{f"{path}__in": [one.kind.from_query(text, context) for text in texts]})
        if len(texts) != 1:
            raise _misshapen(one, "只能写一个值。")
        if one.op == "empty":
            if texts[0] not in _YES:
                raise _misshapen(one, "是否为空应是 true 或 false。")
            return Q(**{f"{path}__isnull": _YES[texts[0]]})
        if one.op == "contains":
            if not 1 <= len(texts[0]) <= LONGEST_WORDS:
                raise _misshapen(one, f"要找的文字应有1至{LONGEST_WORDS}个字。")
            return Q(**{f"{path}__icontains": one.kind.plain(texts[0])})
        value = one.kind.from_query(texts[0], context)
        if one.op == "has":
            return held_in(one.kind.code, value.hex if isinstance(value, uuid.UUID) else value)
        return Q(**{{"eq": path, "ge": f"{path}__gte", "le": f"{path}__lte"}[one.op]: value})

    def _sorts(self) -> list[str]:
        self.sorts = sorts_of(self.ledger, self.shown)
        return [*self.sorts, *(f"-{code}" for code in self.sorts)]

    def _single(self, name: str) -> str | None:
        texts = self.said.getlist(name)
        if len(texts) > 1:
            self._problem(name, f"{name} 只能写一次。")
        return texts[0] if texts else None

    def _words(self, name: str) -> str:
        text = self._single(name) or ""
        if len(text) > LONGEST_WORDS or not re.fullmatch(_ONE_LINE, text):
            self._problem(name, f"{name} 最多{LONGEST_WORDS}个字，不含控制字符。")
        return text

    def _flag(self, name: str) -> bool:
        text = self._single(name)
        if text is not None and text not in _YES:
            self._problem(name, f"{name} 应是 true 或 false。")
        return _YES.get(text or "", False)

    def _number(self, name: str, default: int, most: int) -> int:
        text = self._single(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most):
            self._problem(name, f"{name} 应是1至{most}的整数。")
            return default
        return int(text)

    def _id(self, name: str) -> uuid.UUID | None:
        text = self._single(name)
        found = as_uuid(text) if text is not None and len(text) == 36 else None
        if text is not None and found is None:
            self._problem(name, f"{name} 应是 id。")
        return found

    def _one_of(self, name: str, known: Any) -> str:
        text = self._single(name)
        if text is not None and text not in known:
            self._problem(name, f"{name} 没有“{text[:40]}”这个选择。")
        return text or ""

    def _problem(self, name: str, message: str) -> None:
        """What the schema does not allow."""
        self._status = 400
        self.problems.append(Problem(message, name))


def _misshapen(one: Filter, message: str) -> ShapeProblem:
    return ShapeProblem(f"“{one.kind.label}”{message}")


def page_of(asked: Asked, user: User, path: str) -> dict[str, Any]:
    """One page: by `after`, every row once in the order of ids and nothing counted; else page by page, counted up to the cap."""
    shape = shape_of(asked.ledger, asked.scope)
    rows = asked.rows(user)
    if "after" in asked.said or (asked.said.get("sort") == "id" and "page" not in asked.said):
        wanted = rows.filter(pk__gt=asked.after) if asked.after else rows
        found = list(wanted.order_by("pk").values_list(*shape.paths)[: asked.size + 1])
        more = len(found) > asked.size
        last = str(found[asked.size - 1][0]) if more else ""
        following = _address(path, asked.said, sort=None, after=last) if more else None
        return {"rows": list(shape.many(found[: asked.size])), "total": None, "total_capped": False, "next": following}
    counted = capped_count(rows)
    start = (asked.page - 1) * asked.size
    down, code = asked.sort.startswith("-"), asked.sort.removeprefix("-")
    first = asked.sorts[code]
    order = [f"-{first}" if down else first, *(["-no"] if first != "no" else [])]
    found = list(rows.order_by(*order).values_list(*shape.paths)[start : start + asked.size]) if counted else []
    reach = min(counted, COUNT_CAP // asked.size * asked.size)
    following = _address(path, asked.said, page=str(asked.page + 1)) if start + asked.size < reach else None
    return {
        "rows": list(shape.many(found)),
        "total": min(counted, COUNT_CAP),
        "total_capped": counted > COUNT_CAP,
        "next": following,
    }


def _address(path: str, said: QueryDict, **changed: str | None) -> str:
    kept = [(name, text) for name, texts in said.lists() if name not in changed for text in texts]
    return f"{path}?{urlencode([*kept, *((name, text) for name, text in changed.items() if text)])}"


def parameters_of(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """The query parameters of a list, for the OpenAPI document."""
    sorts = sorts_of(ledger, ledger.stored)
    yes = {"type": "string", "enum": ["true", "false"]}
    own: dict[str, tuple[dict[str, Any], str]] = {
        "q": (
            {"type": "string", "maxLength": LONGEST_WORDS, "pattern": _ONE_LINE},
            "编号、名称等里的文字",
        ),
        "place": ({"type": "string", "format": "uuid"}, "地点的 id，含下级"),
        "review": ({"type": "string", "enum": list(Review.values)}, "审核状态"),
        "mine": (yes, "只要自己登记的"),
        "overdue": (yes, "只要已超期的"),
        "voided": (yes, "包括已作废的"),
        "sort": ({"type": "string", "enum": [*sorts, *(f"-{code}" for code in sorts)]}, "排序，前加 - 为倒序"),
        "page": ({"type": "integer", "minimum": 1, "maximum": LAST_PAGE}, "第几页"),
        "size": ({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}, "每页几条"),
        "after": ({"type": "string", "format": "uuid"}, "取这个 id 之后的，用于依次取完全部；不与 page、sort 同用"),
    }
    if ledger.states:
        own["state"] = ({"type": "string", "enum": list(ledger.states)}, "状态")
    for name, (schema, text) in own.items():
        yield {"in": "query", "name": name, "required": False, "schema": schema, "description": text}
    for one in filters_of(ledger).values():
        yield {
            "in": "query", "name": one.name, "required": False, "schema": _schema_of(one),
            "description": f"{one.kind.label}{_OPS[one.op]}",
        }  # fmt: skip


_OPS = {
    "eq": "等于",
    "in": "是其中之一（可写多次）",
    "contains": "包含",
    "ge": "不小于",
    "le": "不大于",
    "has": "包括",
    "empty": "未填",
}


def _schema_of(one: Filter) -> dict[str, Any]:
    schema = one.kind.json_schema()
    if one.kind.is_number and schema["type"] == "integer":  # what may be asked for is wider than what may be stored
        schema |= {"minimum": -(10**15 - 1), "maximum": 10**15 - 1}
    match one.op:
        case "empty":
            return {"type": "string", "enum": ["true", "false"]}
        case "contains":
            return schema | {"minLength": 1, "maxLength": min(LONGEST_WORDS, schema["maxLength"])}
        case "in":
            return {"type": "array", "items": schema, "minItems": 1, "maxItems": MOST_VALUES}
        case "has":
            return dict(schema["items"])
    return schema
