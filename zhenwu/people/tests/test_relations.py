"""Relations under another head: what kinship settles is proposed, the rest is left to a person."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from zhenwu.packs.reader import shipped_folder
from zhenwu.people.relations import FEMALE, MALE, Kin, fits_sex, proposed

OLD = Kin("02", "1", date(1950, 1, 1))
WIFE = Kin("12", "2", date(1952, 1, 1))
SON = Kin("22", "1", date(1975, 1, 1))
SECOND = Kin("23", "1", date(1978, 1, 1))
DAUGHTER = Kin("30", "2", date(1980, 1, 1))
WIFE_OF_SON = Kin("38", "2", date(1977, 1, 1))
GRANDSON = Kin("41", "1", date(2000, 1, 1))
MOTHER = Kin("52", "2", date(1930, 1, 1))
BROTHER = Kin("73", "1", date(1955, 1, 1))


def table(head: Kin, *others: Kin) -> list[str | None]:
    everyone = [OLD, head, *others] if head is not OLD else [OLD, *others]
    return [proposed(one, head, everyone) for one in everyone]


@pytest.mark.parametrize(
    ("head", "others", "codes"),
    [
        # the only son becomes head: the domain's own example, the old spouse turns into 52 母
        (SON, (WIFE, WIFE_OF_SON, GRANDSON, MOTHER, BROTHER), ["51", "02", "52", "12", "20", "62", "83"]),
        # one of two sons: whose wife and whose child these are, kinship alone does not say
        (SON, (WIFE, SECOND, DAUGHTER, WIFE_OF_SON, GRANDSON), ["51", "02", "52", "73", "77", None, None]),
        (WIFE, (SON, WIFE_OF_SON, GRANDSON, MOTHER, BROTHER), ["11", "02", "22", "38", "41", "54", "97"]),
        (MOTHER, (WIFE, SON, GRANDSON, BROTHER), ["20", "02", "38", "41", "47", "20"]),
        (BROTHER, (WIFE, SON, DAUGHTER, MOTHER), ["71", "02", "72", "93", "94", "52"]),
        (WIFE_OF_SON, (WIFE, SON, GRANDSON), ["53", "02", "54", "11", "20"]),
        (GRANDSON, (WIFE, SON), ["61", "02", "62", None]),
    ],
)  # fmt: skip
def test_the_table_under_a_new_head(head, others, codes):
    assert table(head, *others) == codes


def test_what_is_not_known_is_not_guessed():
    assert proposed(Kin("02"), SON, [Kin("02"), SON]) is None  # the old head's sex is unknown
    twin = Kin("23", "1", SON.birth)
    assert proposed(twin, SON, [OLD, SON, twin]) is None  # 兄 or 弟


def test_the_pack_has_the_whole_table_of_the_standard_and_the_words_of_rosters():
    pack = tomllib.loads((Path(shipped_folder()) / "population" / "household_member.toml").read_text(encoding="utf-8"))
    options = next(one for one in pack["field"] if one["code"] == "rel")["options"]
    codes = [one["value"] for one in options]
    two_digits = {f"{number:02}" for number in range(1, 100)} - {
        f"{number:02}" for number in (*range(3, 10), *range(13, 20))
    }
    assert set(codes) == two_digits - {"98"}
    said = {word: one["value"] for one in options for word in (one["label"], *one.get("aliases", ()))}
    words = {
        "之子": "20",
        "长子": "22",
        "儿子": "20",
        "子": "20",
        "孙": "40",
        "儿媳妇": "38",
        "之妻": "12",
        "之女": "30",
        "母": "52",
    }
    assert {word: said[word] for word in words} == words
    assert sum(len({one["label"], *one.get("aliases", ())}) for one in options) == len(said)  # no word means two codes


def test_no_code_is_for_both_sexes_and_an_unknown_sex_fits_all():
    assert not MALE & FEMALE
    assert (fits_sex("52", "1"), fits_sex("52", "2"), fits_sex("52", None), fits_sex("97", "1")) == (
        False,
        True,
        True,
        True,
    )
