"""HR11 and HR-16: every worked example."""

from fractions import Fraction

import pytest

from zhenwu.lib.voting import Form, Outcome, Rule, Threshold, assembly_vote, may_demand_a_meeting

YES, NO_QUORUM, NOT_PASSED = Outcome(True, True), Outcome(False, False), Outcome(True, False)


@pytest.mark.parametrize(
    ("form", "entitled", "present", "yes", "outcome"),
    [
        ("assembly", 986, 494, 260, YES), ("assembly", 986, 493, 480, NO_QUORUM), ("household", 305, 204, 150, YES),
        ("household", 305, 203, 203, NO_QUORUM), ("assembly", 412, 300, 150, NOT_PASSED),
        ("assembly", 900, 451, 226, YES), ("assembly", 900, 450, 450, NO_QUORUM), ("household", 310, 207, 104, YES),
        ("household", 310, 207, 103, NOT_PASSED), ("household", 310, 206, 206, NO_QUORUM),
        ("representative", 42, 28, 15, YES), ("representative", 42, 28, 14, NOT_PASSED),
        ("representative", 42, 27, 27, NO_QUORUM), ("group_assembly", 120, 80, 41, YES),
        ("group_assembly", 120, 79, 79, NO_QUORUM), ("group_household", 30, 20, 10, NOT_PASSED),
        ("assembly", 0, 0, 0, NO_QUORUM),
    ],
)  # fmt: skip
def test_quorum_and_majority(form, entitled, present, yes, outcome):
    assert assembly_vote(form, entitled, present, yes) == outcome


def test_a_fifth_of_the_representatives_can_demand_a_meeting():
    assert may_demand_a_meeting(8, 38)
    assert not may_demand_a_meeting(7, 38)


def test_another_rule_of_a_day_or_a_place():
    rule = Rule(Threshold.read(">=3/4"), Threshold.read(">1/2"))
    assert assembly_vote("household", 100, 75, 38, rule) == YES
    assert assembly_vote("household", 100, 74, 74, rule) == NO_QUORUM


def test_a_threshold_as_a_parameter_says_it():
    assert Threshold.read("≥2/3") == Threshold(Fraction(2, 3), False)
    assert [Threshold.read(">1/2").least(of) for of in (985, 986)] == [493, 494]
    assert [Threshold.read(">=2/3").least(of) for of in (305, 306)] == [204, 204]
    for wrong in ("1/2", ">3/2", ">1/0", "半数"):
        with pytest.raises(ValueError, match="不是比例"):
            Threshold.read(wrong)


def test_every_form_has_a_rule():
    assert {assembly_vote(form, 3, 3, 3) for form in Form} == {YES}
