"""Who does it: offices and persons named behind a piece of plan text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from zhenwu.plans.outline.folding import fold


class Offices(NamedTuple):
    """Names as printed. `lead` and `person` are None where the text names none."""

    lead: str | None
    assisting: list[str]
    person: str | None


_UNIT: Final = "(?:单位|部门|科室|站所|处室|办公室|办所|村居|主体)?"
_LABELS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("person", re.compile(r"(?:直接|具体|第一|主要)?(?:责任人|负责人|联系人|经办人|包抓人|包保人)员?\s*:")),
    ("leader", re.compile(r"(?:责任|分管|牵头|包抓|包联|包保|挂钩|联系|主管)领导\s*:")),
    ("lead", re.compile(rf"(?:牵头|主办|主责|牵头责任)(?:责任)?{_UNIT}\s*:")),
    ("assisting", re.compile(rf"(?:配合|协办|参与|协助|协同|参加|配合责任)(?:责任)?{_UNIT}\s*:")),
    ("in_charge", re.compile(rf"(?:责任|负责|承办|落实|完成|实施|包抓){_UNIT}\s*:")),
)
_BRACKET: Final = re.compile(r"[(\[【]([^()\[\]【】]{2,120})[)\]】]")
_ENDINGS: Final = "办公室|办|站|所|中心|局|委|队|院|校|公司|社|联|会|团委|妇联|残联|党委|政府|部|村|社区|科|厅|室|组"
_OFFICE: Final = rf"[^\s,;、。:()和与及]{{1,20}}(?:{_ENDINGS})"
_PLAIN_LIST: Final = re.compile(rf"(?!如|例如|含|不含|其中|包括|即|原|见|附){_OFFICE}(?:[、,和与及]{_OFFICE})*")
_CLAUSE: Final = re.compile(
    r"(?P<names>[^,;。:]{2,80}?)(?P<role>牵头|主办|负责|落实|承办|配合|协办|协助|参与)(?:单位)?$"
)


def find_offices(text: str) -> Offices:
    """Reads （责任单位：甲办、乙所；配合单位：丙站；责任人：李某）, （甲办牵头，乙所配合）, 【甲办】 and the like.

    Of several offices under 责任单位 the first leads. Bracketed names without a label count only at the end of the text.
    """
    folded = fold(text)
    found = _labelled(folded)
    if not found:
        for bracket in _BRACKET.finditer(folded):
            found = found or _by_role(bracket[1])
    if not found:
        last = list(_BRACKET.finditer(folded.rstrip(" 。;")))
        if last and last[-1].end() == len(folded.rstrip(" 。;")) and _PLAIN_LIST.fullmatch(last[-1][1]):
            found = {"in_charge": _names(last[-1][1])}
    leads = found.get("lead", []) + found.get("in_charge", [])
    lead = leads[0] if leads else None
    assisting = [name for name in [*leads[1:], *found.get("assisting", [])] if name != lead]
    persons = found.get("person") or found.get("leader") or []
    return Offices(lead, list(dict.fromkeys(assisting)), "、".join(persons) or None)


def _labelled(folded: str) -> dict[str, list[str]]:
    places: list[tuple[int, int, str]] = []
    for role, pattern in _LABELS:
        for match in pattern.finditer(folded):
            if not any(start <= match.start() < end for start, end, _ in places):
                places.append((match.start(), match.end(), role))
    places.sort()
    found: dict[str, list[str]] = {}
    for at, (_, start, role) in enumerate(places):
        end = places[at + 1][0] if at + 1 < len(places) else len(folded)
        value = re.split(r"[)\]】;。\n]", folded[start:end])[0]
        found.setdefault(role, []).extend(_names(value))
    return found


def _by_role(text: str) -> dict[str, list[str]]:
    """甲办牵头，乙所、丙站配合."""
    found: dict[str, list[str]] = {}
    for clause in re.split(r"[,;](?=[^,;]*(?:牵头|主办|负责|落实|承办|配合|协办|协助|参与))|[;。]", text):
        match = _CLAUSE.fullmatch(clause.strip().replace(",", "、"))
        if match is None or not _PLAIN_LIST.fullmatch(re.sub(r"(?:具体|共同|分别|按职责分工|等)$", "", match["names"])):
            return {}
        role = {"牵头": "lead", "主办": "lead"}.get(match["role"])
        role = role or ("assisting" if match["role"] in ("配合", "协办", "协助", "参与") else "in_charge")
        found.setdefault(role, []).extend(_names(re.sub(r"(?:具体|共同|分别|按职责分工)$", "", match["names"])))
    return found


def _names(value: str) -> list[str]:
    names = (name.strip(" .,:") for name in re.split(r"[、,/]|\s{1,}", value))
    return [clean for name in names if (clean := name.removesuffix("等"))]
