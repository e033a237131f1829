"""Campaign: packs are applied that rename, convert, add, retire and make unique, over a ledger with rows, and cut off anywhere.
Each time all of it is there, or nothing."""

import tomllib
from decimal import Decimal
from typing import Any

from tests.torture.harness import Confirm

_CODE = "torture_trial"
_ROWS = 400
_PACK = f"""
[ledger]
code = "{_CODE}"
label = "试验台账"
line = "safety"
prefix = "ZZ"
one_row = "一处"
unit = "应急办"
source = "试验"
place_required = false
"""


def _wanted(turn: int) -> Any:
    """The applied packs with the trial ledger as it should be at this turn: `n` is text and a number by turns, `m` has
    another code and is unique by turns, `ill` is sealed by turns, and each turn has a field of its own."""
    from zhenwu.packs.apply import applied_packs
    from zhenwu.packs.reader import PackSet
    from zhenwu.packs.spec import PackSpec

    odd = turn % 2
    fields = [
        {"id": 1, "code": "n", "label": "数", "type": "decimal" if odd else "text"},
        {"id": 2, "code": "mm" if odd else "m", "label": "名", "type": "text", "unique": bool(odd)},
        {
            "id": 3,
            "code": "ill",
            "label": "病情",
            "type": "text",
            "privacy": "S3" if odd else "S2",
            "sealed": bool(odd),
        },
        {"id": 10 + turn, "code": f"x{turn}", "label": f"第{turn}次", "type": "date" if odd else "choice"},
    ]
    if not odd:
        fields[3]["options"] = ["甲", "乙"]
    applied = applied_packs()
    pack = PackSpec.model_validate(tomllib.loads(_PACK) | {"field": fields})
    return PackSet(applied.packs | {_CODE: pack}, applied.parameters)


def _turn() -> int:
    """The turn that the applied packs are at."""
    from zhenwu.packs.apply import applied_packs

    return next(one.id - 10 for one in applied_packs().packs[_CODE].field if one.id >= 10)


def _run_applied() -> Any:
    """Run the applied packs in this process, as a worker that was started anew; returns the trial ledger."""
    from zhenwu.packs import runtime
    from zhenwu.packs.apply import applied_hash, applied_packs
    from zhenwu.packs.builder import build_model, private_registry, types_of

    packs = applied_packs()
    pack = packs.packs[_CODE]
    trial = runtime.Ledger(pack, build_model(pack, registry=private_registry()), types_of(pack))
    runtime._running = runtime.Running(packs, applied_hash(), {**runtime.ledgers(), _CODE: trial})
    return trial


def prepare() -> None:
    from tests.torture import cast
    from zhenwu.changes.actions import Source
    from zhenwu.changes.models import SourceKind
    from zhenwu.ledgers.actions import commit
    from zhenwu.ledgers.operations import Add, Draft
    from zhenwu.packs.apply import apply

    apply(_wanted(0))
    _run_applied()
    adds: list[Any] = [Add({"n": str(number), "m": f"第{number}处", "ill": f"第{number}例"}) for number in range(_ROWS)]
    commit(Draft(_CODE, cast.clerk(), adds, Source(SourceKind.FORM), today=cast.TODAY))


def act(confirm: Confirm, attempt: int) -> None:
    """Confirms the hash of the packs that it has applied."""
    from zhenwu.packs.apply import apply

    wanted = _wanted(_turn() + 1)
    apply(wanted, agreed=True)
    confirm(wanted.hash)


def check(confirmed: list[str]) -> list[str]:
    from django.db import connection

    from zhenwu.ledgers.audit import verify
    from zhenwu.lib.crypto import KeyRing
    from zhenwu.packs import stored
    from zhenwu.packs.apply import applied_hash
    from zhenwu.packs.models import Applied, Tombstone
    from zhenwu.packs.plan import make_plan

    turn, trial = _turn(), _run_applied()
    known = set(Applied.objects.values_list("hash", flat=True))
    found = [f"packs {one} were said to be applied and are not" for one in confirmed if one not in known]
    found += [one.message for one in verify(_CODE)]
    if _wanted(turn).hash != applied_hash() or make_plan(trial_packs := _wanted(turn), trial_packs):
        found.append(f"turn {turn} is applied by halves")
    for row in trial.rows("audit").order_by("no"):
        number = int(row.no[-5:]) - 1
        said = {code: kind.from_row(row) for code, kind in trial.stored.items()}
        wanted = {"n": Decimal(number), "mm": f"第{number}处"} if turn % 2 else {"n": str(number), "m": f"第{number}处"}
        wanted |= {f"x{turn}": None, "ill": f"第{number}例"}
        if said != wanted or row.version != turn + 1 or KeyRing.is_token(row.ill) != bool(turn % 2):
            found.append(f"turn {turn}: {row.no} says {said} in version {row.version}")
    kept = {f"{code}{end}" for code in ("n", "ill") for end in ("", *(f"__{one + 1}" for one in range(turn)))}
    if stored.rows(_CODE) != _ROWS or not kept <= stored.columns(_CODE):
        found.append(f"turn {turn}: rows or old columns are missing")
    if Tombstone.objects.filter(ledger=_CODE).count() != 3 * turn:
        found.append(f"turn {turn}: {Tombstone.objects.filter(ledger=_CODE).count()} tombstones")
    connection.check_constraints()
    return found[:5]
