"""All figures of a line of work, or those that a word finds, each beside last year's."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from zhenwu.accounts.models import User
from zhenwu.indicators.asking import Asked
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.links import figure_part
from zhenwu.indicators.queries import Compared, indicator_codes, spec_of, value
from zhenwu.indicators.registry import registry
from zhenwu.indicators.seeing import day_for, sees_small, text_for, visible_codes
from zhenwu.indicators.showing import last_year_for
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS, Indicator


@dataclass(frozen=True)
class Line:
    """One figure. `compared` None: nothing may be said of last year."""

    spec: Indicator
    figure: Figure
    part: dict[str, str]  # as `_figure.html` takes it
    is_hidden: bool
    compared: Compared | None


@dataclass
class OfLedger:
    label: str
    line: str
    figures: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """`line` "" and `q` "": all."""

    as_of: date
    line: str = ""
    q: str = ""

    def has(self, code: str) -> bool:
        spec, ledger = spec_of(code), runtime.ledger(registry().ledger(code))
        words = (spec.label, spec.definition, ledger.label, LINE_LABELS[ledger.spec.line], code)
        return (not self.line or ledger.spec.line == self.line) and (not self.q or any(self.q in one for one in words))


def lines_known(user: User) -> list[tuple[str, str]]:
    """(line, label) of those in which the user may see a figure."""
    known = {runtime.ledger(registry().ledger(code)).spec.line for code in visible_codes(user, indicator_codes())}
    return [(one, label) for one, label in LINE_LABELS.items() if one in known]


def listed(user: User, wanted: Wanted) -> list[OfLedger]:
    """By line of work, then by ledger, in the packs' order."""
    found: dict[str, OfLedger] = {}
    for code in visible_codes(user, [code for code in indicator_codes() if wanted.has(code)]):
        ledger = runtime.ledger(registry().ledger(code))
        group = found.setdefault(ledger.code, OfLedger(ledger.label, ledger.spec.line))
        group.figures.append(_line(user, code, wanted.as_of))
    order = list(LINE_LABELS)
    return sorted(found.values(), key=lambda one: order.index(one.line))


def by_line(groups: Sequence[OfLedger]) -> list[tuple[str, list[OfLedger]]]:
    said: dict[str, list[OfLedger]] = {}
    for one in groups:
        said.setdefault(LINE_LABELS[one.line], []).append(one)
    return list(said.items())


def _line(user: User, code: str, as_of: date) -> Line:
    day = day_for(user, code, as_of)
    asked = Asked(day, day.year)
    if not sees_small(user, code):
        asked = replace(asked, is_settled=True)
    found = value(code, as_of=day)
    text = text_for(user, found)
    said = last_year_for(user, code, asked, found)
    return Line(spec_of(code), found, figure_part(found, text=text), text != found.text, said)
