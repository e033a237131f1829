import threading
import time
from itertools import pairwise
from uuid import RFC_4122

from zhenwu.lib import ids


def test_ids_of_one_process_strictly_increase():
    made = [ids.uuid7().hex for _ in range(500)] + ids.uuid7_hexes(5000) + [ids.uuid7().hex]
    assert all(a < b for a, b in pairwise(made))


def test_id_carries_version_variant_and_the_time():
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before - 1 <= made.int >> 80 <= before + 5_000


def test_order_holds_when_the_clock_goes_back(monkeypatch):
    last = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000)
    assert ids.uuid7() > last


def test_threads_never_share_an_id():
    made = []
    threads = [threading.Thread(target=lambda: made.extend(ids.uuid7_hexes(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_an_empty_batch_is_empty():
    assert ids.uuid7_hexes(0) == []
