"""A process killed while it copies a ledger, lays changes over a copy or renews copies never leaves a wrong figure."""

from tests.torture.harness import all_kills, run_campaign


def test_figures_survive_kills(station):
    done = run_campaign("mart", station, wanted=all_kills())
    assert done["problems"] == [], f"seed {done['seed']}"
    assert done["kills"] == all_kills()
    assert done["confirmed"] > 0
