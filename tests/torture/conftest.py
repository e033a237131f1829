"""An instance of its own for each campaign: on SQLite, or on the PostgreSQL server of ZHENWU_DATABASE_URL."""

import os
import re
import shutil

import pytest

from tests.torture.harness import make_instance, postgres_database


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    """A set-up SQLite instance, to be copied: setting one up takes seconds."""
    return make_instance(tmp_path_factory.mktemp("torture") / "template")


@pytest.fixture
def station(tmp_path, request):
    """The folder of a new instance."""
    server = os.environ.get("ZHENWU_DATABASE_URL", "")
    if not server:
        folder = shutil.copytree(request.getfixturevalue("_template"), tmp_path / "instance")
        yield folder
        return
    name = f"torture_{os.getpid()}_" + re.sub(r"\W", "", request.node.name)[-30:].lower()
    with postgres_database(server, name) as url:
        yield make_instance(tmp_path / "instance", url)
