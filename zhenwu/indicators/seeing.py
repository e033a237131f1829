"""Who may see a figure, and what of it: small cells of protected indicators, rows outside the reader's scope."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.indicators.cells import hidden_cells, is_few
from zhenwu.indicators.figures import Figure, Trace
from zhenwu.indicators.periods import Kind, parts_of
from zhenwu.indicators.queries import spec_of
from zhenwu.indicators.registry import registry
from zhenwu.indicators.tracing import Seen, Sight, trace
from zhenwu.ledgers.days import working_day
from zhenwu.ledgers.queries import rows_in, scope_in
from zhenwu.packs import runtime

SMALL_CELL = "privacy.small_cell"  # the parameter: fewer rows than this could be persons one knows
_SMALL_CELL = 10  # where packs older than the parameter are applied
HIDDEN_TEXT = "不显示"


def small_cell() -> int:
    """From how many rows on a protected figure is shown, as the parameter says today."""
    return _small_cell(runtime.pack_hash(), timezone.localdate())


@lru_cache(maxsize=8)
def _small_cell(_packs: str, today: date) -> int:
    return int(runtime.param(SMALL_CELL, on=today) or _SMALL_CELL)


def small_text() -> str:
    return f"少于{small_cell()}"


def may_see(user: User, code: str) -> bool:
    """A figure is open to who works in the line, and to the whole township where it says nothing about single persons."""
    rights = rights_of(user)
    if not rights.works:
        return False
    spec = spec_of(code)
    ledger = runtime.ledger(registry().ledger(spec.code))
    privacy = "S0" if spec.privacy == "S3" else spec.privacy  # S3 figures are open because small cells are not
    return rights.scope_in(replace(ledger.realm, privacy=privacy)).read


def sees_small(user: User, code: str) -> bool:
    """Whether small cells are shown to this user as well: of personal figures only to who works with them for the whole
    township. A village that counts three is not the next village's to know."""
    scope = _scope(user, code)
    return spec_of(code).privacy in ("S0", "S1") or (scope.read and scope.places is None)


def sees_rows(user: User, code: str) -> bool:
    """Whether single rows may be shown at all: that a row counts says what the figure is about (that a person is ill)."""
    return spec_of(code).privacy != "S3" or _scope(user, code).read


def _scope(user: User, code: str) -> Scope:
    spec = spec_of(code)
    ledger = runtime.ledger(registry().ledger(spec.code))
    return rights_of(user).scope_in(replace(ledger.realm, privacy=spec.privacy))


def is_small(figure: Figure) -> bool:
    return is_few(_people(figure), small_cell())


def _people(figure: Figure) -> int:
    return figure.fewest or figure.row_count


def texts(figures: Mapping[Any, Figure], *, all_shown: bool) -> dict[Any, str]:
    """The text of each cell of a table. What few persons stand behind is hidden, and with it so much that the sum does not
    give it away."""
    few, beside = (
        (set(), set()) if all_shown else hidden_cells({key: _people(one) for key, one in figures.items()}, small_cell())
    )
    return {
        key: small_text() if key in few else HIDDEN_TEXT if key in beside else figure.text
        for key, figure in figures.items()
    }


def text_for(user: User, figure: Figure) -> str:
    """The text of a figure that stands alone."""
    return small_text() if is_small(figure) and not sees_small(user, figure.code) else figure.text


def settled_day(as_of: date, today: date) -> date:
    """The day that a protected figure is shown of to who may not know its small cells: the end of the year, in the running year
    that of the last quarter. Two days of one's own choice would tell who came between them."""
    if as_of.year < today.year:
        return date(as_of.year, 12, 31)
    ends = [date(today.year - 1, 12, 31), *(one.last for one in parts_of(today.year, Kind.QUARTER))]
    return max(end for end in ends if end <= today)


def day_for(user: User, code: str, as_of: date) -> date:
    return as_of if sees_small(user, code) else settled_day(as_of, working_day())


def rows_behind(user: User, code: str, **asked: Any) -> Trace:
    """The trace with the rows this user may see; `hidden` counts the others. Each row is judged by its own ledger."""
    return trace(code, sight=_sight(user, code), **asked)


def _sight(user: User, code: str) -> Sight:
    if not sees_rows(user, code):
        return {}
    indicator = registry().prepared(code.partition(".")[0])
    found = {}
    for name in indicator.prepared.ledgers | {indicator.ledger}:
        ledger = runtime.ledger(name)
        scope = scope_in(user, ledger)
        if scope.read:
            found[name] = _seen(ledger, scope)
    return found


def _seen(ledger: runtime.Ledger, scope: Scope) -> Seen:
    if scope.places is None:
        return Seen(None)
    rows: frozenset[str] = frozenset()
    if scope.units:  # some rows belong to an office and not to a place alone
        own = rows_in(ledger, scope, voided=True).filter(**{f"{scope.unit_column}__in": scope.units})
        rows = frozenset(pk.hex for pk in own.values_list("pk", flat=True))
    return Seen(frozenset(place.hex for place in scope.places), rows)


def visible_codes(user: User, codes: Iterable[str]) -> list[str]:
    return [code for code in codes if may_see(user, code)]
