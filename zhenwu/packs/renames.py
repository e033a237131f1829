"""History keeps the field codes of its day; after a rename this says which code each of them has now."""

from functools import cached_property
from typing import Any

from zhenwu.packs.models import Applied


class Renames:
    """All renames ever applied, read once. `now` of a version needs the pack hash of its change."""

    @cached_property
    def _applied(self) -> list[tuple[str, dict[str, dict[str, str]]]]:
        """(pack hash, {ledger: {old code: new code}}) of each application, oldest first."""
        found = []
        for pack_hash, plan in Applied.objects.order_by("pk").values_list("hash", "plan"):
            renamed: dict[str, dict[str, str]] = {}
            for step in plan:
                if step["kind"] == "rename":
                    renamed.setdefault(step["ledger"], {})[step["old"]] = step["field"]
            found.append((pack_hash, renamed))
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, str], dict[str, str]]:
        return {}

    def since(self, pack_hash: str, ledger: str) -> dict[str, str]:
        """{code under those packs: code now} of the fields that were renamed since; empty for packs never applied."""
        known = self._known.get((pack_hash, ledger))
        if known is None:
            known = self._known[pack_hash, ledger] = self._since(pack_hash, ledger)
        return known

    def _since(self, pack_hash: str, ledger: str) -> dict[str, str]:
        hashes = [one for one, _ in self._applied]
        if pack_hash not in hashes:
            return {}
        found: dict[str, str] = {}
        for _, renamed in self._applied[hashes.index(pack_hash) + 1 :]:
            step = renamed.get(ledger, {})
            found = {old: step.get(new, new) for old, new in found.items()} | {
                old: new for old, new in step.items() if old not in found.values() and old not in found
            }
        return {old: new for old, new in found.items() if old != new}

    def now(self, said: dict[str, Any], pack_hash: str, ledger: str) -> dict[str, Any]:
        """The values of a version under the codes of today."""
        renamed = self.since(pack_hash, ledger)
        return {renamed.get(code, code): value for code, value in said.items()} if renamed else said
