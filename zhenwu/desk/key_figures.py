"""The figures of the year that a leader looks at first: what the plan promised, then the first of each ledger."""

from datetime import date

from zhenwu.accounts.models import User
from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.links import figure_part
from zhenwu.indicators.queries import spec_of, value
from zhenwu.indicators.seeing import day_for, may_see, text_for
from zhenwu.packs import runtime
from zhenwu.plans.models import AnnualPlan, Target

COUNT = 12


def key_figures(user: User, plan: AnnualPlan | None, on: date) -> list[dict[str, str]]:
    """As `_figure.html` takes them, at most COUNT."""
    found: list[dict[str, str]] = []
    for code in _codes(plan):
        if len(found) == COUNT:
            break
        if not _exists(code) or not may_see(user, code):
            continue
        figure = value(code, as_of=day_for(user, code, on))
        if figure.value is None or not figure.row_count:
            continue
        found.append(figure_part(figure, text=text_for(user, figure)))
    return found


def _codes(plan: AnnualPlan | None) -> list[str]:
    promised: list[str] = []
    if plan is not None:
        promised = list(
            Target.objects.filter(task__plan=plan)
            .exclude(indicator="")
            .order_by("task__order")
            .values_list("indicator", flat=True)
        )
    firsts = [one.code for ledger in runtime.ledgers().values() for one in ledger.pack.indicator[:1]]
    return list(dict.fromkeys([*promised, *firsts]))


def _exists(code: str) -> bool:
    try:
        spec_of(code)
    except UnknownIndicator:
        return False
    return True
