"""How the definition of an indicator changed from one application of packs to the next, and what that does to its value."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import duckdb
from pydantic import ValidationError

from zhenwu.changes.models import Review
from zhenwu.indicators.aggregate import grouping_sql, groups_of, text_of, value_of
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.indicators.questions import KIND_LABELS, SPAN_LABELS
from zhenwu.indicators.registry import registry
from zhenwu.mart.dialect import written
from zhenwu.mart.engine import window
from zhenwu.mart.errors import QueryTooSlow, SqlBroken
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import mart, running_schema
from zhenwu.packs import runtime
from zhenwu.packs.models import Applied
from zhenwu.packs.spec import Counts, Indicator

_AGG = {
    "count": "数行数", "sum": "求和", "ratio": "分子合计÷分母合计", "weighted": "按权数平均", "distinct": "去重后数个数", "avg": "平均",
    "median": "中位数",
}  # fmt: skip
_RECAST = {
    "recount": "按现在的区划逐行重算", "pop": "分不清的按人口占比", "land": "分不清的按土地占比", "successor": "只取现在的村自己报的",
}  # fmt: skip
_WORDS = {
    "label": "名称", "definition": "口径", "unit": "单位", "show_unit": "显示单位", "agg": "算法", "kind": "时期或时点",
    "period": "最细的统计期",
    "by": "分类", "places": "小数位数", "recast": "区划调整时", "counts": "计入的行",
}  # fmt: skip
_VALUE = ("agg", "kind", "unit", "show_unit", "places", "recast", "counts", "sql", "by")  # what a value depends on


_Application = tuple[int, datetime]  # its key, and when


@dataclass(frozen=True)
class Difference:
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """What came into force at `at`. `lines` is the statement against the one before: ("+", "-" or " ", text). `value` is what this
    definition gives today, None for the one in force; "" where it can no longer be computed."""

    at: datetime
    is_first: bool
    differences: tuple[Difference, ...]
    lines: tuple[tuple[str, str], ...]
    said: dict[str, Any]


def versions(code: str) -> list[Version]:
    """Newest first; the last one is where it began."""
    return list(_versions(code, _applications()))


def value_then(version: Version, asked: dict[str, Any]) -> str | None:
    """What the definition of then says today of the township; None where nothing that a value depends on is different from now,
    "" where it cannot be computed any more (its fields are gone)."""
    code = version.said["code"]
    current = _said_now(code)
    if all(version.said.get(key) == current.get(key) for key in _VALUE):
        return None
    try:
        spec = Indicator.model_validate(
            {key: one for key, one in version.said.items() if key != "counts"}, extra="ignore"
        )
        return _computed(spec, version.said["counts"], asked)
    except (ValidationError, SqlBroken, QueryTooSlow, duckdb.Error):
        return ""


def _computed(spec: Indicator, counts: Any, asked: dict[str, Any]) -> str:
    pack = runtime.packs().packs[registry().ledger(spec.code)]
    preparer = Preparer(running_schema(), pack)
    chosen: Counts | Literal["all"] = "all" if counts == "all" else Counts.model_validate(counts, extra="ignore")
    prepared = preparer.prepare(spec.sql, f"indicator {spec.code}", rows="counted", counts=chosen)
    indicator = PreparedIndicator(spec, pack.ledger.code, prepared)
    rows = mart().query(prepared, window(asked["as_of"], asked["year"]), grouping_sql(indicator)).to_pylist()
    return text_of(spec, value_of(spec, groups_of(rows)))


@lru_cache(maxsize=200)
def _versions(code: str, applications: tuple[_Application, ...]) -> tuple[Version, ...]:
    found: list[Version] = []
    last: dict[str, Any] | None = None
    for one in applications:
        said = _indicators_of(one).get(code)
        if said is not None:
            version = _version(one[1], last, said)
            if version.is_first or version.differences or version.lines:
                found.append(version)
        last = said if said is not None else last
    return tuple(reversed(found))


@lru_cache(maxsize=32)
def _indicators_of(application: _Application) -> dict[str, dict[str, Any]]:
    """{code: what was said}; which rows count is the ledger's where the indicator does not say."""
    dump = Applied.objects.values_list("dump", flat=True).get(pk=application[0])
    found = {}
    for pack in dump["packs"]:
        for one in pack.get("indicator", ()):
            counts = one.get("counts") or pack["ledger"].get("counts") or Counts().model_dump(mode="json")
            found[one["code"]] = one | {"counts": counts}
    return found


def _applications() -> tuple[_Application, ...]:
    return tuple(Applied.objects.order_by("pk").values_list("pk", "at"))


def _said_now(code: str) -> dict[str, Any]:
    applications = _applications()
    return _indicators_of(applications[-1]).get(code, {}) if applications else {}


def _version(at: datetime, before: dict[str, Any] | None, said: dict[str, Any]) -> Version:
    if before is None:
        return Version(at, True, (), (), said)
    differences = tuple(
        Difference(words, _shown(key, before), _shown(key, said))
        for key, words in _WORDS.items()
        if before.get(key) != said.get(key) and not (key == "period" and said.get("kind") == "stock")
    )
    lines = tuple(_lines(before["sql"], said["sql"])) if before["sql"] != said["sql"] else ()
    return Version(at, False, differences, lines, said)


def _lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    for line in difflib.ndiff(_laid_out(before).splitlines(), _laid_out(after).splitlines()):
        if line[0] in "+- ":
            yield line[0].strip() or " ", line[2:]


def _laid_out(sql: str) -> str:
    try:
        return written(sql, "").sql
    except SqlBroken:  # of a release whose dialect was wider
        return sql


def _shown(key: str, said: dict[str, Any]) -> str:
    value = said.get(key)
    words = {"agg": _AGG, "kind": SPAN_LABELS, "recast": _RECAST, "period": KIND_LABELS}.get(key)
    if words:
        return words.get(str(value), str(value))
    if key == "counts":
        return _counts_in_words(value, said["code"])
    return str(value) if value not in ("", None) else "（无）"


def _counts_in_words(counts: Any, code: str) -> str:
    if counts == "all":
        return "全部没有作废的行"
    ledger = runtime.ledgers().get(registry().ledger(code))
    reviews: dict[str, str] = dict(Review.choices)
    parts = ["审核：" + "、".join(reviews.get(one, one) for one in counts.get("review", ()))]
    for key, words in (("state", "状态"), ("state_not", "状态不是")):
        if counts.get(key):
            parts.append(f"{words}：" + "、".join(ledger.state_label(one) if ledger else one for one in counts[key]))
    return "；".join(parts)
