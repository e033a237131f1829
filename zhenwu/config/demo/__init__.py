"""The demo township 青石镇: invented people and places, a year of ledgers with planted errors, and the answers.

`build(seed, persons)` makes it; `write_files(demo, folder)` writes its plan, rosters and oracle.
"""

from zhenwu.config.demo.build import Demo, Oracle, build
from zhenwu.config.demo.files import write_files
from zhenwu.config.demo.world import Planted

__all__ = ["Demo", "Oracle", "Planted", "build", "write_files"]
