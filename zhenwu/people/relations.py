"""Relation to the head of the household, GB/T 4761-2008: the codes, whom they fit, and what they become under another head.

The two-digit codes stand in packs/population/household_member.toml with the words that rosters use; here is what code
must know of them. Nothing here decides: `proposed` gives a code only where kinship alone settles it, and a person
confirms each one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


def _codes(said: str) -> frozenset[str]:
    return frozenset(said.split())


HEAD, SELF = "02", "01"
HEADS = frozenset({SELF, HEAD})
SPOUSE = frozenset({"10", "11", "12"})
SONS = frozenset({"20", "21", "22", "23", "24", "25", "26", "27", "29"})
DAUGHTERS = frozenset({"30", "31", "32", "33", "34", "35", "36", "37", "39"})
CHILDREN = SONS | DAUGHTERS
CHILDREN_IN_LAW = frozenset({"28", "38"})
PARENTS = frozenset({"50", "51", "52", "57", "58", "59"})
PARENTS_IN_LAW = frozenset({"53", "54", "55", "56"})
SIBLINGS = frozenset({"70", "71", "73", "75", "77", "79"})
GRANDCHILDREN = frozenset({"40", "41", "42", "43", "44"})
OTHER_KIN = "97"
MALE = _codes("11 20 21 22 23 24 25 26 27 28 29 41 43 46 47 51 53 55 57 61 63 66 71 73 76 78 81 83 85 87 89 93 95")
FEMALE = _codes("12 30 31 32 33 34 35 36 37 38 39 42 44 45 48 52 54 56 58 62 64 67 72 74 75 77 82 84 86 88 90 94 96")


@dataclass(frozen=True)
class Kin:
    """One member: relation to the head so far, sex ("1" 男, "2" 女) and birth day, both possibly unknown."""

    rel: str
    sex: str | None = None
    birth: date | None = None

    @property
    def is_male(self) -> bool | None:
        known = {"1": True, "2": False}.get(self.sex or "")
        if known is None:
            return True if self.rel in MALE else False if self.rel in FEMALE else None
        return known


def fits_sex(rel: str, sex: str | None) -> bool:
    """Whether a code may stand beside a sex; an unknown sex fits everything."""
    return not ((sex == "2" and rel in MALE) or (sex == "1" and rel in FEMALE))


def proposed(member: Kin, head: Kin, others: Sequence[Kin]) -> str | None:
    """The code of a member under the new head, both given with their code under the old one; None where the papers must say.
    `others` are all members of the household, to tell an only child from one of several."""
    if member is head:
        return HEAD
    only_child = sum(one.rel in CHILDREN for one in others) == 1
    if head.rel in SPOUSE:
        return _under_spouse(member, head)
    if head.rel in CHILDREN:
        return _under_child(member, head, _old_head(others), only_child)
    if head.rel in PARENTS:
        return _under_parent(member, _old_head(others))
    if head.rel in SIBLINGS:
        return _under_sibling(member, head, _old_head(others))
    if head.rel in CHILDREN_IN_LAW:
        return _under_child_in_law(member, head, only_child)
    if head.rel in GRANDCHILDREN and (member.rel in HEADS or member.rel in SPOUSE):
        return _grandparent(member, head.rel)
    return None


def _old_head(others: Sequence[Kin]) -> Kin | None:
    return next((one for one in others if one.rel in HEADS), None)


def _by_sex(one: Kin, male: str, female: str) -> str | None:
    return None if one.is_male is None else male if one.is_male else female


def _grandparent(member: Kin, rel: str) -> str | None:
    if rel == "40":
        return None
    return _by_sex(member, "61", "62") if rel in ("41", "42") else _by_sex(member, "63", "64")


def _sibling(member: Kin, head: Kin) -> str | None:
    """兄 弟 姐 妹, by age."""
    if member.birth is None or head.birth is None or member.birth == head.birth:
        return None
    older = member.birth < head.birth
    return _by_sex(member, "71", "75") if older else _by_sex(member, "73", "77")


def _under_spouse(member: Kin, head: Kin) -> str | None:
    if member.rel in HEADS:
        return _by_sex(member, "11", "12")
    if member.rel in CHILDREN | CHILDREN_IN_LAW | GRANDCHILDREN:
        return member.rel
    if member.rel in ("51", "52"):  # the old head's parents are the new head's parents-in-law
        father, mother = ("55", "56") if head.is_male else ("53", "54")
        return None if head.is_male is None else father if member.rel == "51" else mother
    if member.rel in PARENTS_IN_LAW:
        return "51" if member.rel in ("53", "55") else "52"
    return OTHER_KIN if member.rel in SIBLINGS else None


def _under_child(member: Kin, head: Kin, was: Kin | None, only_child: bool) -> str | None:
    if member.rel in HEADS | SPOUSE:
        return _by_sex(member, "51", "52")
    if member.rel in CHILDREN:
        return _sibling(member, head)
    if member.rel in CHILDREN_IN_LAW:
        return _by_sex(member, "11", "12") if only_child else None
    if member.rel in GRANDCHILDREN:
        return _by_sex(member, "20", "30") if only_child else None
    if was is None or was.is_male is None:
        return None
    if member.rel in ("51", "52"):
        return {True: {"51": "61", "52": "62"}, False: {"51": "63", "52": "64"}}[was.is_male][member.rel]
    uncles = {
        True: {"71": "81", "73": "83", "75": "90", "77": "90"},
        False: {"71": "85", "73": "85", "75": "88", "77": "88"},
    }
    return uncles[was.is_male].get(member.rel)


def _under_parent(member: Kin, was: Kin | None) -> str | None:
    if member.rel in HEADS | SIBLINGS:
        return _by_sex(member, "20", "30")
    if member.rel in SPOUSE:
        return _by_sex(member, "28", "38")
    if member.rel in PARENTS:
        return _by_sex(member, "11", "12")
    if member.rel in CHILDREN and was is not None and was.is_male is not None:
        return _by_sex(member, "41", "42") if was.is_male else _by_sex(member, "43", "44")
    return _by_sex(member, "47", "48") if member.rel in GRANDCHILDREN else None


def _under_sibling(member: Kin, head: Kin, was: Kin | None) -> str | None:
    if member.rel in HEADS | SIBLINGS:
        return _sibling(member, head)
    if member.rel in PARENTS:
        return member.rel
    if was is None or was.is_male is None:
        return None
    if member.rel in CHILDREN:
        return _by_sex(member, "93", "94") if was.is_male else _by_sex(member, "95", "96")
    if member.rel in SPOUSE:
        between = _sibling(was, head)
        return {"71": "72", "73": "74", "75": "76", "77": "78"}.get(between or "")
    return None


def _under_child_in_law(member: Kin, head: Kin, only_child: bool) -> str | None:
    if head.is_male is None:
        return None
    if member.rel in HEADS | SPOUSE:
        return _by_sex(member, "55", "56") if head.is_male else _by_sex(member, "53", "54")
    if member.rel in CHILDREN:
        return _by_sex(member, "11", "12") if only_child and member.is_male is not head.is_male else None
    return _by_sex(member, "20", "30") if member.rel in GRANDCHILDREN and only_child else None
