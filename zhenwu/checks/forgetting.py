"""What findings say of rows whose retention has ended: that there was one stays, its words go, also where it is about another
row and only names this one."""

import re
import uuid
from collections.abc import Sequence

from zhenwu.checks.keeping import keep_erased
from zhenwu.checks.models import Extension, Finding, FindingEvent

_GONE = "（所涉记录保管期满，内容已清除）"
_ID = re.compile(r"[0-9a-f]{32}")
_CHUNK = 500


def forget_rows(ledger: str, rows: Sequence[uuid.UUID]) -> set[str]:
    """Returns the stored files that were evidence."""
    wanted = {row.hex for row in rows}
    about, files = [], set[str]()
    for pk, row, values, evidence in Finding.objects.values_list("pk", "row", "values", "evidence").iterator():
        named = {hit for said in values.values() for hit in _ID.findall(str(said))}
        if wanted & (named | ({row.hex} if row else set())):
            about.append(pk)
            files |= {one["sha256"] for one in evidence}
    for start in range(0, len(about), _CHUNK):
        some = about[start : start + _CHUNK]
        FindingEvent.objects.filter(finding__in=some).exclude(text="").update(text="")
        Extension.objects.filter(finding__in=some).update(reason="")
        Finding.objects.filter(pk__in=some).update(
            message=_GONE, values={}, subject="[]", explanation="", measures="", evidence=[]
        )
    keep_erased(about)
    return files


def files_named(files: set[str]) -> set[str]:
    """Those of these stored files that are evidence of a finding."""
    found: set[str] = set()
    for evidence in Finding.objects.exclude(evidence=[]).values_list("evidence", flat=True).iterator():
        found |= files & {one["sha256"] for one in evidence}
    return found
