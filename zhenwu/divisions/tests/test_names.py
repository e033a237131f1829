"""Which place a written name means: never the first of several, never by guess."""

from datetime import date

import pytest

from zhenwu.divisions.actions import merge
from zhenwu.divisions.codes import own_digits
from zhenwu.divisions.models import Division, Level
from zhenwu.divisions.names import Gazetteer

DAY = date(2020, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "青山村", "青山", "青山村委会", "青山村村民委员会", "青石镇青山村", "云岭县青石镇青山村", " 青 山 村 ", "青山　村",
        "519999100201", "５１９９９９１００２０１",
    ],
)  # fmt: skip
def test_a_village_is_found_by_what_rosters_call_it(places, text):
    assert Gazetteer().find(text, DAY) == ([places["青山村"].pk], "")


def test_an_unknown_name_is_answered_with_the_names_there_are(places):
    found, problem = Gazetteer().find("青水村", DAY)
    assert found == []
    assert problem == "找不到这个村（社区）。现有：河口村、青山村、青石社区、青石镇。"


def test_a_short_name_of_two_places_is_not_guessed(places):
    Division.objects.create(
        code="519999100209", name="青石村", level=Level.VILLAGE, parent=places["town"], valid_from=date(2000, 1, 1)
    )
    gazetteer = Gazetteer()
    assert gazetteer.find("青石", DAY) == ([], "有2个同名单位，请改填12位区划代码。")
    assert gazetteer.find("青石社区", DAY)[0] == [places["青石社区"].pk]


def test_a_name_means_the_place_that_has_it_on_the_day(places, lin):
    into = Division(code="519999100301", name="青山村")
    merge([places["青山村"], places["河口村"]], into=into, on=DAY, title="合村", approval="", by=lin)
    gazetteer = Gazetteer()
    assert gazetteer.find("青山村", date(2020, 6, 30))[0] == [places["青山村"].pk]
    assert gazetteer.find("青山村", DAY)[0] == [into.pk]


@pytest.mark.parametrize("text", ["河口村", "原河口村", "原河口"])
def test_a_former_name_means_what_the_place_has_become(places, lin, text):
    """HR4 example 7."""
    into = Division(code="519999100301", name="山河村")
    merge([places["青山村"], places["河口村"]], into=into, on=DAY, title="合村", approval="", by=lin)
    gazetteer = Gazetteer()
    assert gazetteer.find(text, date(2020, 4, 1)) == ([places["河口村"].pk], "")
    assert gazetteer.find(text, date(2021, 5, 1)) == ([into.pk], "")
    assert gazetteer.remark(text, into.pk, date(2021, 5, 1)) == f"“{text}”是山河村的旧名或别名，按山河村读取。"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", ""), ("510000000000", "51"), ("510000", "51"), ("519900000000", "5199"), ("511000000000", "5110"),
        ("519990000000", "519990"), ("519999", "519999"), ("519999100000", "519999100"), ("519999100", "519999100"),
        ("519999101000", "519999101"), ("519999100200", "519999100200"), ("51999910020001", "51999910020001"),
    ],
)  # fmt: skip
def test_the_zeros_of_a_towns_own_number_are_kept(code, said):
    assert own_digits(code) == said
