"""Cleaning of typed text: width, names, headers, marks that stand for nothing."""

import re
import unicodedata
from typing import Final

from zhenwu.lib.units import is_unit

# Full-width punctuation that is right in Chinese text, and signs that say more than their NFKC form (㎡ is not "m2").
_KEEP: Final = frozenset("，：；？！（）…～㎡㎥㎞㎏㎝㎜²³½¼¾℃№™" + "".join(map(chr, range(0x2160, 0x2180))))
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202c\u202d\u202e"

EMPTY_MARKS: Final = frozenset(
    {"", "/", "\\", "-", "--", "—", "——", "–", "一一", "无", "空", "未填", "N/A", "n/a", "null", "NULL"}
)
DITTO_MARKS: Final = frozenset({"〃", "同上", "″", "＂", '"', "''", "“", "”", "同前", "上同"})

_CJK: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_SPACE_BETWEEN_CJK: Final = re.compile(rf"(?<=[{_CJK}·])\s+(?=[{_CJK}·])")
_DOTS: Final = re.compile(r"\s*[·•・‧∙⋅●･˙]\s*")
_ASCII_DOT_BETWEEN_CJK: Final = re.compile(rf"(?<=[{_CJK}])[.．。](?=[{_CJK}])")
_BRACKETS: Final = re.compile(r"[(（\[【〔﹝]([^()（）\[\]【】〔〕﹝﹞]*)[)）\]】〕﹞]")
_UNIT_AT_END: Final = re.compile(r"^(.+?)[(（\[【](?:单位[:：]?)?([^()（）\[\]【】]+)[)）\]】]$")
_UNIT_NOTE: Final = re.compile(r"(?:计量)?单位[:：]\s*([^\s,，;；、()（）]+)")


class _FoldTable(dict[int, str]):
    """Filled as characters are met; str.translate then runs at C speed."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _INVISIBLE:
            folded = ""
        elif char in _KEEP or "\u2460" <= char <= "\u24ff":  # ① stays ①: it numbers a measure, it is no amount
            folded = char
        elif char.isspace() and char not in "\t\n\r":
            folded = " "
        else:
            folded = unicodedata.normalize("NFKC", char)
        self[code] = folded
        return folded


_FOLD: Final = _FoldTable()
_PLAIN_NAME: Final = re.compile(r"[\u4e00-\u9fff]+")  # nearly every name: nothing in it to clean


def fold_width(text: str) -> str:
    """Full-width letters, digits and signs become half-width; ，。：（）, ㎡ and ① stay. Invisible characters go."""
    return text if text.isascii() else text.translate(_FOLD)


def clean_name(raw: str) -> tuple[str, str | None]:
    """`张　三（户主）` -> ("张三", "户主"). The name is "" when nothing is left; ethnic names keep one U+00B7 per dot."""
    if _PLAIN_NAME.fullmatch(raw):
        return raw, None
    text = fold_width(raw).strip().lstrip("'‘’`")
    remarks = [found.strip() for found in _BRACKETS.findall(text) if found.strip()]
    text = _BRACKETS.sub(" ", text)
    text = _DOTS.sub("·", text)
    text = _ASCII_DOT_BETWEEN_CJK.sub("·", text)
    text = _SPACE_BETWEEN_CJK.sub("", " ".join(text.split()))
    return text.strip(" ·,，、;；:："), "；".join(remarks) or None


def name_key(name: str) -> str:
    """What two spellings of one name share: compared without dots, spaces and case."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    return re.sub(r"[·\s]", "", clean_name(name)[0]).casefold()


def name_doubt(name: str) -> str | None:
    """Why a cleaned name needs a person's eye (rare character lost or spelled out), or None."""
    if re.search(r"[?？□�＊*]", name):
        return f"姓名“{name}”里有没有显示出来的字，请按身份证补上。"
    if "+" in name or "＋" in name:
        return f"姓名“{name}”里的生僻字是拼写的，请按身份证改成原字。"
    if re.search(r"\d", name):
        return f"姓名“{name}”里有数字，请核对是否填错列。"
    return None


def clean_header(raw: object) -> str:
    """A header cell for matching: one line, no spaces, half-width, brackets as ()."""
    text = fold_width("" if raw is None else str(raw))
    text = text.translate(str.maketrans("（）：，［］【】", "():,()()"))
    return re.sub(r"\s+", "", text).strip("*:")


def split_unit(header: str) -> tuple[str, str | None]:
    """`金额(万元)` -> ("金额", "万元"); brackets that hold no unit stay part of the label."""
    label = clean_header(header)
    if (match := _UNIT_AT_END.match(label)) and is_unit(match[2]):
        return match[1], match[2]
    return label, None


def unit_in_note(text: str) -> str | None:
    """The unit a note row states for the whole sheet: `填报单位:青石镇 单位:万元` -> 万元."""
    return next((unit for unit in _UNIT_NOTE.findall(fold_width(text)) if is_unit(unit)), None)


def is_empty_mark(raw: object, marks: frozenset[str] = EMPTY_MARKS) -> bool:
    """Whether a cell says "nothing here" (blank, "/", "—", "无"). A zero says something."""
    if raw is None:
        return True
    if not isinstance(raw, str):
        return False
    return raw in marks or fold_width(raw).strip() in marks


def is_ditto(raw: object) -> bool:
    """Whether a cell points at the one above it (〃, 同上)."""
    return isinstance(raw, str) and raw.strip() in DITTO_MARKS
