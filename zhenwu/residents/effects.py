"""The effect of an event on persons, households and their spells: one change with the step of the event itself."""

from typing import Any

from zhenwu.changes.models import Review
from zhenwu.ledgers.effects import Cause, Effect, EffectRefused
from zhenwu.ledgers.lines import lines_of
from zhenwu.residents.case import Case
from zhenwu.residents.kinds import KINDS
from zhenwu.residents.todos import todos_of

_OWN = {
    "marry_out": "婚嫁离户：承包地在新居住地取得承包地之前不收回，核对承包户成员",
    "prison": "服刑：核对特困、低保和各项补贴是否停发，家中有未成年人的作困境儿童排查",
    "adopt": "收养：核对收养登记证，确定监护人",
}  # what no ledger can say, because it is nobody's row yet


def effect_of(cause: Cause) -> Effect:
    """Raises EffectRefused with everything that stands against it."""
    event = cause.row
    if event.review not in (Review.APPROVED, Review.LOCKED):
        raise EffectRefused([("", f"{event.no}还没有审核通过，不能生效。")])
    if event.happen is None or event.kind not in KINDS:
        raise EffectRefused([("kind", "变动类型或发生日期没有填。")])
    if event.happen > cause.today:
        raise EffectRefused([("happen", f"发生日期{event.happen:%Y-%m-%d}还没有到，不能生效。")])
    case = Case(cause)
    KINDS[event.kind](case)
    if not case.book.problems:
        case.settle_heads()
    drafts = case.book.drafts()
    values: dict[str, Any] = {}
    if case.made:
        values["persons"] = [
            {"id": line.pk} | ({"person": case.made[line.pk]} if line.pk in case.made else {}) for line in case.lines
        ]
    if case.to_hh != event.to_hh_id:
        values["to_hh"] = case.to_hh
    values["todos"] = _todos(case) or None
    return Effect(values, drafts)


def _todos(case: Case) -> list[dict[str, Any]]:
    event, book = case.event, case.book
    touched = {one.household for one in book.spells if one.person in case.rels}
    households = touched | {pk for pk in (case.from_hh, case.to_hh) if pk}
    same = {pk for pk, one in book.households.items() if one.same_as_id in households}
    found = todos_of(event.kind, case.cause.ledger.types["kind"].show(event.kind), set(case.rels), households | same)
    if own := _OWN.get(event.kind):
        found.append({"id": None, "what": own, "ledger": "", "row_no": "", "done": False})
    for pk, one in book.households.items():
        if one.hkind not in (None, "hukou") and pk in touched and not book.members(pk):
            label = "承包户" if one.hkind == "contract" else "户"
            what = f"{label}{one.no}已没有成员：确定承继人，或办理注销"
            found.append({"id": None, "what": what, "ledger": "户台账", "row_no": one.no, "done": False})
    return found


def settled(cause: Cause) -> Effect:
    """An event is settled when everything on its list is done."""
    lines = lines_of(cause.ledger, cause.row, "todos")
    if open_ones := [line.what for line in lines if not line.done]:
        raise EffectRefused([("todos", f"还有{len(open_ones)}项没有办妥：{'；'.join(open_ones[:3])}。")])
    return Effect({"todo_done": True})
