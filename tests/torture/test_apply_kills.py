"""A process killed while it applies packs leaves everything as it was, or everything done."""

from tests.torture.harness import kills, run_campaign


def test_applies_survive_kills(station):
    done = run_campaign("applies", station)
    assert done["problems"] == [], f"seed {done['seed']}"
    assert done["kills"] == kills()
    assert done["confirmed"] > 0
