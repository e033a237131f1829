"""What findings say of rows whose retention has ended: that there was one stays, its words go."""

import uuid
from collections.abc import Sequence

from zhenwu.checks.models import Finding, FindingEvent

_GONE = "（所涉记录保管期满，内容已清除）"


def forget_rows(ledger: str, rows: Sequence[uuid.UUID]) -> None:
    about = Finding.objects.filter(row__in=rows)
    FindingEvent.objects.filter(finding__in=about).exclude(text="").update(text="")
    about.update(message=_GONE, values={}, subject="[]", explanation="", measures="")
