"""Automatic numbers of Word: what stands in front of a paragraph though it is not in its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from zhenwu.lib.numerals import int_to_chinese

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS: Final = 9


@dataclass(slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None  # 0: never; n: when level n (from 1) comes again; None: when any higher level does
    legal: bool = False
    style: str | None = None


@dataclass(slots=True)
class _Abstract:
    levels: dict[int, _Level] = field(default_factory=dict)
    style_link: str | None = None


@dataclass(slots=True)
class _Num:
    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


def _val(element: Any, name: str) -> str | None:
    found = element.find(W + name) if element is not None else None
    return None if found is None else found.get(W + "val")


def _whole(text: str | None, default: int = 0) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else default


def _level(element: Any) -> _Level:
    restart, legal = _val(element, "lvlRestart"), element.find(W + "isLgl")
    # a format Word for Chinese added later stands in mc:AlternateContent; its fallback is what older readers show
    form = _val(element, "numFmt") or next((f.get(W + "val") for f in element.iter(W + "numFmt")), "decimal")
    return _Level(
        start=_whole(_val(element, "start"), 0),
        form=form or "decimal",
        text=_val(element, "lvlText") or "",
        restart=None if restart is None else _whole(restart),
        legal=legal is not None and legal.get(W + "val") not in ("0", "false"),
        style=_val(element, "pStyle"),
    )


class Numbering:
    """Counts through a document. Ask `number` once for each numbered paragraph, in order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self._abstracts: dict[str, _Abstract] = {}
        self._nums: dict[str, _Num] = {}
        self._style_nums: dict[str, tuple[str | None, str | None]] = {}
        self._based_on: dict[str, str | None] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()
        self._read_styles(styles)
        self._read_numbering(numbering)

    def _read_styles(self, styles: Any | None) -> None:
        for style in styles.iter(W + "style") if styles is not None else ():
            name = style.get(W + "styleId") or ""
            self._based_on[name] = _val(style, "basedOn")
            numbered = style.find(f"{W}pPr/{W}numPr")
            if numbered is not None:
                self._style_nums[name] = (_val(numbered, "numId"), _val(numbered, "ilvl"))

    def _read_numbering(self, numbering: Any | None) -> None:
        if numbering is None:
            return
        for element in numbering.iter(W + "abstractNum"):
            levels = {_whole(level.get(W + "ilvl")): _level(level) for level in element.findall(W + "lvl")}
            self._abstracts[element.get(W + "abstractNumId") or ""] = _Abstract(levels, _val(element, "numStyleLink"))
        for element in numbering.iter(W + "num"):
            num = _Num(_val(element, "abstractNumId") or "")
            for override in element.findall(W + "lvlOverride"):
                at = _whole(override.get(W + "ilvl"))
                if (level := override.find(W + "lvl")) is not None:
                    num.levels[at] = _level(level)
                if (start := _val(override, "startOverride")) is not None:
                    num.starts[at] = _whole(start)
            self._nums[element.get(W + "numId") or ""] = num

    def number(self, properties: Any | None, style: str | None) -> str:
        """The printed number of a paragraph with these properties (w:pPr), "" when it has none. Counts it."""
        num_id, at = self._of_paragraph(properties, style)
        num = self._nums.get(num_id or "")
        if num is None or not 0 <= at < _LEVELS:
            return ""
        abstract_id = self._real_abstract(num)
        abstract = self._abstracts.get(abstract_id)
        if abstract is None:
            return ""
        levels = {**abstract.levels, **num.levels}
        if at not in levels:
            return ""
        counts = self._count(num_id or "", num, abstract_id, levels, at)
        return _printed(levels, counts, at)

    def _of_paragraph(self, properties: Any | None, style: str | None) -> tuple[str | None, int]:
        numbered = properties.find(W + "numPr") if properties is not None else None
        own_id, own_level = (_val(numbered, "numId"), _val(numbered, "ilvl")) if numbered is not None else (None, None)
        if own_id is not None:
            return (None if own_id == "0" else own_id), _whole(own_level)
        seen: set[str] = set()
        name = style
        while name and name not in seen:
            seen.add(name)
            if name in self._style_nums:
                num_id, level = self._style_nums[name]
                if num_id == "0":
                    return None, 0
                if num_id is not None:
                    return num_id, _whole(own_level or level, self._level_of_style(num_id, style or name, name))
            name = self._based_on.get(name)
        return None, 0

    def _level_of_style(self, num_id: str, *names: str) -> int:
        num = self._nums.get(num_id)
        abstract = self._abstracts.get(self._real_abstract(num)) if num else None
        for name in names:
            for at, level in (abstract.levels if abstract else {}).items():
                if level.style == name:
                    return at
        return 0

    def _real_abstract(self, num: _Num) -> str:
        """Follows numStyleLink to the definition that holds the levels."""
        abstract_id = num.abstract
        for _ in range(5):
            abstract = self._abstracts.get(abstract_id)
            if abstract is None or abstract.levels or not abstract.style_link:
                break
            linked = self._nums.get(self._style_nums.get(abstract.style_link, (None, None))[0] or "")
            if linked is None:
                break
            abstract_id = linked.abstract
        return abstract_id

    def _count(self, num_id: str, num: _Num, abstract_id: str, levels: dict[int, _Level], at: int) -> dict[int, int]:
        counts = self._counts.setdefault(abstract_id, {})
        if at in num.starts and (num_id, at) not in self._restarted:
            self._restarted.add((num_id, at))
            counts[at] = num.starts[at]
        elif at in counts:
            counts[at] += 1
        else:
            counts[at] = num.starts.get(at, levels[at].start)
        for lower in range(at + 1, _LEVELS):
            restart = levels[lower].restart if lower in levels else None
            if restart is None or 0 < at + 1 <= restart:
                counts.pop(lower, None)
        for higher in range(at):
            if higher not in counts and higher in levels:
                counts[higher] = levels[higher].start  # a document may begin with (一) and have no 一、 above it
        return counts


def _printed(levels: dict[int, _Level], counts: dict[int, int], at: int) -> str:
    level = levels[at]
    if level.form == "bullet":
        return "•"
    if level.form == "none" and "%" not in level.text:
        return level.text

    def one(match: re.Match[str]) -> str:
        place = int(match[1]) - 1
        if place not in counts or place not in levels:
            return ""
        return formatted(counts[place], "decimal" if level.legal else levels[place].form)

    return re.sub(r"%([1-9])", one, level.text).strip()


_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_DIGITS: Final = "〇一二三四五六七八九"
_LEGAL: Final = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")


def formatted(value: int, form: str) -> str:
    """A count in one of Word's number formats (w:numFmt); formats we do not know come as plain digits."""
    if form == "none":
        return ""
    if value > 0 and form in _FORMS:
        return _FORMS[form](value)
    return str(value)


def _letters(value: int) -> str:
    return chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1) if value <= 780 else str(value)


_ROMAN: Final = {
    1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV",
    1: "I",
}  # fmt: skip


def _roman(value: int) -> str:
    if value >= 4000:
        return str(value)
    text = ""
    for worth, sign in _ROMAN.items():
        text += sign * (value // worth)
        value %= worth
    return text


def _by_place(value: int) -> str:
    return "".join(_DIGITS[int(char)] for char in str(value))


def _counting(value: int) -> str:
    return int_to_chinese(value) if value < 100 else _by_place(value)


def _run(first: str, last: str) -> Any:
    def sign(value: int) -> str:
        code = ord(first) + value - 1
        return chr(code) if code <= ord(last) else str(value)

    return sign


def _circled(value: int) -> str:
    ranges = ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1))
    return next((chr(base + value - low) for low, high, base in ranges if low <= value <= high), f"({value})")


_FORMS: Final[dict[str, Any]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda value: _letters(value).lower(),
    "ordinal": lambda value: f"{value}.",
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseDigital": _by_place,
    "ideographDigital": _by_place,
    "japaneseDigitalTenThousand": _by_place,
    "chineseCountingThousand": int_to_chinese,
    "taiwaneseCountingThousand": int_to_chinese,
    "japaneseCounting": int_to_chinese,
    "koreanDigital2": _by_place,
    "chineseLegalSimplified": lambda value: int_to_chinese(value).translate(_LEGAL),
    "ideographLegalTraditional": lambda value: int_to_chinese(value).translate(_LEGAL),
    "japaneseLegal": lambda value: int_to_chinese(value).translate(_LEGAL),
    "ideographTraditional": lambda value: _STEMS[(value - 1) % 10],
    "ideographZodiac": lambda value: _BRANCHES[(value - 1) % 12],
    "ideographZodiacTraditional": lambda value: _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12],
    "ideographEnclosedCircle": _run("㊀", "㊉"),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _run("⑴", "⒇"),
    "decimalEnclosedFullstop": _run("⒈", "⒛"),
    "decimalFullWidth": lambda value: str(value).translate({code: code + 0xFEE0 for code in range(48, 58)}),
    "decimalFullWidth2": lambda value: str(value).translate({code: code + 0xFEE0 for code in range(48, 58)}),
    "numberInDash": lambda value: f"- {value} -",
}
