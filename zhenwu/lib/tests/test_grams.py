"""Words are found anywhere inside a text, in Chinese, letters and digits, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.lib.grams import pieces, plain, runs, wanted

TEXT = st.text(alphabet="张三丰湾０9aB-（）· \u3000", max_size=14)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("《陈青》0099号", ["陈青", "0099", "号"]),
        ("ＹＸ－2020－00012", ["yx", "2020", "00012"]),
        ("买买提·艾力", ["买买提", "艾力"]),
        ("……", []),
    ],
)
def test_a_text_is_runs_of_one_kind(text, said):
    assert runs(text) == said


def test_the_pieces_of_a_name_and_a_number():
    assert pieces("张三丰12345") == ["张三", "三丰", "丰", "123", "234", "345", "45", "5"]


def met(word: str, text: str) -> bool:
    """As an index of phrases decides it."""
    need, cut = wanted(word)
    have = pieces(text)
    for at in range(len(have) - len(need) + 1):
        last = have[at + len(need) - 1] if need else ""
        if have[at : at + len(need) - 1] == need[:-1] and (last.startswith(need[-1]) if cut else last == need[-1]):
            return True
    return False


@given(TEXT, TEXT, TEXT)
def test_every_part_of_a_text_is_found_in_it(before, word, after):
    if runs(word):
        assert met(word, f"{before}{word}{after}") == (plain(word) in plain(f"{before}{word}{after}"))


@given(TEXT, TEXT)
def test_what_does_not_stand_in_a_text_is_not_found(word, text):
    if runs(word):
        assert met(word, text) == (plain(word) in plain(text))
