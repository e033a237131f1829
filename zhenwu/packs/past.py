"""History keeps the field codes and types of its day; this says which code each of them has now, and how a value of then
becomes one of today."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.utils import timezone

from zhenwu.packs.children import child_code, is_child, split_child
from zhenwu.packs.conversion import Conversion, Day
from zhenwu.packs.models import Applied
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldProblem

Steps = Sequence[dict[str, Any]]  # of one application, as its plan keeps them


class Past:
    """All applications of packs, read once. `change` is the number of the change that wrote a version.

    `pending` are the steps of an application that is being carried out: today is then the day after it.
    """

    def __init__(self, pending: Steps = ()) -> None:
        self._pending = pending

    @cached_property
    def _applied(self) -> tuple[list[int], list[Steps]]:
        """The newest change before each application, and what it renamed and converted; oldest first."""
        before: list[int] = []
        steps: list[Steps] = []
        for last, plan in Applied.objects.order_by("pk").values_list("last_change", "plan"):
            if told := _telling(plan):
                before.append(last)
                steps.append(told)
        return before, [*steps, _telling(self._pending)]

    @cached_property
    def _known(self) -> dict[tuple[int, str], tuple[dict[str, str], dict[str, list[Conversion]]]]:
        return {}

    def _since(self, change: int, ledger: str) -> tuple[dict[str, str], dict[str, list[Conversion]]]:
        before, steps = self._applied
        era = bisect_left(before, change)  # what was applied after change 7 concerns the changes up to 7
        if (era, ledger) not in self._known:
            later = steps[era:]
            self._known[era, ledger] = _followed(zip(_called(ledger, later), later, strict=True))
        return self._known[era, ledger]

    def codes(self, change: int, ledger: str) -> dict[str, str]:
        """{code then: code now} of the fields that were renamed since."""
        return self._since(change, ledger)[0]

    def conversions(self, change: int, ledger: str) -> dict[str, list[Conversion]]:
        """{code now: its conversions since, oldest first} of the fields that changed their type or unit."""
        return self._since(change, ledger)[1]

    def now(self, said: dict[str, Any], change: int, ledger: str) -> dict[str, Any]:
        """The values of a version, or its ciphertexts, under the codes of today; those of child tables too. The values
        are still those of their day."""
        renamed = self._since(change, ledger)[0]
        if renamed:
            said = {_first_renamed(code, renamed): value for code, value in said.items()}
        found = {}
        for code, value in said.items():
            field, _, rest = code.partition(".")
            within = self._since(change, child_code(ledger, field))[0] if rest or _is_lines(value) else {}
            if within and rest:  # "field.line.column" of a ciphertext
                line, _, column = rest.partition(".")
                code = f"{field}.{line}.{within.get(column, column)}"
            elif within:
                value = [{within.get(column, column): one for column, one in line.items()} for line in value]
            found[code] = value
        return found


def carried_over(conversions: Sequence[Conversion], value: Any) -> Any:
    """A value of then as it would be today. Raises FieldProblem, which does not repeat the value: who restores a row need
    not be one who sees all of its fields."""
    today = timezone.localdate()
    try:
        for one in conversions:
            value = one.value(value, Day(today, today))
    except FieldProblem:
        raise conversions[-1].now.problem("在那一版里的值，是改换类型或单位之前填的，现在放不下。") from None
    return value


def _telling(plan: Steps) -> Steps:
    return [step for step in plan if step["kind"] in ("rename", "convert")]


def _moved(steps: Steps, ledger: str) -> dict[str, str]:
    """{old code: new code} in one application."""
    own = (step for step in steps if step["ledger"] == ledger)
    return {step["old"]: step["field"] for step in own if step["old"] != step["field"]}


def _called(ledger: str, later: Sequence[Steps]) -> list[str]:
    """What the ledger was called after each application: a child table is renamed with its field."""
    if not is_child(ledger):
        return [ledger] * len(later)
    parent, field = split_child(ledger)
    names: list[str] = []
    for steps in reversed(later):
        names.append(child_code(parent, field))
        field = next((old for old, new in _moved(steps, parent).items() if new == field), field)
    return names[::-1]


def _followed(later: Any) -> tuple[dict[str, str], dict[str, list[Conversion]]]:
    """(codes, conversions) over some applications, each with what the ledger was called after it."""
    codes: dict[str, str] = {}
    conversions: dict[str, list[Conversion]] = {}
    for ledger, steps in later:
        moved = _moved(steps, ledger)
        codes = {old: moved.get(new, new) for old, new in codes.items()} | {
            old: new for old, new in moved.items() if old not in codes.values() and old not in codes
        }
        conversions = {moved.get(code, code): said for code, said in conversions.items()}
        for step in steps:
            if step["kind"] == "convert" and step["ledger"] == ledger:
                was, now = FieldSpec.model_validate(step["was"]), FieldSpec.model_validate(step["now"])
                conversions.setdefault(step["field"], []).append(Conversion(was, now))
    return {old: new for old, new in codes.items() if old != new}, conversions


def _first_renamed(code: str, renamed: dict[str, str]) -> str:
    field, dot, rest = code.partition(".")
    return f"{renamed.get(field, field)}{dot}{rest}"


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "id" in value[0]


def labels_of_retired(ledger: str, codes: list[str]) -> dict[str, tuple[str, bool]]:
    """{code: (label, whether its values may be shown to whoever sees the row)} of fields that some older pack had."""
    found: dict[str, tuple[str, bool]] = {}
    for dump in Applied.objects.order_by("-pk").values_list("dump", flat=True).iterator(chunk_size=5):
        for pack in dump["packs"]:
            if pack["ledger"]["code"] != ledger:
                continue
            for one in pack["field"]:
                if one["code"] in codes and one["code"] not in found:
                    found[one["code"]] = (one["label"], one.get("privacy", "S0") in ("S0", "S1"))
        if len(found) == len(codes):
            break
    return found
