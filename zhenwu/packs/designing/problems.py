"""What is wrong with a design, in words for who edits it, each at its place; the pack reader has the last word."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from zhenwu.packs.designing.codes import OWN, is_free_name
from zhenwu.packs.designing.design import Design, Part
from zhenwu.packs.errors import PackProblem
from zhenwu.packs.spec import LINE_LABELS
from zhenwu.packs.types import is_sealed, type_class

_CODE = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
_PREFIX = re.compile(r"^[A-Z]{2,4}$")


@dataclass(frozen=True)
class DesignProblem:
    """`part` is the line's number, 0 for the ledger; `key` which of its boxes."""

    part: int
    key: str
    message: str


def problems_of(
    design: Design, *, taken: Collection[str], prefixes: Collection[str], new: bool
) -> Iterator[DesignProblem]:
    """`taken` and `prefixes` are those of the other ledgers."""
    yield from _ledger(design, taken, prefixes, new)
    fields = design.fields
    codes, labels = Counter(part.code for part in fields), Counter(part.label for part in fields)
    for part in fields:
        yield from _part(part, design)
        if part.code and codes[part.code] > 1:
            yield DesignProblem(part.number, "code", f"代码“{part.code}”有{codes[part.code]}个字段在用，请改成不同的。")
        if part.label and labels[part.label] > 1:
            yield DesignProblem(
                part.number, "label", f"名称“{part.label}”有{labels[part.label]}个字段在用，请改成不同的。"
            )
    if not fields:
        yield DesignProblem(0, "fields", "没有一个字段。请至少保留一列作为字段。")
    places = [part for part in design.parts if part.use == "division"]
    for part in places[1:]:
        yield DesignProblem(part.number, "use", "只能有一列是记录所在的村（社区）。另一列请改为字段，类型选“地点”。")
    for part in [part for part in design.parts if part.use == "note"][1:]:
        yield DesignProblem(part.number, "use", "只能有一列导入到备注。另一列请改为字段。")


def _ledger(design: Design, taken: Collection[str], prefixes: Collection[str], new: bool) -> Iterator[DesignProblem]:
    for key, what in (("label", "台账名称"), ("one_row", "一行是什么"), ("unit", "主管站所"), ("source", "依据")):
        if not getattr(design, key).strip():
            yield DesignProblem(0, key, f"请填写{what}。")
    if not _CODE.match(design.code) or len(design.code) > 40:
        yield DesignProblem(0, "code", "代码用小写字母、数字和下划线，以字母开头，最多40个字符。")
    elif new and not design.code.startswith(OWN):
        yield DesignProblem(0, "code", f"自建台账的代码以 {OWN} 开头，这样不会与以后随软件发行的台账重名。")
    elif design.code in taken:
        yield DesignProblem(0, "code", f"代码“{design.code}”已经有台账在用，请换一个。")
    if not _PREFIX.match(design.prefix):
        yield DesignProblem(0, "prefix", "编号字头用2至4个大写字母，如 ZXFQ。")
    elif design.prefix in prefixes:
        yield DesignProblem(0, "prefix", f"字头“{design.prefix}”已经有台账在用，请换一个。")
    if design.line not in LINE_LABELS:
        yield DesignProblem(0, "line", "请选择业务条线。")
    by_code = {part.code: part for part in design.fields}
    for code in design.key:
        if code not in by_code and not (code == "division" and design.place != "town"):
            yield DesignProblem(0, "key", f"识别栏里的“{code}”已经不是字段，请重新选择。")
    if design.main_date and design.main_date not in by_code:
        yield DesignProblem(0, "main_date", f"主日期“{design.main_date}”已经不是字段，请重新选择。")
    for code in design.title:
        part = by_code.get(code)
        if part is None:
            yield DesignProblem(0, "title", f"标题栏“{code}”已经不是字段，请重新选择。")
        elif part.privacy > design.privacy:
            yield DesignProblem(
                0,
                "title",
                f"“{part.label}”是{part.privacy}，作标题会让能看列表的人都看到。请换一栏，或提高台账的密级。",
            )
        elif is_sealed(part.type, part.privacy):
            yield DesignProblem(0, "title", f"“{part.label}”是S3的文字，加密保存，不能作标题。请换一栏，或改为S2。")


def _part(part: Part, design: Design) -> Iterator[DesignProblem]:
    number = part.number
    if not part.label.strip():
        yield DesignProblem(number, "label", "请填写名称。")
    if not _CODE.match(part.code) or len(part.code) > 40:
        yield DesignProblem(number, "code", "代码用小写字母、数字和下划线，以字母开头，最多40个字符。")
    elif not is_free_name(part.code):
        yield DesignProblem(number, "code", f"“{part.code}”另有用处，请加上主语，如 fix_{part.code}。")
    kind = type_class(part.type.split(":")[0])
    if kind is None:
        yield DesignProblem(number, "type", "请选择类型。")
        return
    if kind.has_options and not part.options:
        yield DesignProblem(number, "options", "请写出可选项，用顿号隔开。")
    values = Counter(option.value for option in part.options)
    if kind.has_options and (twice := [value for value, times in values.items() if times > 1]):
        yield DesignProblem(number, "options", f"可选项“{twice[0]}”写了两次。")
    if kind.always_private and part.privacy < "S2":
        yield DesignProblem(number, "privacy", "证件、电话、账号至少是S2。")
    if part.unique and (kind.mart_list is True or part.type in ("multichoice", "files", "longtext")):
        yield DesignProblem(number, "unique", "这种类型不能要求不重复。")


_FIELD = re.compile(r"^field (\d+)\b")
_LEDGER_KEY = re.compile(r"^ledger\.(\w+)")


def from_reader(problems: list[PackProblem], design: Design) -> list[DesignProblem]:
    """The reader's own problems at the line they speak of. They come with what the page cannot say better."""
    by_id = {part.id: part.number for part in design.fields if part.id}
    found = []
    for one in problems:
        said = f"声明检查没有通过：{one.cause} {one.remedy}".strip()
        if match := _FIELD.match(one.where):
            found.append(DesignProblem(by_id.get(int(match[1]), 0), "code", said))
        elif match := _LEDGER_KEY.match(one.where):
            found.append(DesignProblem(0, match[1], said))
        else:
            found.append(DesignProblem(0, "", f"{one.where}：{said}" if one.where else said))
    return found
