"""Choosing rows to spoil: never one twice, never a person whose row matters to another ledger."""

from collections.abc import Callable, Iterable

from zhenwu.config.demo.world import Row, World

_PERSON_FIELDS = {
    "party_member": ("person",), "party_branch": ("secretary",), "party_development": ("person", "contact1", "contact2", "sponsor1", "sponsor2", "talker"),
    "branch_life": ("chair", "recorder", "lecturer"), "hazard_site": ("monitor",), "river_head": ("head",), "dibao": ("applicant",),
    "dibao_member": ("person",),
}  # fmt: skip


class Picker:
    def __init__(self, world: World) -> None:
        self._rng = world.rng("planted")
        self.busy = {
            row[code] for ledger, codes in _PERSON_FIELDS.items() for row in world.rows[ledger] for code in codes if row[code]
        }  # fmt: skip
        self._used: set[str] = set()

    def pick(self, rows: Iterable[Row], fits: Callable[[Row], object] = lambda row: True) -> Row:
        """One row that fits and was not picked before."""
        found = [row for row in rows if row["id"] not in self._used and fits(row)]
        if not found:
            raise LookupError("the demo township has no row left for one of its planted errors; raise `persons`.")
        row = self._rng.choice(found)
        self._used.add(row["id"])
        return row

    def use(self, *rows: Row) -> None:
        self._used.update(row["id"] for row in rows)

    def is_free(self, row: Row) -> bool:
        return row["id"] not in self._used
