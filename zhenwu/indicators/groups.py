"""The rows of an indicator as sums by place, month and part: what every figure is put together from."""

from zhenwu.indicators.aggregate import OF_LISTS, Group, grouping_sql, groups_of, rows_of
from zhenwu.indicators.looking import places_on, stamp_of
from zhenwu.indicators.periods import Kind
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.indicators.questions import Question
from zhenwu.lib.recent import Recent
from zhenwu.mart.engine import window
from zhenwu.mart.source import Source
from zhenwu.mart.store import mart
from zhenwu.packs import runtime

_CACHED = 2000
_cache: Recent[list[Group]] = Recent(_CACHED)


def groups_for(
    indicator: PreparedIndicator,
    asked: Question,
    part: str = "",
    *,
    signed: bool = False,
    source: Source | None = None,
) -> list[Group]:
    """Those that the question is about, of every place. `source`: another than the mart of this instance."""
    found = _groups(indicator, asked, signed, source)
    if part:
        found = [one for one in found if one.part == part]
    if asked.cut and (months := asked.cut.months):
        found = [one for one in found if one.month in months]
    return found


def undated_for(
    indicator: PreparedIndicator, asked: Question, part: str = "", *, source: Source | None = None
) -> list[Group]:
    """What a period leaves out because nobody says when it was."""
    if asked.cut is None or asked.cut.kind == Kind.DAY:
        return []
    return [one for one in _groups(indicator, asked, False, source) if one.month is None and part in ("", one.part)]


def _groups(indicator: PreparedIndicator, asked: Question, signed: bool, source: Source | None) -> list[Group]:
    """Of this instance's mart cached until a ledger it reads, or a place, changes. Those with signs also serve whoever asks
    for none."""
    day = asked.cut.first if asked.cut and asked.cut.kind == Kind.DAY else None
    if source is not None:
        turns = tuple(source.turns(asked.on))
        sql = grouping_sql(indicator, turns, signed=signed, day=day)
        return groups_of(source.query(indicator.prepared, window(asked.as_of, asked.year), sql).to_pylist())
    turns = tuple(places_on(asked.on).turns())
    stamp = stamp_of(indicator.prepared.ledgers)
    said = (runtime.pack_hash(), indicator.spec.code, asked.as_of, asked.year, turns, day, stamp)
    key = (*said, signed)
    for known in (key, (*said, True)):
        if (groups := _cache.get(known)) is not None:
            return groups
    sql = grouping_sql(indicator, turns, signed=signed, day=day)
    values = window(asked.as_of, asked.year)
    if indicator.spec.agg in OF_LISTS:
        rows = mart().query(indicator.prepared, values, sql).to_pylist()
    else:
        rows = rows_of(mart().query_parts(indicator.prepared, values, sql))
    groups = groups_of(rows)
    _cache.keep(key, groups)
    return groups
