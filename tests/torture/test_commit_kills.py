"""A process killed while it commits loses nothing that it confirmed, and leaves nothing by halves."""

from tests.torture.harness import kills, run_campaign


def test_the_harness_sees_what_is_lost_and_what_is_halved(station):
    assert run_campaign("halves", station)["problems"] != []


def test_commits_survive_kills(station):
    done = run_campaign("commits", station)
    assert done["problems"] == [], f"seed {done['seed']}"
    assert done["kills"] == kills()
    assert done["confirmed"] > 0
