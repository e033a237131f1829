"""Where the sample of a draft lies until its rows are imported: it holds what the table holds, so it is not kept long."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from zhenwu.changes.keys import keyring
from zhenwu.lib import sealedfiles
from zhenwu.packs.models import DesignDraft


def sample_path(draft: DesignDraft) -> Path:
    return Path(settings.INSTANCE) / "imports" / f"design-{draft.pk.hex}"


def keep_sample(draft: DesignDraft, data: bytes) -> None:
    sealedfiles.seal_file(keyring(), [data], sample_path(draft))


def read_kept(draft: DesignDraft) -> bytes:
    """Raises FileNotFoundError."""
    return sealedfiles.read_all(keyring(), sample_path(draft))


def forget_sample(draft: DesignDraft) -> None:
    sealedfiles.remove(sample_path(draft))


def has_sample(draft: DesignDraft) -> bool:
    return bool(draft.sheets) and sample_path(draft).is_file()


def forget_samples(before: datetime) -> int:
    """Delete the samples of drafts begun before that moment; how many there were."""
    found = [draft for draft in DesignDraft.objects.filter(at__lt=before).exclude(sheets=[]) if has_sample(draft)]
    for draft in found:
        forget_sample(draft)
    return len(found)
