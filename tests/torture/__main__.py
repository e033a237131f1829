"""`python -m tests.torture NAME KILLS SEED`: run one campaign on the instance in ZHENWU_INSTANCE; the last line is JSON."""

import importlib
import json
import sys

import django
from django.db import connections

from tests.torture.harness import campaign


def main(name: str, kills: int, seed: int) -> None:
    django.setup()
    from zhenwu.packs import runtime

    runtime.start()
    connections.close_all()  # what is forked must not share a connection
    module = importlib.import_module(f"tests.torture.{name}")
    done = module.run(kills, seed) if hasattr(module, "run") else campaign(module, kills, seed)
    print(json.dumps(done))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
