"""Who asks, and what the declared matrix says they may: an oracle that knows the table and nothing of the engine."""

from dataclasses import dataclass

from zhenwu.accounts.matrix import CLASSES, OF_ROLE, Line, lines_of
from zhenwu.accounts.models import ADMINS, VILLAGES, Role
from zhenwu.packs.runtime import Ledger

OWN, FAR, OUTER = "青山村", "河口村", "外村"  # the clerk's village, another, one of the next township
PLACES = (OWN, FAR, OUTER)


@dataclass(frozen=True)
class Actor:
    """`role` "" is somebody without a post today. `lines` are those of the office; `place` is the village of the post."""

    name: str
    role: str = ""
    lines: frozenset[str] = frozenset()
    place: str = ""
    posted: str = "now"  # or "past", "future": whether the post holds today
    is_logged_in: bool = True

    @property
    def works(self) -> bool:
        return bool(self.role) and self.posted == "now" and self.role not in ADMINS

    @property
    def whole_town(self) -> bool:
        return self.works and self.role not in VILLAGES

    def administers(self, *roles: Role) -> bool:
        return self.posted == "now" and self.role in roles

    def _lines(self, ledger: Ledger) -> list[Line]:
        realm = ledger.realm
        if not self.works or (realm.roles and self.role not in realm.roles):
            return []
        found = [one for one in OF_ROLE[Role(self.role)] if lines_of(one, realm.line, realm.line in self.lines)]
        return [
            one for one in found
            if CLASSES.index(one.upto) >= CLASSES.index(realm.privacy)
            and not (one.rows == "place" and realm.village == "none")
        ]  # fmt: skip

    def may(self, verb: str, ledger: Ledger, place: str = "") -> bool:
        """Whether the matrix lets the actor do it with rows of the place ("": with any row at all)."""
        return any(
            verb in one.verbs and (one.rows != "place" or not place or place == self.place)
            for one in self._lines(ledger)
        )

    def shown(self, ledger: Ledger, place: str, privacy: str) -> bool:
        """Whether fields of the class in rows of the place are shown."""
        return any(
            CLASSES.index(privacy) <= CLASSES.index(one.upto) and (one.rows != "place" or place == self.place)
            for one in self._lines(ledger)
        )


CAST = (
    Actor("anonymous", is_logged_in=False),
    Actor("nobody"),
    Actor("past", "office", frozenset({"safety", "population", "welfare", "ecology"}), posted="past"),
    Actor("future", "head", posted="future"),
    Actor("village", "village", place=OWN),
    Actor("secretary", "village_lead", place=OWN),
    Actor("neighbour", "village", place=FAR),
    Actor("outsider", "village", place=OUTER),
    Actor("allround", "office", frozenset({"safety", "population", "welfare", "ecology", "party"})),
    Actor("safety", "office", frozenset({"safety"})),
    Actor("population", "office", frozenset({"population"})),
    Actor("welfare", "office", frozenset({"welfare"})),
    Actor("finance", "finance", frozenset({"payments"})),
    Actor("leader", "leader"),
    Actor("head", "head"),
    Actor("discipline", "discipline", frozenset({"integrity"})),
    Actor("audit", "audit"),
    Actor("admin", "admin"),
    Actor("security", "security"),
    Actor("auditor", "auditor"),
)
