from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.lib.idno import check_digit, idno_columns, idno_ok_many, read_idno

ON = date(2020, 12, 31)


def codes(read):
    return [issue.code for issue in read.issues]


@pytest.mark.parametrize(
    ("raw", "idno", "birth", "sex"),
    [
        ("51999919530214101" + check_digit("51999919530214101"), "519999195302141012", date(1953, 2, 14), "1"),
        ("51999919620318007x", "51999919620318007X", date(1962, 3, 18), "1"),
        ("519999201202290131", "519999201202290131", date(2012, 2, 29), "1"),
        ("519999194007313083", "519999194007313083", date(1940, 7, 31), "2"),
        ("519999530214101", "519999195302141012", date(1953, 2, 14), "1"),
        ("11010519491231002X", "11010519491231002X", date(1949, 12, 31), "2"),
        ("110105491231002", "11010519491231002X", date(1949, 12, 31), "2"),
        ("５１９９９９１９６２０３１８００７ｘ", "51999919620318007X", date(1962, 3, 18), "1"),
        (" '519999 19620318 007Х", "51999919620318007X", date(1962, 3, 18), "1"),
    ],
)
def test_right_numbers_are_read(raw, idno, birth, sex):
    read = read_idno(raw, on=ON)
    assert (read.ok, read.idno, read.birth, read.sex, read.region) == (True, idno, birth, sex, idno[:6])


def test_fifteen_digits_are_flagged_for_comparison():
    assert codes(read_idno("519999530214101", on=ON)) == ["old15"]
    assert read_idno(519999530214101.0, on=ON).idno == "519999195302141012"


def test_fifteen_digits_of_people_born_before_1900():
    assert read_idno("519999990101997", on=ON).birth == date(1899, 1, 1)


def test_sex_and_birth_of_the_list_are_compared():
    read = read_idno("519999194007313083", on=ON, sex="男", birth=date(1940, 7, 30))
    assert read.ok
    assert codes(read) == ["sex", "birth_differs"]
    assert "表中性别为男，身份证号为女" in read.issues[0].message


@pytest.mark.parametrize(
    ("first17", "birth", "sex"),
    [
        ("81000019800101001", date(1980, 1, 1), "1"),  # residence permits: Hong Kong,
        ("82000019800101002", date(1980, 1, 1), "2"),  # Macao,
        ("83000019800101003", date(1980, 1, 1), "1"),  # Taiwan
        ("93112319900101001", date(1990, 1, 1), "1"),  # a foreigner's permanent residence card: 9, place, country
    ],
)
def test_residence_permits_and_foreigners_cards_are_numbers_like_others(first17, birth, sex):
    number = first17 + check_digit(first17)
    read = read_idno(number, on=ON)
    assert (read.ok, read.idno, read.birth, read.sex, read.region) == (True, number, birth, sex, number[:6])
    assert idno_ok_many([number, first17 + ("0" if number[17] != "0" else "1")]).tolist() == [True, False]


@pytest.mark.parametrize(("raw", "expected"), [("519999195302141013", "2"), ("110105194912310021", "X")])
def test_wrong_check_digit_names_the_right_one(raw, expected):
    read = read_idno(raw, on=ON)
    assert (read.ok, read.idno, codes(read)) == (False, raw, ["check_digit"])
    assert f"末位校验码应为 {expected}" in read.issues[0].message


def test_a_number_rounded_by_the_spreadsheet_is_never_guessed():
    read = read_idno("519999195302141000", on=ON, name="张三")
    assert (read.ok, read.idno, read.sex, codes(read)) == (False, None, None, ["rounded"])
    assert read.issues[0].proposal == "519999195302141"
    assert "末三位变成了 000" in read.issues[0].message
    assert "按张三的身份证原件重填" in read.issues[0].message


@pytest.mark.parametrize("raw", ["5.19999E+17", "1.10105E+17", 5.19999195302141e17, "４.４E+17"])
def test_scientific_notation_asks_for_a_text_column(raw):
    read = read_idno(raw, on=ON)
    assert (read.ok, read.idno, codes(read)) == (False, None, ["scientific"])
    assert "设为“文本”格式" in read.issues[0].message


def test_a_right_number_ending_in_000_is_only_doubted():
    first = next(
        f"5199991953021{n:04}" for n in range(1000, 9999) if check_digit(f"5199991953021{n:04}") == "0" and n % 100 == 0
    )
    assert codes(read_idno(first + "0", on=ON)) == ["maybe_rounded"]


def test_a_birth_in_1880_is_implausible_but_the_number_is_right():
    read = read_idno("440524188001010014", on=ON)
    assert (read.ok, read.birth, codes(read)) == (True, date(1880, 1, 1), ["implausible"])


def test_birth_must_exist_and_not_be_in_the_future():
    for born, words in (("20210230", "不是真实的日期"), ("20210101", "晚于 2020-12-31")):
        first = f"519999{born}001"
        read = read_idno(first + check_digit(first), on=ON)
        assert (read.ok, read.birth, codes(read)) == (False, None, ["birth"])
        assert words in read.issues[0].message


def test_letters_in_place_of_digits_are_proposed_only_when_the_check_holds():
    read = read_idno("5I9999I953O2I4IOI2", on=ON)
    assert (read.ok, codes(read), read.issues[0].proposal) == (False, ["letters"], "519999195302141012")
    assert codes(read_idno("5I9999I953O2I4IOI3", on=ON)) == ["characters"]
    assert codes(read_idno("51999919530214101", on=ON)) == ["length"]


def test_blank_says_nothing():
    for raw in (None, "", "　", "/", "无"):
        read = read_idno(raw, on=ON)
        assert (read.ok, read.idno, read.issues) == (False, None, [])


def test_check_digit_refuses_what_is_not_17_digits():
    with pytest.raises(ValueError, match="17 位数字"):
        check_digit("5199991953021410")


def test_many_numbers_at_once():
    column = [
        "519999195302141012",
        None,
        "51999919620318007X",
        "519999195302141013",
        "519999530214101",
        "",
        "5199991953021410一",
    ]
    assert idno_ok_many(column).tolist() == [True, False, True, False, False, False, False]
    assert idno_ok_many(pa.array(column)[2:4]).tolist() == [True, False]
    assert idno_ok_many([]).tolist() == []
    derived = idno_columns(["519999194007313083", "x"])
    assert derived.birth.tolist() == [date(1940, 7, 31), None]
    assert derived.sex.tolist() == [2, 0]


def test_many_numbers_know_the_day():
    first = "51999920210101001"
    number = first + check_digit(first)
    assert idno_ok_many([number]).tolist() == [True]
    assert idno_ok_many([number], on=ON).tolist() == [False]


@st.composite
def like_numbers(draw):
    """18 characters: any day from year 0 to 9999, real or not, and in half of them the right check digit."""
    region, year = draw(st.integers(0, 999_999)), draw(st.sampled_from([0, 1, 1899, 1900, 2000, 2020, 2021, 9999]))
    first17 = f"{region:06}{year:04}{draw(st.integers(0, 1300)):04}{draw(st.integers(0, 999)):03}"
    return first17 + (check_digit(first17) if draw(st.booleans()) else draw(st.sampled_from("0123456789Xx")))


def many_as_one(values):
    for value, ok in zip(values, idno_ok_many(values, on=ON).tolist(), strict=True):
        read = read_idno(value, on=ON)
        assert ok == (read.ok and read.idno == value), value


@given(st.lists(like_numbers() | st.text(max_size=20), max_size=12))
def test_one_and_many_agree(values):
    many_as_one(values)


def test_one_and_many_agree_on_every_day_and_every_check_digit():
    firsts = [f"519999{year:04}{day:04}{day % 1000:03}" for year in (0, 1900, 2000, 2019, 2020) for day in range(1330)]
    many_as_one([first + check_digit(first) for first in firsts])
    many_as_one([f"51999919530214101{digit}" for digit in "0123456789Xx"])


def test_many_take_no_letter_at_any_place():
    number = "519999195302141012"
    for mark in "X/:A ":
        spoilt = [number[:at] + mark + number[at + 1 :] for at in range(18)]
        assert idno_ok_many([*spoilt, number]).tolist() == [False] * 18 + [True]


def test_many_blocks_and_their_columns():
    right, wrong = "519999194007313083", "519999194007313084"
    column = pa.array([right, None, wrong, "x"] * 5000)
    derived = idno_columns(column)
    assert derived.ok.tolist() == idno_ok_many(column).tolist() == [True, False, False, False] * 5000
    assert set(derived.birth.tolist()) == {date(1940, 7, 31), None}
    assert derived.sex.tolist() == [2, 0, 0, 0] * 5000
