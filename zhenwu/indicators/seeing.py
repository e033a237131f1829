"""Who may see a figure, and what of it: small cells of protected indicators, rows outside the reader's scope."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone

from zhenwu.accounts.models import User
from zhenwu.accounts.scope import Scope, rights_of
from zhenwu.indicators.figures import Figure, Trace
from zhenwu.indicators.queries import spec_of, trace
from zhenwu.indicators.registry import registry
from zhenwu.ledgers.queries import seen_among
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
    return 0 < (figure.fewest or figure.row_count) < small_cell()


def texts(figures: Mapping[Any, Figure], *, all_shown: bool) -> dict[Any, str]:
    """The text of each cell of a table. Where one cell alone would be hidden, the next smallest is hidden with it: the sum
    would give it away."""
    small = set() if all_shown else {key for key, figure in figures.items() if is_small(figure)}
    hidden = set(small)
    if len(small) == 1:
        rest = [key for key, figure in figures.items() if key not in small and figure.row_count]
        hidden |= set(sorted(rest, key=lambda key: figures[key].row_count)[:1])
    return {
        key: small_text() if key in small else HIDDEN_TEXT if key in hidden else figure.text
        for key, figure in figures.items()
    }


def rows_behind(user: User, code: str, **asked: Any) -> Trace:
    """The trace with the rows this user may see; `hidden` counts the others. Each row is judged by its own ledger."""
    whole = trace(code, limit=10**9, **asked)
    own = registry().ledger(code.partition(".")[0])
    if not sees_rows(user, code):
        return Trace(whole.figure, [], len(whole.rows), 0)

    seen = seen_among(user, {(row.ledger or own, row.row, row.place) for row in whole.rows})
    rows = [row for row in whole.rows if (row.ledger or own, row.row, row.place) in seen]
    return Trace(whole.figure, rows, len(whole.rows) - len(rows), 0)


def visible_codes(user: User, codes: Iterable[str]) -> list[str]:
    return [code for code in codes if may_see(user, code)]
