"""A column is judged by the values that tell of all others: whatever stands in it, nothing wrong slips through."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.types import FieldType, field_type
from zhenwu.packs.types.base import FieldType as Base
from zhenwu.packs.types.sealed import SEALED


def kind(name: str, **more) -> FieldType:
    return field_type(FieldSpec(id=1, code="x", label="甲", type=name, **more))


numbers = st.decimals(-(10**12), 10**12, places=2)
words = st.text("甲乙AB1 ", max_size=14)
RULED = {
    "spanned": (kind("decimal", min=0, max=100), numbers),
    "from": (kind("money", min=0), numbers),
    "whole": (kind("integer", max=9), st.integers(-(10**16), 10**16)),
    "bounded by the type alone": (kind("percent"), st.decimals(-(10**14), 10**14, places=2)),
    "text": (kind("text", max_length=6), words),
    "pattern": (kind("text", max_length=10, pattern="[A-Z]+"), words),
    "sealed": (kind("text", max_length=6, privacy="S3", sealed=True), st.one_of(words, st.just(SEALED))),
    "longtext": (kind("longtext"), st.text("甲", min_size=3990, max_size=4010)),
    "uscc": (kind("uscc"), st.sampled_from(["91510100MA61RAJC0X", "91350100M000100Y43", "12", "x" * 18])),
    "choice": (kind("choice", options=("甲", "乙")), words),
    "multichoice": (kind("multichoice", options=("甲", "乙")), st.lists(words, max_size=3)),
}


@pytest.mark.parametrize("name", RULED)
def test_what_breaks_the_rule_is_told_by_the_telling_values(name):
    field, values = RULED[name]

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
    @given(st.lists(values, max_size=8))
    def holds(column):
        told = any(map(field.problem_with, field.telling(column)))
        assert told == any(map(field.problem_with, column))

    holds()


def test_every_type_with_a_rule_of_its_own_is_among_them():
    def below(one):
        return {one}.union(*map(below, one.__subclasses__()))

    ruled = {
        one
        for one in below(Base)
        if "problem_with" in vars(one) and one is not Base and one.__module__.startswith("zhenwu")
    }
    assert ruled == {
        next(base for base in type(field).__mro__ if "problem_with" in vars(base)) for field, _ in RULED.values()
    }


def test_a_value_stays_exact_to_its_places():
    area = kind("area_mu")
    for said in ("1.5", "1.50000", "-0", "0.00005", "26.0122"):
        assert area.canonical(Decimal(said)) == str(Decimal(said).quantize(Decimal("0.0001"), "ROUND_HALF_UP"))
        assert area.to_columns(Decimal(said)) == {"x": Decimal(area.canonical(Decimal(said)))}
    assert area.to_columns(None) == {"x": None}
