"""The examples of docs/user/api.md do what they say: the curl lines are run against a server, and the settings and statuses
of the developer's page are those of the code."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from zhenwu.api.problems import TITLES
from zhenwu.config.instance import _API

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_every_example_of_the_guide_answers(live_server, transactional_db, program, chen, places, committing):
    text = (DOCS / "user/api.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (curl (?:.*\\\n)*.*)", text, re.M)
    assert len(lines) >= 6
    caller = program(chen)
    env = {
        "PATH": os.environ["PATH"],
        "SITE": live_server.url,
        "TOKEN": caller.text,
        "VILLAGE": str(places["青山村"].pk),
    }
    for line in lines:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=env, timeout=30, check=True)
        said = json.loads(done.stdout)
        assert "status" not in said, (line, said)
    rows = caller.get("ledgers/site_none/rows").json()["rows"]
    assert [one["values"]["signer"] for one in rows] == ["陈青"]


def test_the_developers_page_knows_every_status_and_setting():
    text = (DOCS / "developer/api.md").read_text(encoding="utf-8")
    assert all(str(status) in text for status in TITLES if status != 405)
    assert all(f"{name} =" in text for name in _API)
