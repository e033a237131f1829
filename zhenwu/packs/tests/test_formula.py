"""Formulas of computed fields: what they say, what they refuse, and that the mart holds what the pages show."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.packs.builder import types_of
from zhenwu.packs.formula import FormulaError, read_formula
from zhenwu.packs.reader import read_packs_with_problems
from zhenwu.packs.tests.conftest import pack, text

KINDS = {"a": "number", "b": "number", "on": "date", "due": "date", "kind": "text", "ok": "bool"}
ROW = {"a": Decimal("10"), "b": 3, "on": date(2020, 3, 1), "due": date(2020, 2, 1), "kind": "水田", "ok": True}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("a - b * 2", "4"),
        ("a / b", "3.3333"),
        ("a / (b - 3)", None),
        ("a + missing_b", "unknown name"),
        ("-a + 0.1", "-9.9"),
        ("on - due", "29"),
        ("days(due, on)", "-29"),
        ("max(on, due)", date(2020, 3, 1)),
        ("min(a, b, 2.5)", "2.5"),
        ("a * 500 if kind == '水田' else None", "5000"),
        ("'超支' if a > b and not ok else '正常'", "正常"),
        ("ok or a < b", True),
        ("round(a / b, 2)", "3.33"),
        ("abs(b - a)", "7"),
        ("on <= due", False),
    ],
)
def test_what_a_formula_says(formula, value):
    if value == "unknown name":
        with pytest.raises(FormulaError, match="names missing_b"):
            read_formula(formula, KINDS)
        return
    found = read_formula(formula, KINDS).value(ROW)
    assert found == (Decimal(value) if isinstance(value, str) and value not in ("正常",) else value)


@pytest.mark.parametrize(
    ("formula", "value"),
    [("a + b", None), ("coalesce(a, 0) + b", "3"), ("1 if a > 0 else 2", "2"), ("ok or a > 0", True),
     ("ok and a > 0", None), ("max(a, b)", None), ("coalesce(a)", None)],
)  # fmt: skip
def test_what_is_unknown_stays_unknown(formula, value):
    found = read_formula(formula, KINDS).value(ROW | {"a": None})
    assert found == (Decimal(value) if isinstance(value, str) else value)


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('ls')", "a.real", "a[0]", "lambda: 1", "[a for a in b]", "f'{a}'", "a ** b ** b", "a := 1",
        "a < b < 3", "a + kind", "on + 1", "kind > 'a'", "a if b else 1", "coalesce(a, kind)", "min(a)", "days(a, b)",
        "round(a, b)", "open('x')", "a if ok else kind", "", "a +", "None", "a" + " + a" * 300, "1e999", "a and b", "(" * 300,
    ],
)  # fmt: skip
def test_what_a_formula_refuses(formula):
    with pytest.raises(FormulaError):
        read_formula(formula, KINDS)


@given(st.text(max_size=60))
def test_no_text_does_harm(said):
    with suppress(FormulaError):
        read_formula(said, KINDS)


def computed(number: int, code: str, formula: str, **more: object) -> str:
    return text(number, code, type='"computed"', formula=f'"{formula}"', **more)


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ([computed(2, "rest", "total - paid")], "names paid"),
        ([computed(2, "x", "y + 1"), computed(3, "y", "x + 1")], "circle"),
        ([computed(2, "x", "x + 1")], "circle"),
        ([text(2, "ill", type='"integer"', privacy='"S3"'), computed(3, "x", "ill + 1")], 'Set privacy = "S3"'),
        ([text(2, "tel", type='"phone"', privacy='"S2"'), computed(3, "x", "tel == '1'")], "names tel"),
        ([text(2, "x", type='"computed"')], "needs a formula"),
        ([text(2, "x", formula='"1"')], "has no formula"),
    ],
)
def test_the_reader_says_what_is_wrong_with_a_formula(write, fields, cause):
    fields = [text(1, "total", type='"money"'), *fields]
    _, problems = read_packs_with_problems([write(trial=pack("trial", *fields))])
    assert any(cause in str(one) for one in problems), problems


def test_formulas_that_name_each_other_are_read_in_their_order(write):
    fields = [computed(1, "twice", "more * 2"), computed(2, "more", "base + 1"), text(3, "base", type='"integer"')]
    packs, problems = read_packs_with_problems([write(trial=pack("trial", *fields))])
    assert not problems
    assert types_of(packs.packs["trial"])["twice"].value({"base": 4}) == 10
