"""The checks of the running packs, prepared when first asked for."""

from collections.abc import Callable

from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.kinds import every_preparation
from zhenwu.checks.prepared import PreparedCheck
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import running_schema
from zhenwu.packs import runtime


class Registry:
    def __init__(self) -> None:
        packs = runtime.packs()
        self._prepare: dict[str, Callable[[], PreparedCheck]] = {}
        self._prepared: dict[str, PreparedCheck] = {}
        self._units = {code: pack.ledger.unit for code, pack in packs.packs.items()}
        for code, pack in packs.packs.items():
            preparer = Preparer(running_schema(), pack, packs.files.get(code, ""))
            for spec, prepare in every_preparation(preparer):
                self._prepare[f"{code}.{spec.code}"] = prepare

    def codes(self) -> list[str]:
        """Full codes: hazard.HZ-05."""
        return list(self._prepare)

    def unit(self, ledger: str) -> str:
        return self._units.get(ledger, "")

    def prepared(self, code: str) -> PreparedCheck:
        known = self._prepared.get(code)
        if known is None:
            if code not in self._prepare:
                raise UnknownCheck(code)
            known = self._prepared[code] = self._prepare[code]()
        return known


@runtime.once_per_packs
def registry() -> Registry:
    return Registry()
