"""This instance's own township on another engine: the same Parquet files, as of the last commit, under names of their own."""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from zhenwu.mart.gathered.target import Target
from zhenwu.mart.gathered.together import OpenEngine
from zhenwu.mart.gathered.towns import Gathered, Town
from zhenwu.mart.gathered.writing import gather
from zhenwu.mart.store import mart
from zhenwu.packs import runtime

_PREFIX = ".asked-"
_LEFT = 86_400  # seconds after which a folder belongs to a process that was killed


@contextmanager
def this_township(open_engine: OpenEngine, units: Collection[str]) -> Iterator[Town]:
    """For statements that read these units. The files lie in the instance's folder: a cluster must be able to read it.
    Raises GatheredUnusable, EngineMissing."""
    above = Path(settings.INSTANCE) / "mart"
    for left in above.glob(f"{_PREFIX}*"):
        if left.stat().st_mtime < time.time() - _LEFT:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=above) as folder:
        target = Target.of(folder)
        gather(mart(), target, units=units, packs=runtime.pack_hash())
        gathered = Gathered(target, mart().schema, open_engine)
        try:
            yield gathered.towns[0]
        finally:
            gathered.close()
