"""What findings say of rows whose retention has ended: that there was one stays, its words go."""

import uuid
from collections.abc import Sequence

from zhenwu.checks.models import Finding, FindingEvent

_GONE = "（所涉记录保管期满，内容已清除）"


def forget_rows(ledger: str, rows: Sequence[uuid.UUID]) -> set[str]:
    """Returns the stored files that were evidence."""
    about = Finding.objects.filter(row__in=rows)
    FindingEvent.objects.filter(finding__in=about).exclude(text="").update(text="")
    files = {one["sha256"] for evidence in about.values_list("evidence", flat=True) for one in evidence}
    about.update(message=_GONE, values={}, subject="[]", explanation="", measures="", evidence=[])
    return files


def files_named(files: set[str]) -> set[str]:
    """Those of these stored files that are evidence of a finding."""
    found: set[str] = set()
    for evidence in Finding.objects.exclude(evidence=[]).values_list("evidence", flat=True).iterator():
        found |= files & {one["sha256"] for one in evidence}
    return found
