import pytest

from zhenwu.lib.masking import Level, mask_account, mask_idno, mask_name, mask_phone, suppress_small

IDNO, PHONE, ACCOUNT = "519999195302141012", "13800001234", "6217000012345678901"


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (Level.FULL, ("欧阳明", IDNO, PHONE, ACCOUNT)),
        (Level.LISTS, ("欧阳明", "519999********1012", "138****1234", "****8901")),
        (Level.PRINTS, ("欧*明", "5" + "*" * 16 + "2", None, None)),
        (Level.NONE, (None, None, None, None)),
    ],
)
def test_what_each_level_shows(level, shown):
    made = (mask_name("欧阳明", level), mask_idno(IDNO, level), mask_phone(PHONE, level), mask_account(ACCOUNT, level))
    assert made == shown


def test_short_values_are_hidden_whole():
    assert mask_name("张三", Level.PRINTS) == "张*"
    assert mask_name("张", Level.PRINTS) == "*"
    assert mask_idno("1234", Level.LISTS) == "****"
    assert mask_account("1234", Level.LISTS) == "****"


def test_small_cells_and_the_one_that_would_give_them_away():
    assert suppress_small([12, 3, 7, 9], 5) == ["12", "<5", "<10", "9"]
    assert suppress_small([12, 3, 2, 9], 5) == ["12", "<5", "<5", "9"]
    assert suppress_small([12, 0, None, 9], 5) == ["12", "0", "—", "9"]
    assert suppress_small([3, 0], 5) == ["<5", "0"]
