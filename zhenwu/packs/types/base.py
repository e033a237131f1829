"""What every field type can do. A subclass changes only what differs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

from django.db import models

from zhenwu.lib.columns import distinct
from zhenwu.lib.sheets.writer import ColumnKind
from zhenwu.lib.text import is_empty_mark
from zhenwu.packs.spec import FieldSpec


class FieldProblem(Exception):
    """What was typed cannot be stored. The message names the label and the value, and says what to do."""


class ShapeProblem(FieldProblem):
    """JSON of another shape than the field's schema says: a number where a text belongs."""


@dataclass(frozen=True)
class Lookup:
    """A reference that was typed as words: what may be meant. One id is a hit; none or several are a problem."""

    ids: tuple[Any, ...]
    problem: str = ""


class ParseContext(Protocol):
    """What a type may ask while it reads one cell. `on` is the row's main date, else today; `today` completes two-digit
    years (a birth in 1980 says nothing about the others of its row). Never the clock inside."""

    on: date
    today: date
    header_unit: str  # the unit in the header or above the table (万元); "" when none

    def remark(self, words: str) -> None:
        """Something about the value just read that a person should look at: a rounded unit, a completed year."""

    def division(self, text: str) -> Lookup: ...
    def person(self, text: str) -> Lookup: ...
    def household(self, text: str) -> Lookup: ...
    def unit(self, text: str) -> Lookup: ...
    def user(self, text: str) -> Lookup: ...
    def row(self, ledger: str, text: str) -> Lookup: ...


class FieldType:
    """One field of one ledger. Values are Python values (str, Decimal, date, id …); None is "not reported"."""

    name: ClassVar[str] = ""
    called: ClassVar[str] = ""  # the type in words
    has_options: ClassVar[bool] = False
    can_be_many: ClassVar[bool] = False
    is_number: ClassVar[bool] = False
    is_link: ClassVar[bool] = False
    points_to_rows: ClassVar[bool] = False  # a link to a row of a ledger, whose page lists what points to it
    always_private: ClassVar[bool] = False  # a person's number: sealed whatever its pack says
    is_sealed: ClassVar[bool] = False  # encrypted at rest, with its keyed digest in a second column (sealed.py)
    is_searched: ClassVar[bool] = False  # whether the words of a search are looked for in it
    stored: ClassVar[bool] = True
    writable: ClassVar[bool] = True
    stands_alone: ClassVar[bool] = True  # whether a value can be read without looking elsewhere (a link cannot)
    reads_row: ClassVar[bool] = False  # whether `parse` looks at more of the context than the header's unit and today
    widget: ClassVar[str] = "text"
    mart_type: ClassVar[str] = "VARCHAR"
    align_right: ClassVar[bool] = False
    formula_kind: Any = None  # what it is to a formula (packs.formula.Kind); None: no formula can use it

    def __init__(self, spec: FieldSpec):
        self.spec = spec
        self.code = spec.code
        self.label = spec.label

    # storage
    def column(self) -> models.Field:
        """The column of the table; always nullable, since drafts may be incomplete."""
        raise NotImplementedError

    def columns(self) -> dict[str, models.Field]:
        return {self.code: self.column()}

    def to_column(self, value: Any) -> Any:
        """What the column holds for a value that is not None, in a type of one column."""
        return value

    def to_columns(self, value: Any) -> dict[str, Any]:
        """Column values for one value; link columns are named by attname (`<code>_id`)."""
        return {self.code: None if value is None else self.to_column(value)}

    def from_row(self, row: Any) -> Any:
        return getattr(row, self.code)

    # entry
    def parse(self, raw: Any, context: ParseContext) -> Any:
        """The value of what was typed or stood in a cell; None for an empty one. Raises FieldProblem."""
        raise NotImplementedError

    def says_nothing(self, raw: Any) -> bool:
        """Whether a cell of a roster means "not reported" (/, —, 无): not where that may be a word of its own."""
        return is_empty_mark(raw)

    def aside(self, raw: Any) -> str | None:
        """What of a roster's cell is no part of the value and goes to the row's note: 张三（户主）."""
        return None

    def taken(self, reading: Any, context: ParseContext) -> Any:
        """The value of a lib reading (`value`, `note`, `error`); raises its error under this field's label."""
        if reading.error:
            raise self.problem(reading.error)
        if reading.note:
            context.remark(f"“{self.label}”{reading.note}")
        return reading.value

    def problem(self, message: str) -> FieldProblem:
        return FieldProblem(f"“{self.label}”{message}")

    def problem_with(self, value: Any) -> str:
        """Why a typed value breaks the field's own rule; "" when it does not."""
        return ""

    def telling(self, values: Sequence[Any]) -> Iterable[Any]:
        """Which of these values (none is None) have to be judged to know that none breaks the rule: of a span the ends."""
        return distinct(values)

    completes: ClassVar[tuple[str, ...]] = ()  # the fields that `complete` may fill

    def complete(self, values: dict[str, Any]) -> None:
        """Fill other empty fields of the row that this value already answers (an ID number answers birth and sex)."""

    # change of type
    @property
    def unit(self) -> str:
        """What the stored numbers are counted in; "" for what is no number."""
        return ""

    def keeps(self, was: "FieldType") -> bool:
        """Whether stored values of the field as it `was` are values of this one as they stand."""
        return self.spec.type == was.spec.type and self.is_sealed == was.is_sealed

    def as_said(self, value: Any) -> Any:
        """The value as another type may read it."""
        return self.show(value)

    def refuses(self, was: "FieldType") -> str:
        """Why this field can take over no value at all of the field as it `was`; "" when it can."""
        if not (self.stands_alone and was.stands_alone):
            return "一种指向别的记录、文件或由公式算出，不能换算成另一种"
        if was.always_private and not self.always_private:
            return "号码加密保存，不能改成明文"
        return ""

    def taken_over(self, was: "FieldType", value: Any, context: ParseContext) -> Any:
        """What a value of the field as it `was` becomes. Raises FieldProblem."""
        return self.parse(was.as_said(value), context)

    # record
    says_digits: ClassVar[bool] = False  # whether `canonical` is the digits of its decimal column, no more and no fewer

    def canonical(self, value: Any) -> Any:
        """The value as JSON, one spelling for one value: what history keeps and the hash chain covers."""
        return value

    def from_canonical(self, said: Any) -> Any:
        return said

    def canonical_of_row(self, row: Any) -> Any:
        """The canonical value from the stored columns."""
        return self.canonical(self.from_row(row))

    # show
    def list_paths(self) -> tuple[str, ...]:
        """ORM paths that `cell` needs, so that a list page is one query."""
        return (self.code,)

    def cell(self, *values: Any) -> str:
        """Text of a list cell from the values of `list_paths`."""
        return self.show(values[0])

    def show(self, value: Any) -> str:
        return "" if value is None else str(value)

    def show_row(self, row: Any) -> str:
        """Text of this field on the page of one row."""
        return self.show(self.from_row(row))

    def form_value(self, value: Any) -> str:
        return "" if value is None else str(value)

    # interfaces
    filters: ClassVar[tuple[str, ...]] = ("empty",)  # of eq, in, contains, ge, le, has, empty

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of a value that a program sends; null beside it means "not reported"."""
        return {"type": "string", "minLength": 1, "maxLength": 4000, "pattern": PLAIN}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        """The value of JSON that is not null. Raises ShapeProblem where the schema says another shape, else FieldProblem."""
        return self.parse(self.plain(said), context)

    def from_query(self, text: str, context: ParseContext) -> Any:
        """The value that a filter compares with, from the text of an address."""
        return self.from_json(text, context)

    def to_json(self, stored: Any) -> Any:
        """The value of the column `json_column` as a program gets it; personal numbers stay closed."""
        return self.canonical(stored)

    @property
    def json_column(self) -> str:
        return self.code

    def plain(self, said: Any) -> str:
        """A text that fits `json_schema`."""
        schema = self.json_schema()
        if not isinstance(said, str) or not re.fullmatch(schema["pattern"], said) or _is_broken(said):
            raise ShapeProblem(f"“{self.label}”{self.json_shape}。")
        if not schema.get("minLength", 0) <= len(said) <= schema.get("maxLength", 4000):
            raise ShapeProblem(
                f"“{self.label}”有{len(said)}个字，应有1至{schema.get('maxLength', 4000)}个字；没有内容请写 null。"
            )
        return said

    json_shape: ClassVar[str] = "应是文字，不含控制字符"

    # sheets
    sheet_kind: ClassVar[ColumnKind] = "text"

    def sheet_value(self, value: Any) -> Any:
        """What an exported cell holds; text that a spreadsheet must not reckon with stays text."""
        return self.show(value)

    # mart
    def mart_columns(self) -> dict[str, str]:
        """Mart column → DuckDB type; link tables of lists are named by `mart_list`."""
        return {self.code: self.mart_type}

    @property
    def mart_list(self) -> bool:
        """True: the values stand in the link table `<ledger>__<code>(row, value)`, not in a column."""
        return False


PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # a text without control characters


def whole(said: Any) -> int | None:
    """The whole number that JSON says (to JSON schema 3.0 is one too); None for anything else."""
    if isinstance(said, float) and said.is_integer():
        return int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _is_broken(text: str) -> bool:
    """Whether halves of characters stand in it, which JSON can say and no database stores."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def shown_raw(raw: Any) -> str:
    text = str(raw).strip()
    return text if len(text) <= 40 else text[:40] + "…"
