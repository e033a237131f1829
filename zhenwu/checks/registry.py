"""The checks of the running packs, prepared when first asked for."""

import threading
from collections.abc import Callable

from zhenwu.checks.errors import UnknownCheck
from zhenwu.checks.prepared import PreparedCheck, prepare_check, prepare_coverage, prepare_policy
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.packs import runtime


class Registry:
    def __init__(self) -> None:
        packs = runtime.packs()
        schema = build_schema(packs.packs, packs.parameters)
        self._prepare: dict[str, Callable[[], PreparedCheck]] = {}
        self._prepared: dict[str, PreparedCheck] = {}
        self._units = {code: pack.ledger.unit for code, pack in packs.packs.items()}
        for code, pack in packs.packs.items():
            preparer = Preparer(schema, pack, packs.files.get(code, ""))
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


_current: Registry | None = None
_current_of = ""
_lock = threading.Lock()


def registry() -> Registry:
    global _current, _current_of
    with _lock:
        if _current is None or _current_of != runtime.pack_hash():
            _current, _current_of = Registry(), runtime.pack_hash()
        return _current
