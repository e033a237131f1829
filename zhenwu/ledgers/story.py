"""The history of rows in words: who changed what, when and why, field by field. Personal values are never opened."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps

from zhenwu.accounts.scope import Scope
from zhenwu.changes.models import Change, History, Review
from zhenwu.changes.scoped import all_of
from zhenwu.divisions.models import Division
from zhenwu.ledgers.marks import Mark, marks_in
from zhenwu.ledgers.queries import shown_line_values, shown_values
from zhenwu.ledgers.snapshot import for_formulas, said_in, said_today
from zhenwu.packs.past import Past, labels_of_retired
from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import Computed, FieldType

_ACTS = {
    "add": "登记", "edit": "修改", "submit": "报送", "approve": "审核通过", "return": "退回", "void": "作废", "undo": "恢复",
    "convert": "改换类型或单位", "move": "分入",
    "erase": "清除个人信息（保管期满）",
}  # fmt: skip
_CLOSED = "（已登记，不显示内容）"


@dataclass(frozen=True)
class Difference:
    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Entry:
    """One version of one row and what it changed against the version before."""

    row: uuid.UUID
    version: int
    act: str
    change: Change
    differences: list[Difference]
    marks: list[Mark] = field(default_factory=list)  # that a return left


def entries(ledger: Ledger, scope: Scope, versions: Sequence[History], before: Sequence[History] = ()) -> list[Entry]:
    """One Entry a version. `before` holds further older versions of the same rows, to compare with."""
    past = Past()
    told = {(one.row, one.version): _Told(ledger, one, past) for one in (*before, *versions)}
    names = _names(ledger, told.values())
    nothing = _Told(ledger)
    returns = [one.change_id for one in versions if one.act == "return"]
    marks = marks_in(ledger, scope, returns) if returns else {}
    found = []
    for one in versions:
        now, was = told[one.row, one.version], told.get((one.row, one.version - 1), nothing)
        found.append(
            Entry(one.row, one.version, _act(ledger, one.act, was.said, now.said), one.change,
                  list(_differences(ledger, scope, was, now, names)), marks.get((one.change_id, one.row), []))
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Line:
    """One field in two versions. `is_retired`: no field of today; shown as it was recorded."""

    label: str
    a: str
    b: str
    differs: bool
    is_retired: bool = False


def compared(ledger: Ledger, scope: Scope, a: History, b: History) -> list[Line]:
    """Every field of two versions of a row side by side, in the order of the form; what neither says is left out."""
    past = Past()
    told = [_Told(ledger, a, past), _Told(ledger, b, past)]
    names, (one, two) = _names(ledger, told), (told[0].said, told[1].said)
    places = [names.get(said.get("division") or "", "") for said in (one, two)]
    found = [Line(ledger.spec.place_label, places[0], places[1], one.get("division") != two.get("division"))]
    fields, tables = shown_values(ledger, scope), shown_line_values(ledger, scope)
    for code, kind in ledger.types.items():
        if code in fields:
            texts = [version.shown(kind, names) for version in told]
        elif code in tables:
            texts = [version.lines_shown(code, tables[code], names) for version in told]
        else:
            continue
        differs = texts[0] != texts[1] if isinstance(kind, Computed) else one.get(code) != two.get(code)
        found.append(Line(kind.label, texts[0], texts[1], differs))

    def attached(files: Any) -> str:
        return _attached(ledger, scope, files)

    for label, code, words in (
        ("审核", "review", _review), ("状态", "state", ledger.state_label), ("备注", "note", str), ("附件", "files", attached),
        ("作废", "void", _yes),
    ):  # fmt: skip
        texts = [words(said[code]) if said.get(code) else "" for said in (one, two)]
        found.append(Line(label, texts[0], texts[1], (one.get(code) or None) != (two.get(code) or None)))
    found += _retired(ledger, one, two)
    return [line for line in found if line.a or line.b]


def _retired(ledger: Ledger, one: dict[str, Any], two: dict[str, Any]) -> Iterable[Line]:
    """Values of fields that the pack of today does not have any more; personal ones stay closed with their field."""
    known = {*ledger.types, "division", "no", "note", "files", "review", "state", "void"}
    gone = sorted({*one, *two} - known)
    labels = labels_of_retired(ledger.code, gone) if gone else {}
    for code in gone:
        label, is_open = labels.get(code, (code, False))
        texts = ["" if said.get(code) is None else str(said[code]) if is_open else _CLOSED for said in (one, two)]
        yield Line(label, texts[0], texts[1], one.get(code) != two.get(code), is_retired=True)


def _yes(value: Any) -> str:
    return "是" if value else ""


def _act(ledger: Ledger, act: str, was: dict[str, Any], now: dict[str, Any]) -> str:
    """The act in words. A step of the lifecycle may have the code of an act of review; it moves the state."""
    steps = {step.code: step.label for step in ledger.lifecycle.transition} if ledger.lifecycle else {}
    moved = was.get("state") != now.get("state")
    return (steps.get(act) if moved or act not in _ACTS else None) or _ACTS.get(act) or steps.get(act) or act


class _Told:
    """What one version says, under the codes of today, and the types it was said in: those of its day."""

    def __init__(self, ledger: Ledger, version: History | None = None, past: Past | None = None) -> None:
        self.said: dict[str, Any] = {}
        self.kinds = ledger.stored
        self._ledger, self._version, self._past = ledger, version, past
        if version is not None and past is not None:
            self.said = said_in(version, past)
            converted = past.conversions(version.change_id, ledger.code)
            if converted:
                self.kinds = ledger.stored | {code: since[0].was for code, since in converted.items()}

        self.links = [kind for kind in self.kinds.values() if kind.is_link]

    @cached_property
    def _today(self) -> dict[str, Any]:
        """The values as formulas of today take them."""
        if self._version is None or self._past is None:
            return {}
        return for_formulas(self._ledger, said_today(self._ledger, self._version, self._past))

    def shown(self, kind: FieldType, names: dict[str, str]) -> str:
        if isinstance(kind, Computed):
            return kind.show(kind.value(self._today)) if self.said else ""
        then, value = self.kinds.get(kind.code, kind), self.said.get(kind.code)
        if value is None:
            return ""
        if kind.is_sealed or then.is_sealed:
            return _CLOSED
        return _shown(then, value, names) + (then.unit if then.unit != kind.unit else "")

    def lines_shown(self, code: str, columns: dict[str, FieldType], names: dict[str, str]) -> str:
        """Each line of a child table in one line of text: 1. 措施 清淤；期限 2020-07-01."""
        shown = []
        for at, line in enumerate(self.said.get(code) or ()):
            cells = [
                (kind.label, kind.show(kind.value(self._today[code][at])) if isinstance(kind, Computed)
                 else _shown(kind, line.get(name), names))
                for name, kind in columns.items()
            ]  # fmt: skip
            shown.append(f"{at + 1}. " + "；".join(f"{label} {text}" for label, text in cells if text))
        return "\n".join(shown)


def _differences(
    ledger: Ledger, scope: Scope, before: _Told, after: _Told, names: dict[str, str]
) -> Iterable[Difference]:
    was, now = before.said, after.said
    for code, kind in shown_values(ledger, scope).items():
        if isinstance(kind, Computed) or was.get(code) != now.get(code):
            old, new = before.shown(kind, names), after.shown(kind, names)
            if old != new or (
                before.kinds is after.kinds and kind.stored
            ):  # 3 is still 3 when a number has become a text
                yield Difference(kind.label, old, new)
    for code, columns in shown_line_values(ledger, scope).items():
        if was.get(code) != now.get(code):
            said = [one.lines_shown(code, columns, names) for one in (before, after)]
            yield Difference(ledger.types[code].label, *said)
    if was.get("division") != now.get("division"):
        old, new = names.get(was.get("division") or "", ""), names.get(now.get("division") or "", "")
        yield Difference(ledger.spec.place_label, old, new)
    if was and was.get("review") != now.get("review"):
        yield Difference("审核", _review(was.get("review")), _review(now.get("review")))
    if was and was.get("state") != now.get("state"):
        yield Difference("状态", ledger.state_label(was.get("state") or ""), ledger.state_label(now.get("state") or ""))
    if was.get("note") != now.get("note"):
        yield Difference("备注", was.get("note") or "", now.get("note") or "")
    if was.get("files") != now.get("files"):
        yield Difference("附件", *(_attached(ledger, scope, one.get("files")) for one in (was, now)))


def _attached(ledger: Ledger, scope: Scope, files: Any) -> str:
    """The names of a row's attachments; to who may not see these, only that there are some."""
    kind = ledger.attachments
    return kind.show(files) if scope.shows(kind.spec.privacy) else _CLOSED if files else ""


def _shown(kind: FieldType, value: Any, names: dict[str, str]) -> str:
    if value is None:
        return ""
    if kind.is_sealed:
        return _CLOSED
    if kind.is_link:
        ids = value if isinstance(value, list) else [value]
        return "、".join(names.get(f"{_model_of(kind)}:{one}", names.get(str(one), "已不存在的记录")) for one in ids)
    try:
        return kind.show(kind.from_canonical(value))
    except (ValueError, TypeError, ArithmeticError, KeyError):
        return str(value)  # recorded under an older pack, in a shape that the type of today does not read


def _names(ledger: Ledger, versions: Iterable[_Told]) -> dict[str, str]:
    """Names of everything the versions point to, one query a kind of target."""
    wanted: dict[tuple[str, str], set[Any]] = defaultdict(set)
    places: set[str] = set()
    tables = {code: [kind for kind in table.stored.values() if kind.is_link] for code, table in ledger.children.items()}
    for one in versions:
        places.add(one.said.get("division") or "")
        linked = [(kind, one.said.get(kind.code)) for kind in one.links]
        linked += [
            (kind, line.get(kind.code))
            for code, some in tables.items()
            for line in one.said.get(code) or ()
            for kind in some
        ]
        for kind, value in linked:
            for target in value if isinstance(value, list) else [value]:
                if target is not None:
                    wanted[_model_of(kind), kind.label_path].add(target)  # type: ignore[attr-defined]
    names = {pk.hex: name for pk, name in Division.objects.filter(pk__in=places - {""}).values_list("pk", "name")}
    for (model, path), ids in wanted.items():
        for pk, name in all_of(apps.get_model(model), "labels").filter(pk__in=ids).values_list("pk", path):
            names[f"{model}:{pk.hex if isinstance(pk, uuid.UUID) else pk}"] = str(name or "")
    return names


def _model_of(kind: FieldType) -> str:
    return kind.target or f"rows.{kind.spec.type.removeprefix('ref:')}"  # type: ignore[attr-defined]


def _review(value: str | None) -> str:
    return str(Review(value).label) if value in Review.values else ""
