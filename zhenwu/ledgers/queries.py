"""Reading ledgers under a person's rights: which ledgers, which rows, which fields. Every page starts here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, Func, QuerySet
from django.db.models.lookups import IsNull

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.changes.models import ChainHead, Review
from zhenwu.packs import runtime
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldType
from zhenwu.packs.types.links import HouseholdLink, PersonLink, RowLink

COUNT_CAP = 10_000  # beyond it nobody reads on, and counting would take longer than the page


class _Unindexed(Func):
    """`+column`: SQLite's planner does not take this column's index. Nearly every row is live, so that an index on
    `voided_by_change` would read the whole table and sort it, where the index on `no` reads one page. PostgreSQL knows how
    many are live, but of the column only: of an expression it thinks that one in two hundred is, and sorts the table."""

    template = "+%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)


@dataclass(frozen=True)
class Counted:
    """Rows of one ledger as one user sees them."""

    rows: int  # COUNT_CAP + 1 when there are more
    my_drafts: int
    waiting: int  # submitted by others

    @property
    def rows_text(self) -> str:
        return f"{self.rows:,}" if self.rows <= COUNT_CAP else f"{COUNT_CAP:,}+"


def scope_in(user: User, ledger: Ledger) -> Scope:
    return rights_of(user).scope_in(ledger.realm)


def ledgers_for(user: User) -> Iterator[tuple[Ledger, Scope]]:
    """The ledgers this user may read."""
    for ledger in runtime.ledgers().values():
        scope = scope_in(user, ledger)
        if scope.read:
            yield ledger, scope


def readable_codes(user: User) -> frozenset[str]:
    """The codes of the ledgers this user may read: for the menu of every page, so kept for posts that say the same."""
    rights = rights_of(user)
    if (posts := rights.posts) is None:
        return frozenset(ledger.code for ledger, _ in ledgers_for(user))
    key = (runtime.pack_hash(), posts)
    if key not in _READABLE:
        if len(_READABLE) > _MOST_POSTS:
            _READABLE.clear()
        _READABLE[key] = frozenset(ledger.code for ledger, _ in ledgers_for(user))
    return _READABLE[key]


_READABLE: dict[Any, frozenset[str]] = {}
_MOST_POSTS = 1000


def shown_fields(ledger: Ledger, scope: Scope) -> dict[str, FieldType]:
    """The stored fields whose privacy class this scope shows; the others are not even read."""
    return {code: kind for code, kind in ledger.stored.items() if scope.shows(kind.spec.privacy)}


def shown_values(ledger: Ledger, scope: Scope) -> dict[str, FieldType]:
    """As `shown_fields`, with the fields that formulas compute, in the order of the pack: what lists, pages and exports show."""
    shown = shown_fields(ledger, scope)
    if not ledger.computed:
        return shown
    shown |= {code: kind for code, kind in ledger.computed.items() if scope.shows(kind.spec.privacy)}
    return {code: kind for code, kind in ledger.types.items() if code in shown}


def shows_closed(ledger: Ledger, scope: Scope) -> bool:
    """Whether the scope shows a field above S1: income, grades, health."""
    return any(kind.spec.privacy > "S1" for kind in shown_fields(ledger, scope).values())


def shown_lines(ledger: Ledger, scope: Scope) -> dict[str, dict[str, FieldType]]:
    """{field code: its columns} of the child tables, as far as this scope shows the table and the column."""
    return {
        code: {name: kind for name, kind in table.stored.items() if scope.shows(kind.spec.privacy)}
        for code, table in ledger.children.items()
        if scope.shows(ledger.types[code].spec.privacy)
    }


def shown_line_values(ledger: Ledger, scope: Scope) -> dict[str, dict[str, FieldType]]:
    """As `shown_lines`, with the columns that formulas compute, in the order of the pack: what pages and exports show."""
    return {code: shown_values(ledger.children[code], scope) for code in shown_lines(ledger, scope)}


def lines_text(columns: Iterable[FieldType], lines: Iterable[Any]) -> str:
    """Stored lines of a child table, each in one line of text: 1. 措施 清淤；期限 2020-07-01."""
    shown, columns = [], list(columns)
    for number, line in enumerate(lines, 1):
        cells = [(kind.label, kind.show_row(line)) for kind in columns]
        shown.append(f"{number}. " + "；".join(f"{label} {text}" for label, text in cells if text))
    return "\n".join(shown)


def rows_in(ledger: Ledger, scope: Scope, *, voided: bool = False) -> QuerySet[Any]:
    """The rows of the scope's places; voided ones only when asked for."""
    rows: QuerySet[Any] = ledger.model._default_manager.seen_by(scope)  # type: ignore[attr-defined]
    return rows if voided else rows.filter(live())


def live() -> Any:
    return IsNull(_Unindexed(F("voided_by_change_id")), True)


def may_edit(scope: Scope, row: Any) -> bool:
    if row.is_void or row.review == Review.LOCKED:
        return False
    return scope.review or (scope.enter and row.review in (Review.DRAFT, Review.RETURNED))


def name_of(ledger: Ledger, row: Any) -> str:
    """The words that name a row on pages: its title fields, without personal numbers."""
    parts = [
        ledger.types[code].show_row(row)
        for code in ledger.title
        if code in ledger.stored and not ledger.types[code].is_sealed
    ]
    return " · ".join(part for part in parts if part) or row.no


def whose(user: User) -> tuple[int, ...]:
    """Whose work this user does today: the own, and that of those who are away."""
    return (user.pk, *(one.pk for one in rights_of(user).stood_in_for))


def counts_for(user: User) -> dict[str, Counted]:
    """{ledger: Counted} of everything the user may read. A ledger is counted again only after it changed."""
    ends = dict(ChainHead.objects.values_list("ledger", "hash"))
    return {
        ledger.code: _counted(ledger.code, ends.get(ledger.code, ""), scope, whose(user))
        for ledger, scope in ledgers_for(user)
    }


@lru_cache(maxsize=2000)
def _counted(code: str, chain_end: str, scope: Scope, whose: tuple[int, ...]) -> Counted:
    """`chain_end`, the hash of the ledger's last change, makes an older count unknown. Work under way is found by the index
    of review; of all rows no more are counted than is said."""
    rows = rows_in(runtime.ledger(code), scope)
    mine = rows.filter(review__in=(Review.DRAFT, Review.RETURNED), created_by__in=whose).count()
    waiting = rows.filter(review=Review.SUBMITTED).exclude(created_by__in=whose).count() if scope.approve else 0
    return Counted(capped_count(rows), mine, waiting)


def capped_count(rows: QuerySet[Any]) -> int:
    """How many rows, COUNT_CAP + 1 at most."""
    return rows.order_by().values("pk")[: COUNT_CAP + 1].count()


def references_to(code: str) -> Iterator[tuple[Ledger, FieldType]]:
    """(ledger, field) of every link field that points to rows of this ledger, itself included."""
    for ledger in runtime.ledgers().values():
        for kind in ledger.stored.values():
            if target_ledger(kind) == code:
                yield ledger, kind


def target_ledger(kind: FieldType) -> str:
    """The ledger that a link field points into; "" for places, offices and other fields."""
    if isinstance(kind, RowLink):
        return kind.ledger
    if isinstance(kind, PersonLink):
        return ledger_of_model("people.Person")
    if isinstance(kind, HouseholdLink):
        return ledger_of_model("people.Household")
    return ""


def ledger_of_model(model: str) -> str:
    return next((one.code for one in runtime.ledgers().values() if one.spec.model == model), "")


def sees_target(user: User, code: str, row: Any) -> bool:
    """Whether a row that another one points to has a page for the user."""
    return code in runtime.ledgers() and scope_in(user, runtime.ledger(code)).sees(row)
