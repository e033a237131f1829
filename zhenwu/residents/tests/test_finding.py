"""The picker finds people as they are spoken of, under the person's rights."""

from datetime import date

import pytest

from zhenwu.ledgers import lookups


@pytest.fixture
def village(person, family, places):
    head = person("单雄信", birth=date(1953, 2, 14), idno="519999195302141012", idno_kind="ok")
    wife = person("张三丰", "2", birth=date(1955, 1, 1))
    home = family((head, "02"), (wife, "12"), hno="0031")
    person("张三", birth=date(1990, 1, 1), place=places["河口村"])
    return head, wife, home


def found(kind, q, user):
    return [one.text for one in lookups.find(kind, q, user)[0]]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("张三", ["张三", "张三丰"]), ("三丰", ["张三丰"]), ("sxx", ["单雄信"]), ("ZS", ["张三", "张三丰"]), ("zsf", ["张三丰"]),
        ("1012", ["单雄信"]), ("户主单雄信", ["单雄信", "张三丰"]), ("单雄信户", ["单雄信", "张三丰"]), ("单雄信", ["单雄信", "张三丰"]),
        ("王五", []), ("9999", []),
    ],
)  # fmt: skip
def test_a_person_by_name_initials_head_and_last_four(village, lin, q, names):
    assert found("person", q, lin) == names


def test_what_tells_persons_apart_is_shown_without_numbers(village, lin):
    option = lookups.find("person", "张三丰", lin)[0][0]
    assert option.detail.startswith("户主单雄信　青山村一组　1955年生　RK-")


@pytest.mark.parametrize("q", ["单雄信", "sxx", "0031", "1012"])
def test_a_household_by_its_head_or_number(village, lin, q):
    assert found("household", q, lin) == ["单雄信"]


def test_others_villages_are_not_found(village, wu):
    assert found("person", "sxx", wu) == []
    assert found("person", "1012", wu) == []
    assert found("person", "户主单雄信", wu) == []
    assert found("household", "sxx", wu) == []
    assert found("person", "zs", wu) == ["张三"]
