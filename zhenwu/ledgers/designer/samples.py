"""Where the sample of a draft lies until its rows are imported: it holds what the table holds, so it is not kept long."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from zhenwu.packs.models import DesignDraft


def sample_path(draft: DesignDraft) -> Path:
    return Path(settings.INSTANCE) / "imports" / f"design-{draft.pk.hex}"


def has_sample(draft: DesignDraft) -> bool:
    return bool(draft.sheets) and sample_path(draft).is_file()


def forget_samples(before: datetime) -> int:
    """Delete the samples of drafts begun before that moment; how many there were."""
    found = [draft for draft in DesignDraft.objects.filter(at__lt=before).exclude(sheets=[]) if has_sample(draft)]
    for draft in found:
        sample_path(draft).unlink(missing_ok=True)
    return len(found)
