"""Field types as pydantic types: a field is read by its own type, and the schema says what that type says."""

import re
import uuid
from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from zhenwu.packs.runtime import Ledger
from zhenwu.packs.types import FieldProblem, FieldType, Lookup, ShapeProblem
from zhenwu.packs.types.base import PLAIN, whole
from zhenwu.packs.types.files import attachments

MOST_LINES = 500  # of one child table of one row
_PREFIX = "v_"  # of the model's attributes: a field may be called `copy` or `json`


class Closed(BaseModel):
    """A request body: what it does not name is refused, since a misspelt field would be lost silently."""

    model_config = ConfigDict(extra="forbid")


class Context:
    """What types may ask while they read JSON. Links come as ids, never as words."""

    header_unit = ""

    def __init__(self, today: date) -> None:
        self.on = self.today = today

    def _none(self, *_: str) -> Lookup:
        return Lookup((), "应是所指记录的 id。")

    def remark(self, words: str) -> None:
        """What was typed for one row is shown as it was read: nothing more to say."""

    division = person = household = unit = user = row = _none


def values_model(ledger: Ledger, name: str) -> type[BaseModel]:
    """{field code: value or null} of a ledger; a field that is left out is not touched."""
    fields: dict[str, Any] = {
        _PREFIX + code: (_field_type(kind), Field(default=None, alias=code))
        for code, kind in ledger.stored.items()
        if kind.writable
    }
    for code, table in ledger.children.items():
        line = values_model(table, f"{name}{camel(code)}")
        line = create_model(f"{line.__name__}Line", __base__=line, id=(Id | None, None))
        lines: Any = Annotated[list[line], Field(max_length=MOST_LINES)]  # type: ignore[valid-type]
        fields[_PREFIX + code] = (lines | None, Field(default=None, alias=code, title=ledger.types[code].label))
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def said_in(values: BaseModel) -> dict[str, Any]:
    """The values that a request names, by field code; lines of a child table as `ledgers.lines` takes them."""
    found: dict[str, Any] = {}
    for name in values.model_fields_set:
        said = getattr(values, name)
        is_lines = isinstance(said, list) and any(isinstance(one, BaseModel) for one in said)
        found[name.removeprefix(_PREFIX)] = [{"id": one.id} | said_in(one) for one in said] if is_lines else said
    return found


def camel(code: str) -> str:
    return "".join(part.capitalize() for part in code.split("_"))


def nullable(kind: FieldType) -> dict[str, Any]:
    """The schema of a value or null, with what people call it."""
    return {"title": kind.label, "anyOf": [kind.json_schema(), {"type": "null"}]} | (
        {"description": said} if (said := described(kind)) else {}
    )


def described(kind: FieldType) -> str:
    unit = str(getattr(kind, "unit", "") or kind.spec.unit)
    shown = [f"{one.value}={one.shown}" for one in kind.spec.options if one.shown != one.value]
    said = [f"单位：{unit}" if unit else "", f"选项：{'、'.join(shown)}" if shown else "", kind.spec.help]
    return "；".join(one for one in said if one)


def _field_type(kind: FieldType) -> Any:
    def read(said: Any) -> Any:
        if said is None:
            return None
        try:
            return kind.from_json(said, Context(timezone.localdate()))
        except FieldProblem as problem:
            reason = "shape_refused" if isinstance(problem, ShapeProblem) else "value_refused"
            raise PydanticCustomError(reason, str(problem), {"field": kind.code, "label": kind.label}) from None

    return Annotated[Any, BeforeValidator(read), WithJsonSchema(nullable(kind))]


def text_type(longest: int, shortest: int = 0) -> Any:
    """A text without control characters."""

    def read(said: Any) -> Any:
        fits = isinstance(said, str) and shortest <= len(said) <= longest and re.fullmatch(PLAIN, said)
        if not fits or any("\ud800" <= char <= "\udfff" for char in said):
            words = f"应是文字，不含控制字符，{f'至少{shortest}个字，' if shortest else ''}最多{longest}个字。"
            raise PydanticCustomError("shape_refused", words)
        return said

    schema = {"type": "string", "minLength": shortest, "maxLength": longest, "pattern": PLAIN}
    return Annotated[str, BeforeValidator(read), WithJsonSchema(schema)]


def _read_id(said: Any) -> uuid.UUID:
    if isinstance(said, str) and len(said) == 36:
        try:
            return uuid.UUID(said)
        except ValueError:
            pass
    raise PydanticCustomError("shape_refused", "应是 id，如 01912d68-783e-7a10-8c38-3f5f2a1b0c9d。")


def _read_number(said: Any) -> int:
    number = whole(said)
    if number is not None and 1 <= number <= 2**31 - 1:
        return number
    raise PydanticCustomError("shape_refused", "应是正整数。")


Id = Annotated[uuid.UUID, BeforeValidator(_read_id), WithJsonSchema({"type": "string", "format": "uuid"})]
Number = Annotated[
    int, BeforeValidator(_read_number), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 2**31 - 1})
]
Words = text_type(500)
Remark = text_type(4000)
Remark200 = text_type(200)
Words300 = text_type(300)
Basis = text_type(300, 2)
Attachments = _field_type(attachments("S0"))  # who may write them, the ledger decides
