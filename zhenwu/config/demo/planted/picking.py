"""Choosing rows to spoil: never one twice, never a person whose row matters to another ledger, each time another village."""

from collections.abc import Callable, Iterable

from zhenwu.config.demo.world import Row, World

WHOLE = ""
_PERSON_FIELDS = {
    "party_member": ("person",), "party_branch": ("secretary",), "party_development": ("person", "contact1", "contact2", "sponsor1", "sponsor2", "talker"),
    "branch_life": ("chair", "recorder", "lecturer"), "hazard_site": ("monitor",), "river_head": ("head",), "dibao": ("applicant",),
    "dibao_member": ("person",),
}  # fmt: skip


class NoRoom(LookupError):
    """No row is left for one more error of this kind."""


class Picker:
    """A row is taken as a whole, or in one aspect of it ("votes", "term"): errors of different aspects do not touch each
    other and may stand in one row; a row that is taken as a whole carries nothing else."""

    def __init__(self, world: World) -> None:
        self._rng = world.rng("planted")
        self.busy = {
            row[code] for ledger, codes in _PERSON_FIELDS.items() for row in world.rows[ledger] for code in codes if row[code]
        }  # fmt: skip
        self._taken: dict[str, set[str]] = {}  # row → aspects
        self._places: dict[str, set[str]] = {}  # kind → villages where one of it stands
        self.kind = ""
        self.families: dict[str, list[Row]] = {}  # registered household → members, as they were before any error
        self.kept: set[str] = set()  # branches whose committee meetings carry an error, so that they must stay owed
        self.quiet: set[tuple[str, int]] = set()  # (village, quarter) that must stay without a hazard

    def pick(self, rows: Iterable[Row], fits: Callable[[Row], object] = lambda row: True, *aspects: str) -> Row:
        """One row that fits and is free in these aspects (none: as a whole), in a village where this kind does not stand yet while there is one."""
        found = [row for row in rows if self.is_free(row, *aspects) and fits(row)]
        if not found:
            raise NoRoom(f"the demo township has no row left for one more {self.kind}; raise `persons`.")
        seen = self._places.setdefault(self.kind, set())
        row = self._rng.choice([row for row in found if row.get("division") not in seen] or found)
        seen.add(row.get("division") or "")
        self.use(row, aspects=aspects)
        return row

    def use(self, *rows: Row, aspects: Iterable[str] = ()) -> None:
        for row in rows:
            self._taken.setdefault(row["id"], set()).update(aspects or (WHOLE,))
            self.busy.add(row["id"])

    def is_free(self, row: Row, *aspects: str) -> bool:
        taken = self._taken.get(row["id"], set())
        return not taken & {WHOLE, *aspects} if aspects else not taken
