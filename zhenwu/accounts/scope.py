"""What a person may see and do: appointments in force compiled into one scope per ledger. Nothing else decides rights."""

import uuid
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.utils import timezone

from zhenwu.accounts.models import Appointment, Delegation, Role, User
from zhenwu.divisions.queries import below

_OPEN = frozenset({"S0", "S1"})
_WORK = frozenset({"S0", "S1", "S2"})
_ALL = frozenset({"S0", "S1", "S2", "S3"})


@dataclass(frozen=True, slots=True)
class Scope:
    """One user in one ledger. `places` None means the whole township; an empty set means no row.

    Who holds two posts may see by one and enter by the other, so that `enter_places` may be fewer than `places`. Who
    reviews does so for the whole township.
    """

    read: bool = False
    enter: bool = False
    review: bool = False
    places: frozenset[uuid.UUID] | None = frozenset()
    classes: frozenset[str] = frozenset()  # privacy classes of fields that are shown
    roles: frozenset[str] = frozenset()
    enter_places: frozenset[uuid.UUID] | None = frozenset()

    def condition(self) -> Q | None:
        """The rows that are seen, as a condition of a query on them; None means all."""
        return None if self.places is None else Q(division__in=self.places)

    def covers(self, place: uuid.UUID | None) -> bool:
        """Whether rows of this place are seen. A row of no place is the township's own."""
        return self.places is None or place in self.places

    def enters(self, place: uuid.UUID | None) -> bool:
        """Whether rows of this place may be entered."""
        return self.enter and (self.enter_places is None or place in self.enter_places)

    def changes(self, place: uuid.UUID | None) -> bool:
        """Whether rows of this place may be changed, as far as the place goes."""
        return (self.review and self.covers(place)) or self.enters(place)

    def roles_at(self, place: uuid.UUID | None) -> frozenset[str]:
        """The roles in which one may act on rows of this place: a village's post ends at its border."""
        return self.roles if self.enters(place) else self.roles - {Role.VILLAGE, Role.VILLAGE_LEAD}

    def shows(self, privacy: str) -> bool:
        return privacy in self.classes


NOTHING = Scope()


class Rights:
    """All scopes of one user on one day, computed once per request: own appointments, and those of the users whom this one
    stands in for that day."""

    def __init__(self, user: User, *, on: date | None = None, appointments: "list[Appointment] | None" = None) -> None:
        self.user = user
        day = on or timezone.localdate()
        if appointments is None:
            appointments = _in_force(user, day) if user.is_active else []
        self._appointments = appointments
        self._below: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
        self._scopes: dict[tuple[str, str], Scope] = {}

    @property
    def stood_in_for(self) -> tuple[User, ...]:
        """The users who are away and whose acts this one may do today."""
        return tuple(dict.fromkeys(one.user for one in self._appointments if one.user_id != self.user.pk))

    def standing_in_for(self, other: User | None) -> "Rights":
        """The same rights, but of those who are away only `other`'s; None: the own ones alone."""
        if not self.stood_in_for:
            return self
        whose = {self.user.pk, other.pk if other else self.user.pk}
        return Rights(self.user, appointments=[one for one in self._appointments if one.user_id in whose])

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(one.role for one in self._appointments)

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    @property
    def units(self) -> frozenset[str]:
        return frozenset(one.unit.label for one in self._appointments if one.unit)

    @property
    def whole_town(self) -> bool:
        return bool(self.roles - {Role.VILLAGE, Role.VILLAGE_LEAD, Role.ADMIN})

    @property
    def village_places(self) -> frozenset[uuid.UUID]:
        """Everything below the villages this user is appointed to."""
        return frozenset().union(*(self._places(one) for one in self._appointments if one.division_id))

    def scope(self, line: str, privacy: str) -> Scope:
        """The scope in a ledger of this line whose rows as such are of this privacy class."""
        known = self._scopes.get((line, privacy))
        if known is None:
            known = NOTHING
            for one in self._appointments:
                known = _joined(known, self._of(one, line))
            if not known.shows(privacy):
                known = replace(NOTHING, roles=known.roles)
            self._scopes[line, privacy] = known
        return known

    def _of(self, one: Appointment, line: str) -> Scope:
        roles = frozenset({one.role})
        match one.role:
            case Role.VILLAGE | Role.VILLAGE_LEAD:
                own = line not in ("integrity", "supervision")
                places = self._places(one) if own else frozenset()
                return Scope(own, own, False, places, _WORK if own else frozenset(), roles, places)
            case Role.OFFICE | Role.FINANCE:
                own = one.unit is not None and line in one.unit.lines
                held = roles if own else frozenset()
                return Scope(True, own, own, None, _ALL if own else _OPEN, held, None if own else frozenset())
            case Role.LEADER | Role.HEAD:
                return Scope(True, False, True, None, _WORK, roles)
            case Role.DISCIPLINE | Role.AUDIT:
                return Scope(True, False, False, None, _WORK, roles)
        return NOTHING

    def _places(self, one: Appointment) -> frozenset[uuid.UUID]:
        if one.division_id is None:
            return frozenset()
        if one.division_id not in self._below:
            self._below[one.division_id] = frozenset(below([one.division_id]))
        return self._below[one.division_id]


def rights_of(user: User) -> Rights:
    """The rights of a user, kept on the user object for the request."""
    if "_rights" not in user.__dict__:  # lives as long as the request's user object
        user.__dict__["_rights"] = Rights(user)
    return user.__dict__["_rights"]


def _in_force(user: User, on: date) -> "list[Appointment]":
    """Own appointments and, while someone is away, theirs; the system's administration is never delegated."""
    away = Delegation.objects.filter(deputy=user, valid_from__lte=on, valid_to__gt=on, user__is_active=True)
    whose = Q(user=user) | (Q(user__in=away.values("user")) & ~Q(role=Role.ADMIN))
    held = Appointment.objects.filter(whose, valid_from__lte=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return list(held.select_related("unit", "user").order_by("pk"))


def _joined(a: Scope, b: Scope) -> Scope:
    """Both posts together, and no more than that: what one post shows of its village, the other does not show of all."""
    if not (a.read and b.read):
        return a if a.read else b
    roles, enter, review = a.roles | b.roles, a.enter or b.enter, a.review or b.review
    enter_places = _union(a.enter_places, b.enter_places)
    if a.places == b.places:
        return Scope(True, enter, review, a.places, a.classes | b.classes, roles, enter_places)
    places = _union(a.places, b.places)
    if a.classes == b.classes or (a.places is not None and b.places is not None):
        return Scope(True, enter, review, places, a.classes & b.classes, roles, enter_places)
    wide, narrow = (a, b) if a.places is None else (b, a)
    shown = wide if wide.classes >= narrow.classes else narrow  # the post that shows more of a row, with its places
    return Scope(True, enter, review, shown.places, shown.classes, roles, enter_places)


def _union(a: frozenset[uuid.UUID] | None, b: frozenset[uuid.UUID] | None) -> frozenset[uuid.UUID] | None:
    return None if a is None or b is None else a | b
