"""Whether a meeting may decide and did: 村民委员会组织法 articles 22, 26 and 28. Knows no township; a rule may be given.

村民会议: more than half of the adults, or representatives of two thirds of the households; passed by more than half of those
present. 村民代表会议: two thirds of the members. 村民小组会议: two thirds of the adults or of the households.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Form(StrEnum):
    ASSEMBLY = "assembly"
    HOUSEHOLD = "household"
    REPRESENTATIVE = "representative"
    GROUP_ASSEMBLY = "group_assembly"
    GROUP_HOUSEHOLD = "group_household"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A part of a number that must be reached, or (`above`) exceeded."""

    part: Fraction
    above: bool

    @classmethod
    def read(cls, text: str) -> "Threshold":
        """`>1/2` or `>=2/3`, as a parameter says it. Raises ValueError."""
        match = re.fullmatch(r"\s*(>=?|≥)\s*(\d+)\s*/\s*([1-9]\d*)\s*", text)
        if not match or int(match[2]) > int(match[3]):
            raise ValueError(f"“{text}”不是比例，应写成 >1/2 或 >=2/3。")
        return cls(Fraction(int(match[2]), int(match[3])), match[1] == ">")

    def is_met(self, count: int, of: int) -> bool:
        return count > of * self.part if self.above else count >= of * self.part

    def least(self, of: int) -> int:
        """The smallest count that meets it."""
        exact = of * self.part
        whole = -(-exact.numerator // exact.denominator)
        return whole + 1 if self.above and whole == exact else whole

    def __str__(self) -> str:
        words = f"{self.part.denominator}分之{self.part.numerator}"
        words = {"2分之1": "半数", "3分之2": "三分之二"}.get(words, words)
        return f"过{words}" if self.above else f"达到{words}"


@dataclass(frozen=True, slots=True)
class Rule:
    quorum: Threshold
    majority: Threshold


_HALF, _TWO_THIRDS = Threshold(Fraction(1, 2), True), Threshold(Fraction(2, 3), False)
STATUTE = {
    Form.ASSEMBLY: Rule(_HALF, _HALF),
    Form.HOUSEHOLD: Rule(_TWO_THIRDS, _HALF),
    Form.REPRESENTATIVE: Rule(_TWO_THIRDS, _HALF),
    Form.GROUP_ASSEMBLY: Rule(_TWO_THIRDS, _HALF),
    Form.GROUP_HOUSEHOLD: Rule(_TWO_THIRDS, _HALF),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    quorum: bool
    passed: bool  # false without a quorum


def assembly_vote(form: str, entitled: int, present: int, yes: int, rule: Rule | None = None) -> Outcome:
    """HR11, HR-16. `entitled`: adults, members or households by the form. `rule`: another than the statute's."""
    rule = rule or STATUTE[Form(form)]
    quorum = entitled > 0 and rule.quorum.is_met(present, entitled)
    return Outcome(quorum, quorum and rule.majority.is_met(yes, present))


def may_demand_a_meeting(askers: int, representatives: int) -> bool:
    """A fifth of the representatives can have their meeting called (article 26)."""
    return askers * 5 >= representatives > 0
