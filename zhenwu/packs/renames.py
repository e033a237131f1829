"""History keeps the field codes of its day; after a rename this says which code each of them has now."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from zhenwu.packs.children import child_code, is_child, split_child
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
        later = self._applied[hashes.index(pack_hash) + 1 :]
        for called, (_, renamed) in zip(self._called(ledger, later), later, strict=True):
            step = renamed.get(called, {})
            found = {old: step.get(new, new) for old, new in found.items()} | {
                old: new for old, new in step.items() if old not in found.values() and old not in found
            }
        return {old: new for old, new in found.items() if old != new}

    def _called(self, ledger: str, later: Sequence[tuple[str, dict[str, dict[str, str]]]]) -> list[str]:
        """What the ledger was called after each application: a child table is renamed with its field."""
        if not is_child(ledger):
            return [ledger] * len(later)
        parent, field = split_child(ledger)
        names: list[str] = []
        for _, renamed in reversed(later):
            names.append(child_code(parent, field))
            field = next((old for old, new in renamed.get(parent, {}).items() if new == field), field)
        return names[::-1]

    def now(self, said: dict[str, Any], pack_hash: str, ledger: str) -> dict[str, Any]:
        """The values of a version, or its ciphertexts, under the codes of today; those of child tables too."""
        renamed = self.since(pack_hash, ledger)
        if renamed:
            said = {_first_renamed(code, renamed): value for code, value in said.items()}
        found = {}
        for code, value in said.items():
            field, _, rest = code.partition(".")
            within = self.since(pack_hash, child_code(ledger, field)) if rest or _is_lines(value) else {}
            if within and rest:  # "field.line.column" of a ciphertext
                line, _, column = rest.partition(".")
                code = f"{field}.{line}.{within.get(column, column)}"
            elif within:
                value = [{within.get(column, column): one for column, one in line.items()} for line in value]
            found[code] = value
        return found


def _first_renamed(code: str, renamed: dict[str, str]) -> str:
    field, dot, rest = code.partition(".")
    return f"{renamed.get(field, field)}{dot}{rest}"


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "id" in value[0]
