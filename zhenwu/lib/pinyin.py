"""Names in pinyin: initials to find a person by, syllables to hear whether two names sound alike.

Surnames that are read otherwise than the character usually is (单 shan, 曾 zeng) come first. A character without a reading
stands for itself, so that a rare one is not lost.
"""

from functools import lru_cache
from typing import Final

from pypinyin import Style, pinyin

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


@lru_cache(maxsize=20_000)
def _reading(letter: str) -> str:
    return pinyin(letter, style=Style.NORMAL, errors="default")[0][0].lower()
