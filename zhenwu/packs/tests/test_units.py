"""Numbers with units: typed in the cell, in the header, above the table; what is of another kind is refused with words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.ledgers.entry import FormContext
from zhenwu.lib.units import UNITS, UnknownUnit, factor
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldProblem, field_type


def read(kind: str, said, header: str = "", unit: str = ""):
    context = FormContext(date(2020, 6, 1))
    context.header_unit = header
    spec = FieldSpec(id=1, code="x", label="数", type=kind, unit=unit)
    return field_type(spec).parse(said, context)


@pytest.mark.parametrize(
    ("kind", "unit", "said", "value"),
    [
        ("money", "", "3.2万元", "32000.00"), ("money", "", "1.5亿", "150000000.00"), ("money", "", "3千元", "3000.00"),
        ("money", "", "￥1,200.50", "1200.50"), ("money", "", "12角", "1.20"), ("money", "", "百万元", None),
        ("area_mu", "", "15公顷", "225.0000"), ("area_mu", "", "2000平方米", "3.0000"), ("area_mu", "", "1.2万亩", "12000.0000"),
        ("area_mu", "", "5分", "0.5000"), ("area_mu", "", "0.5平方公里", "750.0000"), ("area_mu", "", "3公亩", "0.4500"),
        ("length_km", "", "1200米", "1.200"), ("length_km", "", "3千米", "3.000"), ("length_km", "", "4里", "2.000"),
        ("decimal", "公斤", "30斤", "15.0000"), ("decimal", "公斤", "1.5吨", "1500.0000"), ("decimal", "吨", "3万斤", "15.0000"),
        ("decimal", "公顷", "30亩", "2.0000"), ("decimal", "米", "1.5公里", "1500.0000"), ("decimal", "立方米", "2万方", "20000.0000"),
        ("integer", "人", "1.2万人", "12000"), ("integer", "人", "350人", "350"), ("integer", "户", "2千户", "2000"),
        ("percent", "", "85%", "85.00"), ("percent", "", "5‰", "0.50"),
    ],
)  # fmt: skip
def test_a_typed_value_may_carry_its_unit(kind, unit, said, value):
    if value is None:
        with pytest.raises(FieldProblem):
            read(kind, said, unit=unit)
    else:
        assert read(kind, said, unit=unit) == Decimal(value)


@pytest.mark.parametrize(
    ("kind", "unit", "said"),
    [
        ("money", "", "30亩"), ("money", "", "3公斤"), ("area_mu", "", "3万元"), ("area_mu", "", "3公里"), ("length_km", "", "3亩"),
        ("decimal", "公斤", "3公里"), ("integer", "人", "30户"), ("integer", "人", "1.23456万人"), ("percent", "", "3元"),
    ],
)  # fmt: skip
def test_a_unit_of_another_kind_is_refused_with_words(kind, unit, said):
    with pytest.raises(FieldProblem, match=rf"“数”填的是“{said}”"):
        read(kind, said, unit=unit)


@pytest.mark.parametrize(
    ("kind", "unit", "header", "said", "value"),
    [
        ("money", "", "万元", 3.2, "32000"), ("money", "", "亿元", "0.5", "50000000"), ("money", "", "亩", 3.2, "3.2"),
        ("area_mu", "", "公顷", 2, "30"), ("area_mu", "", "万元", 2.5, "2.5"), ("length_km", "", "米", 350.0, "0.35"),
        ("integer", "人", "万人", 1.2, "12000"), ("integer", "人", "万人", 3.0, "30000"), ("integer", "", "万元", 3.0, "3"),
        ("decimal", "公斤", "万斤", 2.0, "10000"),
    ],
)  # fmt: skip
def test_the_unit_of_the_header_is_honoured_where_it_fits(kind, unit, header, said, value):
    assert read(kind, said, header, unit) == Decimal(value)


def test_a_cell_that_contradicts_its_header_is_refused():
    with pytest.raises(FieldProblem, match="与表头单位不一致"):
        read("money", "3亿元", "万元")
    assert read("money", "3万元", "万元") == 30000


@given(
    st.sampled_from([(one, other) for units in UNITS.values() for one in units for other in units]),
    st.decimals(0, 10**6, places=3),
)
def test_there_and_back_is_the_same(pair, number):
    there, back = factor(*pair), factor(*reversed(pair))
    assert abs(number * there * back - number) <= abs(number) * Decimal("1e-20")


def test_what_measures_something_else_is_never_converted():
    for dimension, units in UNITS.items():
        for other, others in UNITS.items():
            if dimension != other and not set(units) & set(others):
                with pytest.raises(UnknownUnit):
                    factor(next(iter(units)), next(iter(others)))
