"""A process killed while it reads or applies an import leaves a job that the next worker ends, once and whole."""

from tests.torture.harness import kills, run_campaign


def test_imports_survive_kills(station):
    done = run_campaign("imports", station)
    assert done["problems"] == [], f"seed {done['seed']}"
    assert done["kills"] == kills()
    assert done["confirmed"] > 0
