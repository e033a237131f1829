from decimal import Decimal

import pytest

from zhenwu.lib.columns import by_value, distinct, mapped, reported, types_in


@pytest.mark.parametrize("work_out", [mapped, by_value])
@pytest.mark.parametrize("times", [1, 3, 4000])
def test_equal_values_of_different_kinds_are_told_apart(work_out, times):
    column = [1, True, 1.0, Decimal("1.00"), None] * times
    assert work_out(column, repr) == ["1", "True", "1.0", "Decimal('1.00')", None] * times
    assert work_out(column, repr, "null")[-1] == "null"


def test_objects_are_told_apart_not_values():
    column = [Decimal("-0.00"), Decimal("0.00"), None, [1], [1]] * 2
    assert mapped(column, repr) == [None if value is None else repr(value) for value in column]


@pytest.mark.parametrize("count", [1, 5000, 12_345])
def test_a_column_of_single_values_keeps_its_order(count):
    numbers = list(range(count))
    assert mapped(numbers, str) == by_value(numbers, str) == list(map(str, numbers))


def test_what_stands_in_many_rows_is_worked_out_once():
    crop, asked = "茶叶" * 3, []
    mapped([crop, None, crop, crop], asked.append)
    by_value([crop, None, "茶叶" * 3, crop], asked.append)
    assert asked == [crop, crop]
    assert list(distinct([crop, None, crop])) == [crop]


def test_what_is_reported():
    assert reported([0, None, ""]) == [0, ""]
    assert types_in([1, 2.0, None, 3]) == {int, float, type(None)}
