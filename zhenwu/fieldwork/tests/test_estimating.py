"""Wilson with the finite population correction: the worked examples, the edges, and how often it is right."""

from decimal import Decimal
from math import comb

import pytest

from zhenwu.fieldwork.estimating import estimate, interval


@pytest.mark.parametrize(
    ("wrong", "checked", "whole", "expected"),
    [
        (61, 70, 100_000, ("87.1", "77.3", "93.1")),  # governance HR-11
        (0, 20, 100_000, ("0.0", "0.0", "16.1")),
        (3, 50, 50, ("6.0", "6.0", "6.0")),
        (20, 20, 100_000, ("100.0", "83.9", "100.0")),
    ],
)
def test_worked_examples(wrong, checked, whole, expected):
    found = estimate(wrong, checked, whole)
    assert (found.rate, found.low, found.high) == tuple(map(Decimal, expected))


def test_nothing_checked_says_nothing():
    assert estimate(0, 0, 100).rate is None
    assert estimate(0, 0, 100).text == "还没有核查结果"


def test_a_large_share_of_the_ledger_tells_more():
    small, large = interval(5, 50, 100_000), interval(5, 50, 100)
    assert large[1] - large[0] < 0.75 * (small[1] - small[0])
    assert large[0] >= 0.05  # five of the hundred were seen to be wrong
    assert large[1] <= 0.55  # and 45 to be right


@pytest.mark.parametrize("bad", [(-1, 5, 10), (6, 5, 10), (5, 11, 10)])
def test_impossible_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="cannot be"):
        estimate(*bad)


@pytest.mark.parametrize(("whole", "checked"), [(60, 20), (200, 20), (200, 50), (1000, 50)])
def test_it_covers_the_truth_about_nineteen_times_in_twenty(whole, checked):
    """Exact coverage under the hypergeometric distribution, averaged over truths from none wrong to three in ten."""
    total, count = 0.0, 0
    for bad in range(int(whole * 0.3) + 1):
        covered = 0.0
        for wrong in range(max(0, checked - (whole - bad)), min(checked, bad) + 1):
            low, high = interval(wrong, checked, whole)
            if low - 1e-12 <= bad / whole <= high + 1e-12:
                covered += comb(bad, wrong) * comb(whole - bad, checked - wrong) / comb(whole, checked)
        assert covered > 0.80, (bad, covered)
        total, count = total + covered, count + 1
    assert 0.93 <= total / count <= 0.99
