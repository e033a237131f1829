"""The page's form: what was posted back into a design, and a design as boxes with their problems."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from zhenwu.packs.designing.codes import field_code
from zhenwu.packs.designing.design import Design, Part
from zhenwu.packs.designing.privacy import LABELS as PRIVACY_LABELS
from zhenwu.packs.designing.problems import DesignProblem
from zhenwu.packs.designing.sample import SampleColumn
from zhenwu.packs.spec import Option
from zhenwu.packs.types import type_class

TYPES = {
    "text": "文字", "longtext": "长文字", "choice": "单选", "multichoice": "多选", "bool": "是或否", "date": "日期", "month": "年月",
    "datetime": "日期和钟点", "integer": "整数", "decimal": "小数", "money": "金额（元）", "percent": "百分比", "area_mu": "面积（亩）",
    "length_km": "长度（公里）", "idno": "身份证号", "phone": "电话", "bank_account": "银行账号", "uscc": "统一社会信用代码",
    "person": "人（对应人口台账）", "division": "地点（村、组）", "unit": "站所", "user": "工作人员", "geo": "经纬度", "files": "附件",
}  # fmt: skip
USES = {"field": "作为字段", "division": "记录所在的村", "note": "导入到备注", "skip": "不登记"}
_WITH_UNIT = ("integer", "decimal")
_OPTION_JOINT = "、"
_MOST_OPTIONS = 60
_LEDGER_TEXTS = ("label", "code", "prefix", "one_row", "unit", "source")


def read_form(design: Design, said: QueryDict, columns: dict[int, SampleColumn]) -> Design:
    """The design as the page says it now. Boxes that were not sent leave their value as it was."""
    made = design.model_copy(deep=True)
    for key in _LEDGER_TEXTS:
        if key in said:
            setattr(made, key, said.get(key, "").strip()[:200])
    if "line" in said:
        made.line = said.get("line", "")
    if (privacy := said.get("privacy", "")) in PRIVACY_LABELS:
        made.privacy = privacy
    known = {part.number: part for part in made.parts}
    order = [int(number) for number in said.getlist("order") if number.isdigit() and int(number) in known]
    made.parts = [known[number] for number in dict.fromkeys(order)] + [
        part for part in made.parts if part.number not in order
    ]
    for part in made.parts:
        if part.number in order:
            _read_part(part, said, columns.get(part.column) if part.column is not None else None)
    codes: set[str] = set()
    for part in made.fields:
        if not part.code and part.label:
            part.code = field_code(part.label, codes | {one.code for one in made.fields})
        codes.add(part.code)
    _read_references(made, said)
    return made


def _read_part(part: Part, said: QueryDict, column: SampleColumn | None) -> None:
    def box(key: str) -> str | None:
        return said.get(f"p{part.number}-{key}")

    if (use := box("use")) in USES:
        part.use = use  # type: ignore[assignment]
    for key in ("label", "code", "unit", "help"):
        if (text := box(key)) is not None:
            setattr(part, key, text.strip()[:200])
    if (kind := box("type")) and (kind in TYPES or kind == part.type):
        part.type = kind
    part.in_list, part.unique = box("list") == "1", box("unique") == "1"
    if not isinstance(part.required, str) or box("required") == "1":  # required from a state on stays as it is
        part.required = box("required") == "1" if not isinstance(part.required, str) else part.required
    if (privacy := box("privacy")) in PRIVACY_LABELS:
        part.privacy = str(privacy)
    _read_options(part, box("options"))
    _settle(part, column)


def _read_options(part: Part, text: str | None) -> None:
    if text is None or text == shown_options(part):
        return
    before = {option.value: option for option in part.options} | {option.shown: option for option in part.options}
    words = [word.strip()[:64] for word in re.split(r"[、，,；;\n]+", text) if word.strip()][:_MOST_OPTIONS]
    part.options = [before.get(word) or Option(value=word) for word in dict.fromkeys(words)]


def shown_options(part: Part) -> str:
    return _OPTION_JOINT.join(option.shown for option in part.options)


def _settle(part: Part, column: SampleColumn | None) -> None:
    """What follows from the type: options out of the sample, no options elsewhere, personal numbers kept close."""
    kind = type_class(part.type.split(":")[0])
    if kind is None:
        return
    if kind.has_options and not part.options and column is not None and column.distinct:
        words = [word for word in column.distinct if len(word) <= 64]
        if part.type == "multichoice":
            words = [one.strip() for word in words for one in re.split(r"[、，,；;]", word) if one.strip()]
        part.options = [Option(value=word) for word in list(dict.fromkeys(words))[:_MOST_OPTIONS]]
    elif not kind.has_options:
        part.options = []
    if part.type not in _WITH_UNIT:
        part.unit = ""
    if kind.always_private and part.privacy < "S2":
        part.privacy = "S2"


def _read_references(design: Design, said: QueryDict) -> None:
    """Key, title and main date name their fields by line, so that a code may be changed in the same form."""
    places = [part for part in design.parts if part.use == "division"]
    by_number = {part.number: part.code for part in design.fields} | {part.number: "division" for part in places}
    if "order" in said:
        design.key = [
            by_number[part.number]
            for part in design.parts
            if said.get(f"p{part.number}-key") == "1" and part.number in by_number
        ]
    for key in ("title", "main_date"):
        if (number := said.get(key)) is not None:
            code = by_number.get(int(number), "") if number.isdigit() else ""
            setattr(design, key, code if key == "main_date" else [code] if code and code != "division" else [])
    if places and design.place == "town":
        design.place, design.place_required = "village", True
    if places:
        design.place_label = places[0].label or design.place_label
        if "order" in said:
            design.place_required = said.get(f"p{places[0].number}-required") == "1"
    else:
        design.place, design.place_required = "town", False
        design.key = [code for code in design.key if code != "division"]


def move(design: Design, number: int, by: int) -> None:
    at = next((index for index, part in enumerate(design.parts) if part.number == number), None)
    if at is not None and 0 <= at + by < len(design.parts):
        design.parts[at], design.parts[at + by] = design.parts[at + by], design.parts[at]


def remove(design: Design, number: int) -> None:
    """A field that a sample or nothing filled goes; what names it goes with it."""
    gone = design.part(number)
    if gone is None:
        return
    design.parts = [part for part in design.parts if part.number != number]
    if gone.is_field:
        design.key = [code for code in design.key if code != gone.code]
        design.title = [code for code in design.title if code != gone.code]
        design.main_date = "" if design.main_date == gone.code else design.main_date
    elif gone.use == "division":
        design.place, design.place_required = "town", False
        design.key = [code for code in design.key if code != "division"]


def add(design: Design) -> Part:
    made = Part(number=design.next_number(), whys=["新加的字段"])
    design.parts.append(made)
    return made


@dataclass
class PartBoxes:
    """One line of the page."""

    part: Part
    types: list[tuple[str, str]]
    has_unit: bool
    has_options: bool
    options: str
    is_key: bool
    required_from: str  # "from a state on", which this page does not change
    first: bool = False
    last: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def all_errors(self) -> list[str]:
        return [message for messages in self.errors.values() for message in messages]

    @property
    def name(self) -> str:
        return f"p{self.part.number}"

    @property
    def more_open(self) -> bool:
        return bool({"code", "unique", "help"} & set(self.errors))


def boxes(design: Design, problems: Iterable[DesignProblem]) -> list[PartBoxes]:
    said: dict[int, dict[str, list[str]]] = {}
    for one in problems:
        said.setdefault(one.part, {}).setdefault(one.key, []).append(one.message)
    made = []
    for part in design.parts:
        types = list(TYPES.items()) if part.type in TYPES else [(part.type, part.type)]
        kind = type_class(part.type.split(":")[0])
        code = part.code if part.is_field else "division" if part.use == "division" else ""
        made.append(PartBoxes(
            part, types, part.type in _WITH_UNIT, bool(kind and kind.has_options), shown_options(part),
            bool(code) and code in design.key, part.required if isinstance(part.required, str) else "", errors=said.get(part.number, {}),
        ))  # fmt: skip
    if made:
        made[0].first = made[-1].last = True
    return made
