from decimal import Decimal

from zhenwu.lib.columns import distinct, mapped


def test_equal_values_of_different_kinds_are_told_apart():
    column = [1, True, 1.0, Decimal("1.00"), Decimal("-0.00"), Decimal("0.00"), None, [1], [1]]
    assert mapped(column, repr) == [None if value is None else repr(value) for value in column]


def test_what_stands_in_many_rows_is_worked_out_once():
    crop, asked = "茶叶" * 3, []
    mapped([crop, None, crop, crop], asked.append)
    assert asked == [crop]
    assert list(distinct([crop, None, crop])) == [crop]
