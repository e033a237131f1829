"""The rows behind a figure, found, counted and paged by the engine."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zhenwu.indicators.aggregate import since_sql
from zhenwu.indicators.counting import share_in
from zhenwu.indicators.figures import Trace, TraceRow
from zhenwu.indicators.groups import groups_for
from zhenwu.indicators.looking import places_on
from zhenwu.indicators.prepared import PreparedIndicator
from zhenwu.indicators.queries import value
from zhenwu.indicators.questions import Question, ask
from zhenwu.indicators.registry import registry
from zhenwu.mart.engine import window
from zhenwu.mart.places import Places
from zhenwu.mart.source import Source
from zhenwu.mart.store import mart

_NOBODY = "FALSE"
_Where = tuple[
    str | None, date | None
]  # a place, and the last day before the row's on which some place gave a part away


@dataclass(frozen=True)
class Seen:
    """Which rows of a ledger a reader sees: those of `places` (None: all) and, beside them, single `rows`. Ids are hex."""

    places: frozenset[str] | None
    rows: frozenset[str] = frozenset()


Sight = Mapping[str, Seen]  # by ledger; of a ledger that is not there nothing is seen


def trace(
    code: str,
    *,
    sight: Sight | None = None,
    undecided: bool = False,
    start: int = 0,
    limit: int = 1000,
    signed: bool = False,
    source: Source | None = None,
    **asked: Any,
) -> Trace:
    """The rows behind the figure that `questions.ask` is asked for, by day; with `undecided` those that lineage cannot place,
    which are not in it. `sight` None: all are seen. `source`: another than the mart of this instance."""
    name, _, part = code.partition(".")
    indicator = registry().prepared(name)
    question = ask(indicator.spec, **asked)
    figure = value(code, signed=signed, source=source, **asked)
    places = source.places(question.on) if source else places_on(question.on)
    shares = _shares(indicator, question, part, places, source)
    wanted = None if shares is None else [one for one, share in shares.items() if _is_wanted(share, undecided)]
    if shares is None and undecided:  # the township holds every row for certain
        wanted = []
    sql = _sql(indicator, question, places, part, sight, wanted, f"LIMIT {int(limit)} OFFSET {int(start)}")
    values = window(question.as_of, question.year) | {
        "t_part": part, **_of_sight(sight),
    }  # fmt: skip
    rows = (source or mart()).query(indicator.prepared, values, sql).to_pylist()
    counted, seen = (rows[0]["counted"], rows[0]["seen_rows"]) if rows else (0, 0)
    shown = [_row(row, shares) for row in rows if row["is_row"]]
    return Trace(figure, shown, seen, counted - seen, start)


def _shares(
    indicator: PreparedIndicator, asked: Question, part: str, places: Places, source: Source | None
) -> dict[_Where, Decimal | None] | None:
    """How much of a row counts in the place asked for, by where it was written down; None: all of every row."""
    if asked.place is None:
        return None
    recorded = {(one.place, one.since) for one in groups_for(indicator, asked, part, source=source)}
    return {
        (place, since): share_in(asked.place, indicator.spec, place, since, asked.boundary, places)
        for place, since in recorded
    }


def _is_wanted(share: Decimal | None, undecided: bool) -> bool:
    return share is None if undecided else bool(share)


def _row(row: dict[str, Any], shares: Mapping[_Where, Decimal | None] | None) -> TraceRow:
    share = Decimal(1) if shares is None else shares.get((row["place"], row["since"]))
    return TraceRow(
        row["ledger"], row["row"], row["place"], row["day"], row["num"], row["den"], row["part"], share
    )  # fmt: skip


def _sql(
    indicator: PreparedIndicator,
    asked: Question,
    places: Places,
    part: str,
    sight: Sight | None,
    wanted: list[_Where] | None,
    page: str,
) -> str:
    """Columns of the rows with the ledger each id belongs to: the pack's own, or whichever of the ledgers read has it."""
    ledgers = sorted(indicator.prepared.ledgers)
    den = "den" if indicator.has_den else "NULL"
    parts = "CAST(part AS VARCHAR)" if indicator.spec.by else "NULL"
    since = since_sql(places.turns() if wanted is not None else ())
    said = (
        f'SELECT "row", place, CAST(day AS DATE) AS day, num, {den} AS den, {parts} AS part, {since} AS since '
        "FROM {} AS said"
    )
    keep = ["part = $t_part"] if part else []
    keep += [f"day BETWEEN DATE '{asked.cut.first}' AND DATE '{asked.cut.last}'"] if asked.cut else []
    if wanted is not None:
        listed = ", ".join(f"'{_key(one)}'" for one in wanted) or "NULL"  # ids in hex and days
        keep.append(f"concat(coalesce(place, ''), '|', coalesce(CAST(since AS VARCHAR), '')) IN ({listed})")
    where = f" WHERE {' AND '.join(keep)}" if keep else ""
    known = " UNION ALL ".join(f"SELECT id, '{ledger}' AS ledger FROM base.\"{ledger}\"" for ledger in ledgers)
    joined = (
        f"SELECT coalesce(known.ledger, '') AS ledger, kept.* FROM kept LEFT JOIN ({known}) AS known ON known.id = kept.\"row\""
        if known
        else "SELECT '' AS ledger, kept.* FROM kept"
    )
    return (
        f"WITH said AS ({said}), kept AS (SELECT * FROM said{where}), "
        f"judged AS (SELECT *, coalesce({_seen_sql(indicator, sight)}, FALSE) AS seen FROM ({joined}) AS joined), "
        "counts AS (SELECT count(*) AS counted, count(*) FILTER (WHERE seen) AS seen_rows FROM judged), "
        'paged AS (SELECT *, TRUE AS is_row FROM judged WHERE seen ORDER BY day, "row", place, part '
        f"{page}) "
        'SELECT counts.*, paged.* FROM counts LEFT JOIN paged ON TRUE ORDER BY paged.day, paged."row", paged.place, paged.part'
    )


def _seen_sql(indicator: PreparedIndicator, sight: Sight | None) -> str:
    """A row of no ledger is judged as one of the indicator's own."""
    if sight is None:
        return "TRUE"
    found = []
    for number, (ledger, seen) in enumerate(sorted(sight.items())):
        names = f"('{ledger}', '')" if ledger == indicator.ledger else f"('{ledger}')"
        here = f"ledger IN {names}"
        if seen.places is not None:
            own = f' OR "row" IN (SELECT unnest($t_rows_{number:03d}))' if seen.rows else ""
            here += f" AND (place IN (SELECT unnest($t_places_{number:03d})){own})"
        found.append(f"({here})")
    return " OR ".join(found) or _NOBODY


def _of_sight(sight: Sight | None) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for number, (_, seen) in enumerate(sorted((sight or {}).items())):
        values[f"t_places_{number:03d}"] = sorted(seen.places or ())
        values[f"t_rows_{number:03d}"] = sorted(seen.rows)
    return values


def _key(where: _Where) -> str:
    place, since = where
    return f"{place or ''}|{since.isoformat() if since else ''}"
