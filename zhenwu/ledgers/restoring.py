"""Whether an older version of a row may stand again under the rules of today."""

from typing import Any

from zhenwu.changes.models import History
from zhenwu.ledgers.errors import RowProblem
from zhenwu.ledgers.rules import RowRules
from zhenwu.ledgers.snapshot import said_in, value_then
from zhenwu.packs.past import Past, carried_over
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import SEALED, FieldProblem


def problems_in_version(ledger: Ledger, old: History) -> list[RowProblem]:
    """What today's field rules and lifecycle have against a version that history holds; [] when it may be restored."""
    past = Past()
    said, conversions = said_in(old, past), past.conversions(old.change_id, ledger.code)
    state, found = said.get("state") or "", []
    if state and state not in ledger.states:
        found.append(RowProblem(0, "", f"第{old.version}版的状态“{state}”已不在现在的流程里，不能恢复。"))
    values: dict[str, Any] = {}
    for code, kind in ledger.stored.items():
        value = said.get(code)
        then = conversions[code][0].was if code in conversions else kind
        if value is None or (then.is_sealed and kind.is_sealed):
            values[code] = None if value is None else SEALED
            continue
        try:
            values[code] = carried_over(conversions.get(code, ()), value_then(then, code, old, said, past))
        except FieldProblem as problem:
            found.append(RowProblem(0, code, str(problem)))
        except (ValueError, TypeError, ArithmeticError):
            found.append(RowProblem(0, code, f"“{kind.label}”在第{old.version}版的值，现在的类型读不了。"))
    if found:
        return found
    rules = RowRules(ledger).problems(values, review=said.get("review") or "", state=state, place=said.get("division"))
    # lines of child tables are restored as they were: their columns change with their own rules
    return [RowProblem(0, code, message) for code, message in rules if code.partition(".")[0] not in ledger.children]
