"""The checks of the running packs, prepared when first asked for."""

from collections.abc import Callable

from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.prepared import PreparedCheck, prepare_check, prepare_coverage, prepare_policy
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
            for check in pack.check:
                self._prepare[f"{code}.{check.code}"] = lambda p=preparer, s=check: prepare_check(p, s)  # type: ignore[misc]
            for coverage in pack.coverage:
                self._prepare[f"{code}.{coverage.code}"] = lambda p=preparer, s=coverage: prepare_coverage(p, s)  # type: ignore[misc]
            for policy in pack.policy:
                self._prepare[f"{code}.{policy.code}"] = lambda p=preparer, s=policy: prepare_policy(p, s)  # type: ignore[misc]

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
