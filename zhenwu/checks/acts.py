"""Acts on findings as pages offer them: who may, what is asked, what is done. One table for one finding and for many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhenwu.accounts.models import ADMINS, Unit, User
from zhenwu.checks import accepting, access, actions, extending
from zhenwu.checks.access import NOBODY, Right, stands_for
from zhenwu.checks.errors import FindingsRefused
from zhenwu.checks.models import Assigned, Finding


@dataclass
class Typed:
    """What the form of an act brought: words, and files that are stored already."""

    said: Mapping[str, str]
    on: date
    files: Sequence[dict[str, Any]] = ()
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.said.get(name, "").strip()

    def day(self, name: str, label: str) -> date | None:
        said = self.text(name)
        try:
            return date.fromisoformat(said) if said else None
        except ValueError:
            self.problems.append(f"{label}填的是“{said[:20]}”：请按“2020-12-31”的样子填写。")
            return None

    def needed_day(self, name: str, label: str) -> date:
        day = self.day(name, label)
        if day is None:
            raise FindingsRefused(self.problems or [f"请填写{label}。"])
        return day


Do = Callable[[list[Finding], Typed, User, Any], Any]


@dataclass(frozen=True)
class Act:
    code: str
    label: str
    done: str  # what is said afterwards, with {n}
    right: Right
    do: Do
    fields: tuple[dict[str, Any], ...] = ()
    help: str = ""
    danger: bool = False
    files: bool = False


def _area(name: str, label: str, *, required: bool = True, rows: int = 2, help: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "widget": "textarea",
        "required": required,
        "rows": rows,
        "wide": True,
        "help": help,
    }


def _day(name: str, label: str, *, required: bool = True, help: str = "") -> dict[str, Any]:
    return {"name": name, "label": label, "widget": "date", "required": required, "help": help}


_FILES = {"name": "files", "label": "佐证", "widget": "file", "multiple": True, "accept": ".jpg,.jpeg,.png,.pdf,.docx,.xlsx",
          "help": "照片、文件均可，有就传，没有不必补。", "wide": True}  # fmt: skip


def _explain(chosen: list[Finding], typed: Typed, by: User, other: Any) -> None:
    actions.explain(
        chosen, by=by, explanation=typed.text("explanation"), measures=typed.text("measures"), files=typed.files, stands_for=other
    )  # fmt: skip


def _assign(chosen: list[Finding], typed: Typed, by: User, other: Any) -> None:
    due = typed.day("due_on", "整改期限")
    unit, person = typed.text("unit"), typed.text("assignee")
    if unit and not Unit.objects.filter(label=unit).exists():
        typed.problems.append("所选的站所不存在，请重新选择。")
    assignee = workers().filter(pk=person).first() if person.isdigit() else None
    if person and assignee is None:
        typed.problems.append("所选的责任人现在没有岗位，请重新选择。")
    if typed.problems:
        raise FindingsRefused(typed.problems)
    actions.assign(
        chosen, by=by, unit=unit, assigned=typed.text("assigned"), assignee=assignee, due_on=due, note=typed.text("note"),
        on=typed.on, stands_for=other,
    )  # fmt: skip


def _accept(chosen: list[Finding], typed: Typed, by: User, other: Any) -> None:
    until = typed.needed_day("until", "有效期")
    accepting.accept(chosen, by=by, reason=typed.text("reason"), until=until, on=typed.on, stands_for=other)


def _extend(chosen: list[Finding], typed: Typed, by: User, other: Any) -> None:
    until = typed.needed_day("until", "延期日期")
    extending.ask_extension(chosen, by=by, until=until, reason=typed.text("reason"), on=typed.on, stands_for=other)


def _look(chosen: list[Finding], typed: Typed, by: User, other: Any) -> None:
    held = typed.text("held")
    if held not in ("yes", "no"):
        raise FindingsRefused(["请选择回头看的结论。"])
    actions.look_back(chosen, by=by, held=held == "yes", note=typed.text("note"), on=typed.on, stands_for=other)


ACTS: dict[str, Act] = {one.code: one for one in (
    Act("explain", "作出说明", "已记下说明，等待另一人核实。", access.explains, _explain,
        (_area("explanation", "情况说明", rows=3), _area("measures", "整改措施", required=False), _FILES),
        "数据错了就去改台账，改好后会自动再核对。数据没错的，在这里写明情况，由另一人核实后销号。差错不能以说明代替整改。", files=True),
    Act("note", "补充情况", "已记下。", access.notes,
        lambda chosen, typed, by, other: actions.add_note(chosen, by=by, text=typed.text("text"), files=typed.files, stands_for=other),
        (_area("text", "备注", required=False), _FILES), files=True),
    Act("extend", "申请延期", "已提出延期申请，等待另一人审批。", access.explains, _extend,
        (_day("until", "延至"), _area("reason", "原因")), "期限到之前提出，由另一人审批。"),
    Act("assign", "交办", "已交办。", access.assigns, _assign, (
        {"name": "unit", "label": "责任站所", "widget": "select"},
        {"name": "assigned", "label": "整改方", "widget": "select", "required": True},
        {"name": "assignee", "label": "责任人", "widget": "select"}, _day("due_on", "整改期限", required=False, help="不填就不变。"),
        _area("note", "交办意见", required=False))),
    Act("close", "确认销号", "已确认销号。", access.closes,
        lambda chosen, typed, by, other: actions.confirm_closed(chosen, by=by, note=typed.text("note"), on=typed.on, stands_for=other),
        (_area("note", "核实情况", required=False, help="如：已到现场核实。"),), "整改人与核实人不能是同一人。"),
    Act("reopen", "退回整改", "已退回整改。", access.reopens,
        lambda chosen, typed, by, other: actions.reopen(chosen, by=by, reason=typed.text("reason"), stands_for=other),
        (_area("reason", "退回原因"),), danger=True),
    Act("accept", "认定误报", "已认定误报。数据有变动或到期后会重新列入。", access.accepts, _accept,
        (_day("until", "有效期至"), _area("reason", "认定理由")),
        "核对规则在这里不适用时用。涉及的数据一有变动，或到了有效期，就重新列入待整改。"),
    Act("look", "回头看", "已记下回头看的情况。", access.looks_back, _look, (
        {"name": "held", "label": "结论", "widget": "select", "required": True},
        _area("note", "查看情况"))),
)}  # fmt: skip


def workers() -> Any:
    """Who may be made responsible: users with a post of work."""
    return User.objects.filter(is_active=True, approved=True, appointments__isnull=False).exclude(
        appointments__role__in=ADMINS
    ).distinct()  # fmt: skip


def offered(user: User, finding: Finding, on: date) -> list[Act]:
    """The acts that this person may do now on one finding, in the order of the table."""
    return [
        one
        for one in ACTS.values()
        if _is_open(one, finding, on) and stands_for(user, finding, one.right) is not NOBODY
    ]


def _is_open(act: Act, finding: Finding, on: date) -> bool:
    if act.code == "extend":
        return finding.due_on >= on and not any(one.state == "asked" for one in finding.extensions.all())
    return act.code != "look" or (finding.look_on is not None and finding.look_on <= on)


def form_of(act: Act, typed: Mapping[str, str], finding: Finding | None = None) -> list[dict[str, Any]]:
    """The act's fields with what was typed, else with what the finding says already."""
    known: dict[str, Any] = {}
    if finding is not None:
        known = {"explanation": finding.explanation, "measures": finding.measures, "unit": finding.unit,
                 "assigned": finding.assigned, "assignee": str(finding.assignee_id or "")}  # fmt: skip
    fields = []
    for one in act.fields:
        name = one["name"]
        more: dict[str, Any] = {"value": typed.get(name, known.get(name, "")), "errors": []}
        if one["widget"] == "select":
            more["choices"] = _choices(name)
        fields.append(one | more)
    return fields


def _choices(name: str) -> list[tuple[str, str]]:
    match name:
        case "unit":
            return [(one.label, one.label) for one in Unit.objects.all()]
        case "assigned":
            return [(value, str(label)) for value, label in Assigned.choices]
        case "assignee":
            return [(str(one.pk), str(one)) for one in workers()]
        case "held":
            return [("yes", "整改巩固"), ("no", "问题反弹")]
    return []


def do(act: Act, chosen: list[Finding], typed: Typed, by: User) -> None:
    """The act on all of them, in one name. Raises FindingsRefused."""
    others = {stands_for(by, one, act.right) for one in chosen}
    if NOBODY in others:
        raise FindingsRefused([f"{one.label}：{one.message} 不能由你{act.label}，或现在的状态不需要。"
                               for one in chosen if stands_for(by, one, act.right) is NOBODY])  # fmt: skip
    if len(others) > 1:
        raise FindingsRefused(["选中的问题要以不同人的名义办理，请分开办。"])
    act.do(chosen, typed, by, next(iter(others)))
