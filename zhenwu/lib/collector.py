"""Python's cycle collector, paused while many small objects are made that hold no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Rows of a large sheet are walked by the collector again and again for nothing: a sixth of an import's time.

    Of two threads that pause it, the first to end lets it go on; the other only gets slower.
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
