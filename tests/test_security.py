"""What must hold across rooms: an instance is its owner's alone."""

import os
import stat
from pathlib import Path

from zhenwu.config.instance import create_instance


def test_an_instance_lies_open_to_nobody_else(tmp_path):
    before = os.umask(0o022)
    try:
        made = create_instance(tmp_path / "instance", township="青石镇", code="519999100000")
    finally:
        os.umask(before)
    folders = [made.folder, *(one for one in made.folder.iterdir() if one.is_dir())]
    secrets = [made.folder / "instance.toml", *(made.folder / "keys").iterdir()]
    assert len(folders) == 8
    assert len(secrets) >= 5
    assert [one for one in (*folders, *secrets) if stat.S_IMODE(one.stat().st_mode) & 0o077] == []


def test_what_a_running_instance_writes_is_its_owners_alone(tmp_path: Path):
    """The settings set the mask, so that it holds for the server, the command line and every worker."""
    written = tmp_path / "export.csv"
    written.write_text("")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
