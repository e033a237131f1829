"""The room's nightly work."""

from django.utils import timezone

from zhenwu.background.periodic import nightly
from zhenwu.divisions.effect import put_due_into_effect


@nightly(label="到了生效日期的区划调整生效")
def take_effect() -> str:
    """What can't take effect stays approved and is told here and by `zhenwu doctor`."""
    done = put_due_into_effect(timezone.localdate(), by=None)
    return "；".join(f"{event.title}：{'、'.join(problems) or '已生效'}" for event, problems in done)
