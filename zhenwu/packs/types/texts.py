import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models

from zhenwu.lib.pinyin import initials
from zhenwu.lib.text import clean_name, fold_width, name_doubt
from zhenwu.packs.types.base import FieldType, ParseContext, shown_raw
from zhenwu.packs.types.sealed import CLOSED, SEALED, Sealed


class Text(FieldType):
    name = "text"
    called = "文字"
    formula_kind: Any = "text"
    is_searched = True

    def column(self) -> models.Field:
        return models.CharField(self.label, max_length=self.spec.max_length, null=True, blank=True)

    def says_nothing(self, raw: Any) -> bool:
        return False  # 无 is a text

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)  # a sheet gives every number as a float: 3.0 in a text column was typed as 3
        return " ".join(str(raw).split()) or None if raw is not None else None

    def problem_with(self, value: Any) -> str:
        if len(value) > self.spec.max_length:
            return f"“{self.label}”有{len(value)}个字，最多{self.spec.max_length}个字，请精简。"
        if self.spec.pattern and not re.fullmatch(self.spec.pattern, value):
            return f"“{self.label}”填的是“{shown_raw(value)}”，写法不符合要求。{self.spec.help}"
        return ""

    def telling(self, values: Sequence[Any]) -> Iterable[Any]:
        """The longest, where nothing but the length is bounded."""
        return super().telling(values) if self.spec.pattern or not values else (max(values, key=len),)

    filters: ClassVar[tuple[str, ...]] = ("eq", "in", "contains", "empty")

    def json_schema(self) -> dict[str, Any]:
        return super().json_schema() | {"maxLength": self.spec.max_length}


class PersonName(Text):
    """The name of a person, found by its pinyin initials too. In a hand-written model, which has the second column."""

    name = "name"
    called = "姓名"

    def columns(self) -> dict[str, models.Field]:
        return super().columns() | {
            f"{self.code}_initials": models.CharField(max_length=60, null=True, blank=True, db_index=True)
        }

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        """Cleaned (spaces, dots of ethnic names); what stood in brackets is said as a remark, and so is a doubtful name."""
        text = super().parse(raw, context)
        if text is None:
            return None
        name, beside = clean_name(text)
        if beside:
            context.remark(f"“{self.label}”括号里注有“{beside}”，不是姓名的一部分。")
        if name and (doubt := name_doubt(name)):
            context.remark(doubt)
        return name or None

    def aside(self, raw: Any) -> str | None:
        return clean_name(str(raw))[1]

    def to_columns(self, value: Any) -> dict[str, Any]:
        return {self.code: value, f"{self.code}_initials": initials(value)[:60] if value else None}


class LongText(Text):
    name = "longtext"
    called = "长文字"
    widget = "textarea"

    def column(self) -> models.Field:
        return models.TextField(self.label, null=True, blank=True)

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        text = str(raw).replace("\r\n", "\n").strip() if raw is not None else ""
        return text or None

    def problem_with(self, value: Any) -> str:
        limit = max(self.spec.max_length, 4000)
        return f"“{self.label}”有{len(value)}个字，最多{limit}个字，请精简。" if len(value) > limit else ""

    filters: ClassVar[tuple[str, ...]] = ("contains", "empty")

    def json_schema(self) -> dict[str, Any]:
        return super().json_schema() | {"maxLength": max(self.spec.max_length, 4000)}


class Uscc(Text):
    """Unified social credit code (GB 32100-2015): 18 characters, the last one a check character."""

    name = "uscc"
    called = "统一社会信用代码"
    _ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    _WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        text = super().parse(raw, context)
        return fold_width(text).replace(" ", "").upper() if text else None

    def telling(self, values: Sequence[Any]) -> Iterable[Any]:
        return FieldType.telling(self, values)

    def problem_with(self, value: Any) -> str:
        letters = [self._ALPHABET.find(letter) for letter in value]
        right = len(value) == 18 and -1 not in letters
        if right:
            total = sum(letter * weight for letter, weight in zip(letters, self._WEIGHTS, strict=False))
            right = (31 - total % 31) % 31 == letters[17]
        return (
            "" if right else f"“{self.label}”填的是“{shown_raw(value)}”，不是有效的统一社会信用代码，请核对18位代码。"
        )


class _SealedWords(Sealed):
    """A text of class S3: nobody searches, sorts or reckons with it, and who may see it opens it for a purpose."""

    formula_kind = None
    is_searched = False
    filters = FieldType.filters

    def problem_with(self, value: Any) -> str:
        return "" if value is SEALED else super().problem_with(value)

    def telling(self, values: Sequence[Any]) -> Iterable[Any]:
        return super().telling([value for value in values if value is not SEALED])

    def show_row(self, row: Any) -> str:
        return CLOSED if getattr(row, self.code) else ""


class SealedText(_SealedWords, Text):
    called = "加密文字"
    purpose = "text"


class SealedLongText(_SealedWords, LongText):
    called = "加密长文字"
    purpose = "longtext"


class SealedUscc(_SealedWords, Uscc):
    called = "加密的统一社会信用代码"
    purpose = "uscc"
