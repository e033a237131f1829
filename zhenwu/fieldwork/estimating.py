"""What a sample says of the whole: an error rate with its 95 % interval (docs/developer/spot-checks.md has a worked table).

Wilson's interval for the share of wrong rows. Where the sample is more than a twentieth of the ledger the sample size counts for
more (finite population correction): n is replaced by n·(N−1)÷(N−n). Of a ledger that was looked at as a whole there is
nothing left to estimate.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

_Z = 1.959963984540054  # of 95 %
_LARGE = 20  # a twentieth


@dataclass(frozen=True, slots=True)
class Estimate:
    """Percent with one decimal, half up. `rate`, `low`, `high` are None of nothing."""

    checked: int
    wrong: int
    whole: int
    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None

    @property
    def text(self) -> str:
        if self.rate is None:
            return "还没有核查结果"
        if self.checked >= self.whole:
            return f"差错率{self.rate}%（{self.whole}行全部核查）"
        return f"差错率{self.rate}%（95%区间{self.low}%–{self.high}%，核查{self.checked}行）"


def estimate(wrong: int, checked: int, whole: int) -> Estimate:
    """Raises ValueError where the numbers cannot be: more wrong than checked, more checked than there are."""
    if not 0 <= wrong <= checked <= whole:
        raise ValueError(f"{wrong} wrong of {checked} checked of {whole} cannot be")
    if not checked:
        return Estimate(checked, wrong, whole, None, None, None)
    low, high = interval(wrong, checked, whole)
    return Estimate(checked, wrong, whole, _percent(wrong / checked), _percent(low), _percent(high))


def interval(wrong: int, checked: int, whole: int) -> tuple[float, float]:
    """The share of wrong rows of the whole, from and to."""
    share = wrong / checked
    if checked == whole:
        return share, share
    n = float(checked)
    if checked * _LARGE > whole:
        n = checked * (whole - 1) / (whole - checked)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # no fewer are wrong than were seen to be, and no more than all that was not seen to be right
    return max(middle - half, wrong / whole, 0.0), min(middle + half, 1 - (checked - wrong) / whole)


def _percent(share: float) -> Decimal:
    return Decimal(str(100 * share)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
