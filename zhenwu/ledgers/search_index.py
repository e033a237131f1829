"""The index of the words of all ledgers. What a commit writes is indexed with it when it is little, else in the background.

Only open texts are in it: text, names of what a row points to, of privacy class S0 or S1, in ledgers that are open as such.
Everybody who may read a ledger may read these fields, so that a hit says nothing a list would not.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django_tasks import task

from zhenwu.changes.models import ChainHead, Change, History, SourceKind
from zhenwu.changes.prepared import Prepared
from zhenwu.ledgers.models import SearchEntry, SearchState
from zhenwu.ledgers.queries import references_to
from zhenwu.lib.grams import pieces, plain, runs, size_of, wanted
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType

AT_ONCE = 200  # rows of a commit that are indexed in its transaction; 0.3 ms each
_OPEN = ("S0", "S1")
_BATCH = 2000
_LONGEST = 4000  # characters of a row's text
_DONE = Prepared(lambda code: SearchState.objects.filter(pk=code).values_list("seq"), code=str)
_HEAD = Prepared(lambda code: ChainHead.objects.filter(pk=code).values_list("seq"), code=str)
_NEWEST = Prepared(lambda: SearchEntry.objects.order_by("-pk").values_list("pk")[:1])
_BREAK = "zzzz"  # no piece has four letters: no word is found across the end of a line


def is_indexed(ledger: Ledger) -> bool:
    return ledger.spec.privacy in _OPEN


def is_complete(code: str) -> bool:
    """Whether every row of the ledger is in the index; False for one that is never indexed."""
    return is_indexed(runtime.ledger(code)) and _seq_of(code) == _head_of(code)


def complete() -> set[str]:
    """The ledgers of which every row is in the index."""
    done = dict(SearchState.objects.values_list("pk", "seq"))
    heads = dict(ChainHead.objects.values_list("pk", "seq"))
    return {
        code
        for code, ledger in runtime.ledgers().items()
        if is_indexed(ledger) and heads.get(code, 0) == done.get(code, 0)
    }


def searched_fields(ledger: Ledger) -> list[FieldType]:
    return [kind for kind in ledger.stored.values() if kind.is_searched and kind.spec.privacy in _OPEN]


def rows_met(words: Sequence[str], ledger: str, most: int = 0) -> RawSQL:
    """A subquery: the ids of the ledger's rows in whose text every one of the words stands; at `most` so many, 0 means all."""
    sql, said = _met(words)
    cut, number = (" LIMIT %s", [most]) if most else ("", [])
    return RawSQL(f"SELECT e.row FROM {sql} AND e.ledger = %s{cut}", [*said, ledger, *number])  # noqa: S608, S611  words are parameters


def among(words: Sequence[str], ledger: str, most: int = 0) -> Q:
    return Q(pk__in=rows_met(words, ledger, most))


def row_has(words: Sequence[str], ledger: str) -> Exists:
    """The same as a condition that is asked row by row: for words that stand in so many rows that the first ones of any
    order soon fill a page. Texts and words are runs with one space between, so that a word's pieces follow each other
    in a text exactly where it contains the word."""
    entry = SearchEntry.objects.filter(ledger=ledger, row=OuterRef("pk"))
    for word in words:
        entry = entry.filter(text__contains=plain(word))
    return Exists(entry)


def last_entry() -> int:
    """Another number whenever an entry was made: all entries that are made anew have a new one."""
    newest = _NEWEST.first()
    return newest[0] if newest else 0


def hits(words: Sequence[str]) -> Iterator[tuple[str, uuid.UUID, uuid.UUID | None]]:
    """(ledger, row, its place) of the rows that are not voided in whose text every word stands, the newest first."""
    sql, said = _met(words)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT e.ledger, e.row, e.division FROM {sql} AND e.live ORDER BY e.id DESC", said)  # noqa: S608
        while found := cursor.fetchmany(_BATCH):
            yield from ((ledger, _as_uuid(row), _as_uuid(place) if place else None) for ledger, row, place in found)


def _met(words: Sequence[str]) -> tuple[str, list[Any]]:
    """What follows FROM, and its parameters. On SQLite the pieces come first, whatever the planner thinks of them."""
    asked = [(found, cut, plain(word)) for word in words for found, cut in (wanted(word),) if found]
    if not asked:
        return "ledgers_searchentry e WHERE false", []
    if connection.vendor == "sqlite":
        said = " AND ".join(f'words:"{" ".join(found)}"{"*" if cut else ""}' for found, cut, _ in asked)
        return (
            "ledgers_searchgrams CROSS JOIN ledgers_searchentry e ON e.id = ledgers_searchgrams.rowid "
            "WHERE ledgers_searchgrams MATCH %s"
        ), [said]
    texts = " AND e.text LIKE %s" * len(asked)
    return (f"ledgers_searchgrams g JOIN ledgers_searchentry e ON e.id = g.entry WHERE g.grams @> %s::text[]{texts}"), [
        sorted({piece for found, _, _ in asked for piece in found}),
        *(f"%{text}%" for _, _, text in asked),
    ]


def _as_uuid(said: Any) -> uuid.UUID:
    return said if isinstance(said, uuid.UUID) else uuid.UUID(said)


def follow(code: str, change: Change, *, after: int) -> tuple[bool, list[uuid.UUID]]:
    """Index what a commit wrote, in its transaction. `after` is the ledger's seq before it.

    Returns (whether it is done, the rows whose text became another). Not done is a large change, and one after something
    that is not indexed yet: `catch_up` does these.
    """
    ledger = runtime.ledger(code)
    if not is_indexed(ledger):
        return True, []
    if change.ledgers[code] > AT_ONCE or _locked(code).seq != after:
        return False, []
    new = History.objects.filter(ledger=code, seq__gt=after).values_list("row", flat=True)
    rows = list(dict.fromkeys(new))  # DISTINCT would be read from the index of rows, the whole ledger through
    renamed = _index(ledger, rows)
    SearchState.objects.filter(pk=code).update(seq=_head_of(code))
    return True, renamed


def bring(code: str, change: Change, *, after: int) -> None:
    """`follow`, and what it leaves over in the background."""
    done, renamed = follow(code, change, after=after)
    if not done:
        index_words.enqueue(code)
    elif renamed:
        index_renamed.enqueue(code, [row.hex for row in renamed])


def catch_up(code: str) -> Iterator[int]:
    """Index what is not yet, a batch a transaction; yields the versions done. Safe to break off and to run twice."""
    ledger = runtime.ledger(code)
    while is_indexed(ledger):
        with transaction.atomic():
            state = _locked(code)
            if not state.seq:
                _forget(code)
            new = History.objects.filter(ledger=code, seq__gt=state.seq).order_by("seq")
            found = list(new.values_list("seq", "row")[:_BATCH])
            if not found:
                return
            renamed = _index(ledger, list({row for _, row in found}))
            SearchState.objects.filter(pk=code).update(seq=found[-1][0])
        index_naming(code, renamed)
        yield len(found)


@task
def index_words(code: str) -> None:
    """Bring what is not indexed of a ledger into the index."""
    for _ in catch_up(code):
        pass


@task
def index_renamed(code: str, rows: list[str]) -> None:
    index_naming(code, [uuid.UUID(row) for row in rows])


def index_naming(code: str, rows: Sequence[uuid.UUID]) -> None:
    """Index anew the rows of other ledgers in whose text these rows' names stand."""
    again: dict[str, set[uuid.UUID]] = defaultdict(set)
    for other, kind in references_to(code) if rows else ():
        if is_indexed(other) and kind in searched_fields(other):
            pointing = other.rows("search").filter(**{f"{kind.code}__in": rows})
            again[other.code] |= set(pointing.values_list("pk", flat=True))
    for name, found in again.items():
        chosen = sorted(found)
        for start in range(0, len(chosen), _BATCH):
            with transaction.atomic():
                if _locked(name).seq:
                    _index(runtime.ledger(name), chosen[start : start + _BATCH])


def forget(code: str) -> None:
    """Take all of a ledger's entries out; the next `catch_up` begins anew."""
    with transaction.atomic():
        _locked(code)
        _forget(code)


def forget_converted(change: Change, code: str) -> None:
    """Packs were applied that took values over into another type: what was an open text may be sealed now. The next commit
    or the nightly job indexes the ledger anew, by its new types."""
    if change.source_kind == SourceKind.PACKS:
        forget(code)


def _locked(code: str) -> SearchState:
    """How far the ledger's index is, locked: one writer of its entries at a time."""
    SearchState.objects.get_or_create(pk=code)
    return SearchState.objects.select_for_update().get(pk=code)


def _forget(code: str) -> None:
    while found := list(SearchEntry.objects.filter(ledger=code).values_list("row", flat=True)[:_BATCH]):
        _take_out(code, found)
    SearchState.objects.filter(pk=code).update(seq=0)


def _index(ledger: Ledger, rows: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Index these rows anew; returns those whose text became another."""
    before = _take_out(ledger.code, rows)
    made = SearchEntry.objects.bulk_create(_texts(ledger, rows), batch_size=500)
    _put_grams(made)
    return [one.row for one in made if one.row in before and before[one.row] != one.text]


def _texts(ledger: Ledger, rows: Sequence[uuid.UUID]) -> Iterator[SearchEntry]:
    fields = [(kind, len(kind.list_paths())) for kind in searched_fields(ledger)]
    paths = [path for kind, _ in fields for path in kind.list_paths()]
    known = ledger.rows("search").filter(pk__in=rows)
    for pk, division, void, no, *values in known.values_list("pk", "division_id", "voided_by_change_id", "no", *paths):
        lines, at = [plain(no)], 0
        for kind, width in fields:
            if said := plain(kind.cell(*values[at : at + width])):
                lines.append(said)
            at += width
        text = "\n".join(lines)[:_LONGEST]
        yield SearchEntry(ledger=ledger.code, row=pk, division=division, live=void is None, text=text)


def _take_out(code: str, rows: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """{row: text} of the entries that were there."""
    old = list(SearchEntry.objects.filter(ledger=code, row__in=list(rows)))
    with connection.cursor() as cursor:
        if old and connection.vendor == "sqlite":  # a table without content wants to be told what stood in it
            cursor.executemany(
                "INSERT INTO ledgers_searchgrams (ledgers_searchgrams, rowid, words) VALUES ('delete', %s, %s)",
                [(one.pk, _words(one.text)) for one in old],
            )
        elif old:
            cursor.execute("DELETE FROM ledgers_searchgrams WHERE entry = ANY(%s)", [[one.pk for one in old]])
    SearchEntry.objects.filter(pk__in=[one.pk for one in old]).delete()
    return {one.row: one.text for one in old}


def _put_grams(made: Sequence[SearchEntry]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT INTO ledgers_searchgrams (rowid, words) VALUES (%s, %s)",
                [(one.pk, _words(one.text)) for one in made],
            )
        else:
            cursor.executemany(
                "INSERT INTO ledgers_searchgrams (entry, grams) VALUES (%s, %s)",
                [(one.pk, sorted(_grams(one.text))) for one in made],
            )


def _words(text: str) -> str:
    return f" {_BREAK} ".join(" ".join(pieces(line)) for line in text.split("\n"))


def _grams(text: str) -> set[str]:
    """Every beginning of every piece: an inverted index of arrays knows whole elements only."""
    return {
        run[at : at + width] for run in runs(text) for at in range(len(run)) for width in range(1, size_of(run) + 1)
    }


def _seq_of(code: str) -> int:
    return (_DONE.first(code=code) or (0,))[0]


def _head_of(code: str) -> int:
    return (_HEAD.first(code=code) or (0,))[0]
