from typing import Any, ClassVar

from django.db import models

from zhenwu.lib.cells import read_bool
from zhenwu.lib.numerals import rank_of
from zhenwu.lib.text import fold_width
from zhenwu.packs.types.base import FieldType, ParseContext, ShapeProblem, shown_raw


class Choice(FieldType):
    name = "choice"
    called = "单选"
    formula_kind: Any = "text"
    has_options = True
    widget = "select"

    def __init__(self, spec: Any):
        super().__init__(spec)
        self._by_word = {
            fold_width(word).strip().lower(): option.value
            for option in reversed(spec.options)
            for word in (*option.aliases, option.shown, option.value)
        }
        self._shown = {option.value: option.shown for option in spec.options}
        self._by_rank: dict[tuple[int, str], set[str]] = {}
        for option in spec.options:
            for number, word in {rank for said in (option.shown, option.value) if (rank := rank_of(said))}:
                for key in {(number, word), (number, "")}:
                    self._by_rank.setdefault(key, set()).add(option.value)

    def column(self) -> models.Field:
        return models.CharField(self.label, max_length=64, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        text = fold_width(str(raw)).strip() if raw is not None else ""
        if not text:
            return None
        if self.spec.otherwise and self._known(text) is None:
            shown = self._shown[self.spec.otherwise]
            context.remark(f"“{self.label}”填的是“{shown_raw(text)}”，不在可选项里，暂按“{shown}”登记。")
            return self.spec.otherwise
        return self._value(text)

    def _known(self, text: str) -> str | None:
        """The option that a word means: its own words, else its rank (壹级, 1级, Ⅰ) where only one has it."""
        value = self._by_word.get(text.lower())
        if value is None and (rank := rank_of(text)) and len(found := self._by_rank.get(rank, ())) == 1:
            value = next(iter(found))
        return value

    def says_nothing(self, raw: Any) -> bool:
        """无 and / may be options: 财产超标项 is 无 for most families."""
        return fold_width(str(raw)).strip().lower() not in self._by_word and super().says_nothing(raw)

    def _value(self, text: str) -> str:
        value = self._known(text)
        if value is None:
            known = "、".join(self._shown.values())
            raise self.problem(f"填的是“{shown_raw(text)}”，不在可选项里。可填：{known}。")
        return value

    def problem_with(self, value: Any) -> str:
        if value in self._shown:
            return ""
        return f"“{self.label}”的值“{shown_raw(value)}”不在可选项里。可填：{'、'.join(self._shown.values())}。"

    def show(self, value: Any) -> str:
        return "" if value is None else self._shown.get(value, value)

    filters: ClassVar[tuple[str, ...]] = ("eq", "in", "empty")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self._shown)}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        if not isinstance(said, str) or said not in self._shown:
            raise ShapeProblem(f"“{self.label}”应是下列之一：{'、'.join(self._shown)}。")
        return said


class MultiChoice(Choice):
    name = "multichoice"
    called = "多选"
    formula_kind: Any = None
    widget = "multiselect"

    def column(self) -> models.Field:
        return models.JSONField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> Any:
        said = (
            raw if isinstance(raw, (list, tuple)) else str(raw or "").replace("，", "、").replace(",", "、").split("、")
        )
        return (
            list(dict.fromkeys(self._value(fold_width(str(one)).strip()) for one in said if str(one).strip())) or None
        )

    def taken_over(self, was: FieldType, value: Any, context: ParseContext) -> Any:
        """One option as a whole, even when its label has a 、 in it; else a list."""
        said = was.as_said(value)
        known = self._by_word.get(fold_width(str(said)).strip().lower())
        return [known] if known else self.parse(said, context)

    def problem_with(self, value: Any) -> str:
        return next((problem for one in value if (problem := super(MultiChoice, self).problem_with(one))), "")

    def show(self, value: Any) -> str:
        return "、".join(self._shown.get(one, one) for one in value or [])

    filters = ("has", "empty")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().json_schema(), "minItems": 1, "maxItems": 4 * len(self._shown)}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        if not isinstance(said, list) or not 1 <= len(said) <= 4 * len(self._shown):
            raise ShapeProblem(f"“{self.label}”应是一个列表，列出所选的选项；没有请写 null。")
        return list(dict.fromkeys(super(MultiChoice, self).from_json(one, context) for one in said))

    def from_query(self, text: str, context: ParseContext) -> Any:
        return super().from_json(text, context)

    @property
    def mart_list(self) -> bool:
        return True


class Bool(FieldType):
    name = "bool"
    called = "是否"
    formula_kind: Any = "bool"
    widget = "bool"
    mart_type = "BOOLEAN"

    def column(self) -> models.Field:
        return models.BooleanField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> bool | None:
        return self.taken(read_bool(raw), context)

    def says_nothing(self, raw: Any) -> bool:
        return super().says_nothing(raw) and read_bool(raw).value is None  # 无 is a "no", as 有 is a "yes"

    def show(self, value: Any) -> str:
        return "" if value is None else "是" if value else "否"

    def form_value(self, value: Any) -> str:
        return "" if value is None else "1" if value else "0"

    filters = ("eq", "empty")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def from_json(self, said: Any, context: ParseContext) -> Any:
        if not isinstance(said, bool):
            raise ShapeProblem(f"“{self.label}”应是 true 或 false。")
        return said

    def from_query(self, text: str, context: ParseContext) -> Any:
        return self.from_json({"true": True, "false": False}.get(text), context)
