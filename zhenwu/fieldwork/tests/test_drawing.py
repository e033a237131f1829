"""Draws: the same from the same seed, spread over the villages, and the same again when the ledger has moved on."""

import hashlib
import uuid

from hypothesis import given
from hypothesis import strategies as some

from zhenwu.fieldwork.drawing import draw, shares

A, B = uuid.UUID(int=1), uuid.UUID(int=2)
FRAME = {uuid.UUID(int=n): (A if n < 190 else B) for n in range(100, 200)}


def test_a_draw_can_be_checked_with_a_pocket_script():
    drawn = draw(FRAME, 20200930, 7)
    by_hand = sorted(FRAME, key=lambda row: hashlib.sha256(f"20200930:{row.hex}".encode()).digest())[:7]
    assert list(drawn.rows) == by_hand
    assert drawn.frame_digest == hashlib.sha256("\n".join(sorted(row.hex for row in FRAME)).encode()).hexdigest()
    assert draw(dict(reversed(FRAME.items())), 20200930, 7) == drawn
    assert draw(FRAME, 20200931, 7).rows != drawn.rows


def test_villages_give_their_share_and_at_least_one():
    drawn = draw(FRAME, 1, 10, by_place=True)
    assert drawn.strata == ((A, 90, 9), (B, 10, 1))
    assert sum(FRAME[row] == B for row in drawn.rows) == 1
    assert draw(FRAME, 1, 1000, by_place=True).strata == ((A, 90, 90), (B, 10, 10))


def test_a_targeted_draw_takes_only_what_was_found():
    among = set(list(FRAME)[:3])
    drawn = draw(FRAME, 1, 5, among=among)
    assert set(drawn.rows) == among
    assert drawn.frame_size == 100


@given(some.lists(some.integers(1, 500), min_size=1, max_size=20), some.integers(1, 600))
def test_shares_add_up_and_stay_near_their_proportion(sizes, total):
    found = shares(sizes, total)
    assert sum(found) == min(total, sum(sizes))
    assert all(0 <= one <= size for one, size in zip(found, sizes, strict=True))
    if total >= len(sizes):
        assert all(found)
    exact = [min(total, sum(sizes)) * size / sum(sizes) for size in sizes]
    assert all(one <= want + 1 or one == 1 for one, want in zip(found, exact, strict=True))


def test_every_row_is_drawn_about_as_often():
    """500 draws of 10 from 100: each row 50 times on average, four standard deviations are 27."""
    often = dict.fromkeys(FRAME, 0)
    for seed in range(500):
        for row in draw(FRAME, seed, 10).rows:
            often[row] += 1
    assert all(23 <= n <= 77 for n in often.values())
