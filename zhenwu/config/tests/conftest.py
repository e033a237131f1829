import json

import pytest
import typer
from typer.testing import CliRunner

from zhenwu.config import cli


@pytest.fixture
def command_of(monkeypatch):
    """`run = command_of(module, "divisions")`, then `run("tree", "--json")` → (exit code, answer)."""

    def make(commands, group):
        app = typer.Typer()
        commands.register(app)
        monkeypatch.setattr(commands, "start_django", lambda: None)

        @app.callback()
        def nothing() -> None: ...

        def call(*words):
            result = CliRunner().invoke(app, [group, *words])
            if isinstance(result.exception, cli.Fault):
                return result.exception.code, f"{result.exception.title}：{result.exception}"
            return result.exit_code, json.loads(result.stdout) if "--json" in words else result.stdout

        return call

    return make
