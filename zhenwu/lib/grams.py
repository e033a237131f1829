"""Pieces of text by which a word is found anywhere inside it: pairs of Chinese characters, threes of letters and digits.

A text becomes runs (of Chinese, of letters and digits; anything else only parts them), a run the pieces that begin at each of
its characters: 张三丰 → 张三 三丰 丰. A word is in a text when its own pieces stand in it one after the other; the last one
may be the beginning of a piece.
"""

from typing import Final

from zhenwu.lib.text import fold_width

_LETTERS: Final = 3
_CHINESE: Final = 2


def runs(text: str) -> list[str]:
    """`《陈青》0099号` → ["陈青", "0099", "号"], half-width and lower case."""
    found: list[str] = []
    before = ""  # the kind of the last character: a(scii), c(hinese), "" for what parts
    for char in fold_width(text).casefold():
        kind = "" if not char.isalnum() else "a" if char.isascii() else "c"
        if kind and kind == before:
            found[-1] += char
        elif kind:
            found.append(char)
        before = kind
    return found


def plain(text: str) -> str:
    """The runs with one space between: what two spellings of one text share."""
    return " ".join(runs(text))


def pieces(text: str) -> list[str]:
    """The pieces of a text, in their order."""
    return [run[at : at + size] for run in runs(text) for size in (size_of(run),) for at in range(len(run))]


def wanted(word: str) -> tuple[list[str], bool]:
    """(the pieces that must follow each other, whether the last is only a beginning); no piece when nothing is asked."""
    parts = runs(word)
    if not parts:
        return [], False
    last, size = parts[-1], size_of(parts[-1])
    before = pieces(" ".join(parts[:-1]))
    if len(last) < size:
        return [*before, last], True
    return [*before, *(last[at : at + size] for at in range(len(last) - size + 1))], False


def size_of(run: str) -> int:
    return _LETTERS if run.isascii() else _CHINESE
