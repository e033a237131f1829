"""Two processes writing at once lose nothing, and who was too late is told."""

from tests.torture.harness import run_campaign


def test_two_processes_writing_at_once_lose_nothing(station):
    done = run_campaign("writers", station)
    assert done["problems"] == []
    assert done["edits"] == 50
