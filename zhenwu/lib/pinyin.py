"""Names in pinyin: initials to find a person by, syllables to hear whether two names sound alike.

Surnames that are read otherwise than the character usually is (单 shan, 曾 zeng) come first. A character without a reading
stands for itself, so that a rare one is not lost.
"""

import os
from functools import cache, lru_cache
from importlib import import_module
from typing import Final

# Readings of whole words would take 45 MiB and 0.2 s of each process; names are read letter by letter.
# The module looks once, when it is imported.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from pypinyin import Style, lazy_pinyin, load_phrases_dict, pinyin

from zhenwu.lib.text import fold_width

_SURNAMES: Final = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "乐": "yue",
    "覃": "qin", "翟": "zhai", "缪": "miao", "员": "yun", "尹": "yin", "華": "hua", "华": "hua", "任": "ren", "宁": "ning",
    "折": "she", "洗": "xian", "黑": "he", "种": "chong", "召": "shao", "晟": "cheng", "祭": "zhai", "秘": "bi", "繁": "po",
}  # fmt: skip
_DOUBLE: Final = {"尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "澹台": ("tan", "tai")}


def syllables(name: str) -> list[str]:
    """张三 → ["zhang", "san"], without tones; letters and digits stand for themselves, other marks are left out."""
    text = "".join(letter for letter in fold_width(name) if letter.isalnum())
    if known := _DOUBLE.get(text[:2]):
        return [*known, *(_reading(letter) for letter in text[2:])]
    return [
        _SURNAMES.get(letter) or _reading(letter) if at == 0 else _reading(letter) for at, letter in enumerate(text)
    ]


def initials(name: str) -> str:
    """张三 → zs, 单雄信 → sxx."""
    return "".join(one[0] for one in syllables(name) if one)


def syllables_of_words(text: str) -> list[str]:
    """重庆 → ["chong", "qing"]: each character as it is read in its word; what stands between comes back as it is."""
    _learn_words()
    return lazy_pinyin(text)


@cache
def _learn_words() -> None:
    load_phrases_dict(import_module("pypinyin.phrases_dict").phrases_dict)


@lru_cache(maxsize=20_000)
def _reading(letter: str) -> str:
    return pinyin(letter, style=Style.NORMAL, errors="default")[0][0].lower()
