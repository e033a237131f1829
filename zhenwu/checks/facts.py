"""The values of a finding under the labels that people know: what the check saw when it last found it."""

import re

from zhenwu.checks.models import Finding
from zhenwu.packs import runtime

_ID = re.compile(r"^[0-9a-f]{32}$|^[0-9a-f-]{36}$|^[0-9a-f]{64}$")
_INNER = frozenset({"row", "place", "severity", "met"})
_WORDS = {
    "kind": "类型", "person_name": "姓名", "name": "名称", "village": "村（社区）", "place_name": "村（社区）", "days": "天数",
    "month": "月份", "year": "年度", "amount": "金额", "due_amount": "应享金额", "paid_amount": "实享金额",
    "expected": "应有", "actual": "实有",
}  # fmt: skip


def facts_of(finding: Finding) -> list[tuple[str, str]]:
    """(label, value) of what the statement returned; ids and hashes say nothing to people and stay out."""
    ledger = runtime.ledgers().get(finding.ledger)
    labels = {code: kind.label for code, kind in ledger.types.items()} if ledger else {}
    found = []
    for name, value in finding.values.items():
        label = labels.get(name) or _WORDS.get(name)
        if name in _INNER or label is None or _ID.match(str(value)):
            continue
        found.append((label, str(value)))
    return found
