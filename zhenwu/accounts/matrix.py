"""What each role may do with a ledger by default: the one table. Packs narrow it, dated grants widen it, nothing else
does (docs/developer/rights.md).

`lines`  own: lines of work of the post's office · other: the others · all · field: all but those that watch over villages
`rows`   town: every row · place: rows of the post's place and below · others: what the pack leaves to other offices
`upto`   the highest privacy class of fields that is shown
"""

from dataclasses import dataclass
from typing import Literal, get_args

from zhenwu.accounts.models import Role

Verb = Literal["read", "enter", "check", "approve", "manage", "audit"]
VERBS: tuple[Verb, ...] = get_args(Verb)
VERB_LABELS: dict[str, str] = {
    "read": "查看", "enter": "登记", "check": "审核（退回、更正）", "approve": "审核通过", "manage": "作废", "audit": "查审计记录",
}  # fmt: skip
CLASSES = ("S0", "S1", "S2", "S3")
CLASS_LABELS = {
    "S0": "公开内容", "S1": "一般内容", "S2": "到个人信息（收入、电话等）", "S3": "到敏感内容（健康、线索等）",
}  # fmt: skip
WATCHING = frozenset({"integrity", "supervision"})  # lines that look at villages; villages do not look back


@dataclass(frozen=True, slots=True)
class Line:
    role: Role
    lines: Literal["own", "other", "all", "field"]
    rows: Literal["town", "place", "others"]
    verbs: frozenset[str]
    upto: str


def _line(role: Role, lines: str, rows: str, verbs: str, upto: str) -> Line:
    return Line(role, lines, rows, frozenset(verbs.split()), upto)  # type: ignore[arg-type]


MATRIX = (
    #     role               lines    rows      verbs                                    upto
    _line(Role.VILLAGE,      "field", "place",  "read enter",                            "S2"),
    _line(Role.VILLAGE_LEAD, "field", "place",  "read enter",                            "S2"),
    _line(Role.OFFICE,       "own",   "town",   "read enter check approve manage audit", "S3"),
    _line(Role.OFFICE,       "other", "others", "read",                                  "S1"),
    _line(Role.FINANCE,      "own",   "town",   "read enter check approve manage audit", "S3"),
    _line(Role.FINANCE,      "other", "others", "read",                                  "S1"),
    _line(Role.LEADER,       "all",   "town",   "read check approve manage audit",       "S2"),
    _line(Role.HEAD,         "all",   "town",   "read check approve manage audit",       "S2"),
    _line(Role.DISCIPLINE,   "own",   "town",   "read enter check approve manage audit", "S3"),
    _line(Role.DISCIPLINE,   "other", "town",   "read audit",                            "S2"),
    _line(Role.AUDIT,        "all",   "town",   "read audit",                            "S2"),
    # the three administrators (三员) have no line: they see no ledger
)  # fmt: skip
OF_ROLE = {role: tuple(one for one in MATRIX if one.role == role) for role in Role}


def classes_upto(privacy: str) -> frozenset[str]:
    return frozenset(CLASSES[: CLASSES.index(privacy) + 1])


def lines_of(one: Line, line: str, own: bool) -> bool:
    """Whether this line of the table speaks of a ledger in a line of work; `own`: it is the post's office's."""
    match one.lines:
        case "own":
            return own
        case "other":
            return not own
        case "field":
            return line not in WATCHING
    return True
