"""What a person may see and do: appointments and grants in force compiled into one scope per ledger. Nothing else decides
rights: pages, exports, search, look-ups and imports all ask `Rights.scope_in`, and `Scope.condition` becomes the SQL."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from zhenwu.accounts.matrix import OF_ROLE, Line, classes_upto, lines_of
from zhenwu.accounts.models import ADMINS, VILLAGES, Appointment, Delegation, Grant, Role, Unit, User
from zhenwu.changes.prepared import Prepared
from zhenwu.divisions.queries import below


@dataclass(frozen=True, slots=True)
class Realm:
    """What rights need to know of a ledger. Its pack says it (`[ledger]` and `[ledger.rights]`)."""

    ledger: str
    line: str
    privacy: str = "S1"  # that a row exists at all
    roles: tuple[str, ...] = ()  # only these reach the ledger; empty: whoever the matrix names
    village: Literal["own", "all", "none"] = "own"  # which rows village people see
    others: Literal["all", "unit", "none"] = "all"  # which rows offices of other lines see
    unit_column: str = ""  # the column that holds the office a row belongs to


@dataclass(frozen=True, slots=True)
class Scope:
    """One user in one ledger. `places` None means the whole township; an empty set means no row.

    Who holds two posts may see by one and enter by the other, so that `enter_places` may be fewer than `places`. Who
    reviews does so for the whole township. Beside the rows of the places those of the `units` are seen.
    """

    read: bool = False
    enter: bool = False
    review: bool = False  # check: return, correct what was submitted
    places: frozenset[uuid.UUID] | None = frozenset()
    classes: frozenset[str] = frozenset()  # privacy classes of fields that are shown
    roles: frozenset[str] = frozenset()
    enter_places: frozenset[uuid.UUID] | None = frozenset()
    approve: bool = False
    manage: bool = False  # void what is not one's own draft
    audit: bool = False
    units: frozenset[int] = frozenset()
    enter_units: frozenset[int] = frozenset()
    unit_column: str = ""

    def condition(self) -> Q | None:
        """The rows that are seen, as a condition of a query on them; None means all."""
        if self.places is None:
            return None
        if not self.units:
            return Q(division__in=self.places)
        mine = Q(**{f"{self.unit_column}__in": self.units})
        return mine | Q(division__in=self.places) if self.places else mine

    def covers(self, place: uuid.UUID | None, unit: int | None = None) -> bool:
        """Whether rows of this place, or of this office, are seen. A row of no place is the township's own."""
        return self.places is None or place in self.places or unit in self.units

    def sees(self, row: Any) -> bool:
        """Whether a stored row is seen; the same as `condition`, for a row in hand."""
        return self.read and self.covers(row.division_id, self.unit_of(row))

    @property
    def unit_field(self) -> str:
        return self.unit_column.removesuffix("_id")

    def unit_of(self, row: Any) -> int | None:
        return getattr(row, self.unit_column) if self.unit_column else None

    def enters(self, place: uuid.UUID | None, unit: int | None = None) -> bool:
        """Whether rows of this place, or of this office, may be entered."""
        return self.enter and (self.enter_places is None or place in self.enter_places or unit in self.enter_units)

    def changes(self, place: uuid.UUID | None, unit: int | None = None) -> bool:
        """Whether rows of this place or office may be changed, as far as these go."""
        return (self.review and self.covers(place, unit)) or self.enters(place, unit)

    def roles_at(self, place: uuid.UUID | None, unit: int | None = None) -> frozenset[str]:
        """The roles in which one may act on rows of this place: a village's post ends at its border."""
        return self.roles if self.enters(place, unit) else self.roles - VILLAGES

    def shows(self, privacy: str) -> bool:
        return privacy in self.classes


NOTHING = Scope()


class Rights:
    """All scopes of one user on one day, computed once per request: own appointments, and those of the users whom this one
    stands in for that day."""

    def __init__(self, user: User, *, on: date | None = None, appointments: "list[Appointment] | None" = None) -> None:
        self.user = user
        self._on = on or timezone.localdate()
        if appointments is None:
            appointments = _in_force(user, self._on) if user.is_active else []
        self._appointments = appointments
        self._below: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
        self._scopes: dict[Realm, Scope] = {}

    @property
    def stood_in_for(self) -> tuple[User, ...]:
        """The users who are away and whose acts this one may do today."""
        return tuple(dict.fromkeys(one.user for one in self._appointments if one.user_id != self.user.pk))

    def standing_in_for(self, other: User | None) -> "Rights":
        """The same rights, but of those who are away only `other`'s; None: the own ones alone."""
        if not self.stood_in_for:
            return self
        whose = {self.user.pk, other.pk if other else self.user.pk}
        return Rights(self.user, on=self._on, appointments=[one for one in self._appointments if one.user_id in whose])

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(one.role for one in self._appointments)

    @property
    def posts(self) -> tuple[Any, ...] | None:
        """What decides which ledgers are read, to be compared with that of other requests; None while a grant is held."""
        if self._grants:
            return None
        held = self._appointments
        return tuple((one.role, one.unit_id, *(one.unit.lines if one.unit else ())) for one in held)

    @property
    def works(self) -> bool:
        """Whether the user does more than administer the system: administrators see no ledger, finding or figure."""
        return bool(self.roles - ADMINS)

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    @property
    def units(self) -> frozenset[str]:
        return frozenset(one.unit.label for one in self._appointments if one.unit)

    @property
    def whole_town(self) -> bool:
        return bool(self.roles - VILLAGES - ADMINS)

    @property
    def village_places(self) -> frozenset[uuid.UUID]:
        """Everything below the villages this user is appointed to."""
        return frozenset().union(*(self._places(one.division_id) for one in self._appointments))

    def scope(self, line: str, privacy: str) -> Scope:
        """The scope in a ledger of this line that narrows nothing, whose rows as such are of this privacy class."""
        return self.scope_in(Realm("", line, privacy))

    def scope_in(self, realm: Realm) -> Scope:
        known = self._scopes.get(realm)
        if known is None:
            known = NOTHING
            for scope in self._held(realm):
                known = _joined(known, scope)
            if not known.shows(realm.privacy):
                known = replace(NOTHING, roles=known.roles)
            self._scopes[realm] = known
        return known

    def _held(self, realm: Realm) -> Iterator[Scope]:
        """What each post, and then each grant, gives in this ledger."""
        posts = [one for one in self._appointments if not realm.roles or one.role in realm.roles]
        for post in posts:
            own = post.unit is not None and realm.line in post.unit.lines
            for line in OF_ROLE[Role(post.role)]:
                if lines_of(line, realm.line, own):
                    yield self._of(post, line, realm)
        if realm.ledger and (working := [one for one in posts if one.role not in ADMINS]):
            for grant in self._grants:
                if grant.ledger == realm.ledger:
                    yield self._granted(grant, working)

    def _of(self, post: Appointment, line: Line, realm: Realm) -> Scope:
        classes, verbs = classes_upto(line.upto), line.verbs
        if line.rows == "place":
            return self._of_village(post, verbs, classes, realm)
        if line.rows == "others":
            if realm.others == "none":
                return NOTHING
            if realm.others == "unit":
                mine = frozenset({post.unit_id}) if realm.unit_column and post.unit_id else frozenset[int]()
                return Scope(
                    True, True, classes=classes, roles=frozenset({post.role}),
                    units=mine, enter_units=mine, unit_column=realm.unit_column,
                )  # fmt: skip
            return Scope(True, places=None, classes=classes)
        return _scope(verbs, None, classes, frozenset({post.role}))

    def _of_village(self, post: Appointment, verbs: frozenset[str], classes: frozenset[str], realm: Realm) -> Scope:
        if realm.village == "none":
            return NOTHING
        own = _scope(verbs, self._places(post.division_id), classes, frozenset({post.role}))
        return own if realm.village == "own" else replace(own, places=None, classes=classes & classes_upto("S1"))

    def _granted(self, grant: Grant, posts: list[Appointment]) -> Scope:
        if grant.user_id:  # a person's own grant is not lent with the posts
            held = [one for one in posts if one.user_id == self.user.pk]
        else:
            held = [one for one in posts if one.unit_id == grant.unit_id]
        if not held:
            return NOTHING
        verbs = frozenset({"read", *grant.verbs})
        roles = frozenset(one.role for one in held) if verbs - {"read", "audit"} else frozenset()
        places = self._places(grant.division_id) if grant.division_id else None
        return _scope(verbs, places, classes_upto(grant.privacy), roles)

    @cached_property
    def _grants(self) -> list[Grant]:
        if not any(getattr(one, "is_granted", True) for one in self._appointments):
            return []  # nearly everybody, without asking again
        units = {one.unit_id for one in self._appointments if one.unit_id}
        held = Grant.objects.filter(Q(user=self.user) | Q(unit__in=units)).filter(in_force(self._on))
        return list(held.order_by("pk"))

    def _places(self, division: uuid.UUID | None) -> frozenset[uuid.UUID]:
        if division is None:
            return frozenset()
        if division not in self._below:
            self._below[division] = frozenset(below([division]))
        return self._below[division]


def rights_of(user: User) -> Rights:
    """The rights of a user, kept on the user object for the request."""
    if "_rights" not in user.__dict__:  # lives as long as the request's user object
        user.__dict__["_rights"] = Rights(user)
    return user.__dict__["_rights"]


def in_force(on: date) -> Q:
    """A condition on anything dated [valid_from, valid_to)."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _in_force(user: User, on: date) -> list[Appointment]:
    """Own appointments and, while someone is away, theirs; the system's administration is never delegated."""
    found = []
    for *post, granted, label, lines in _POSTS.rows(user=user.pk, on=on):
        one = Appointment.from_db("default", _POST, post)
        one.is_granted = granted  # type: ignore[attr-defined]
        if one.unit_id:
            one.unit = Unit.from_db("default", _UNIT, (one.unit_id, label, lines))
        if one.user_id == user.pk:
            one.user = user
        found.append(one)
    if any(one.user_id != user.pk for one in found):
        others = User.objects.in_bulk({one.user_id for one in found} - {user.pk})
        for one in found:
            one.user = others.get(one.user_id, user)
    return found


def _posts(user: int, on: date) -> QuerySet[Any]:
    away = Delegation.objects.filter(in_force(on), deputy=user, user__is_active=True)
    whose = Q(user=user) | (Q(user__in=away.values("user")) & ~Q(role__in=ADMINS))
    granted = Grant.objects.filter(Q(user=user) | Q(unit=OuterRef("unit")), in_force(on))
    held = Appointment.objects.filter(whose, in_force(on)).order_by("pk").annotate(is_granted=Exists(granted))
    return held.values_list(*_POST, "is_granted", "unit__label", "unit__lines")


_POST = [field.attname for field in Appointment._meta.concrete_fields]
_UNIT = [field.attname for field in Unit._meta.concrete_fields]
assert _UNIT == ["id", "label", "lines"]
_POSTS = Prepared(_posts, user=int, on=date)  # asked by every request: what ended yesterday gives nothing today


def _scope(
    verbs: Iterable[str], places: frozenset[uuid.UUID] | None, classes: frozenset[str], roles: frozenset[str]
) -> Scope:
    said = frozenset(verbs)
    return Scope(
        "read" in said, "enter" in said, "check" in said, places, classes, roles,
        places if "enter" in said else frozenset(), "approve" in said, "manage" in said, "audit" in said,
    )  # fmt: skip


def _joined(a: Scope, b: Scope) -> Scope:
    """Both posts together, and no more than that: what one post shows of its village, the other does not show of all."""
    if not (a.read and b.read):
        return a if a.read else b
    both = Scope(
        True, a.enter or b.enter, a.review or b.review, a.places, a.classes, a.roles | b.roles,
        _union(a.enter_places, b.enter_places), a.approve or b.approve, a.manage or b.manage, a.audit or b.audit,
        a.units, a.enter_units | b.enter_units, a.unit_column or b.unit_column,
    )  # fmt: skip
    if (a.places, a.units) == (b.places, b.units):
        return replace(both, classes=a.classes | b.classes)
    places = _union(a.places, b.places)
    if a.classes == b.classes or (a.places is not None and b.places is not None):
        return replace(both, places=places, units=a.units | b.units, classes=a.classes & b.classes)
    wide, narrow = (a, b) if a.places is None else (b, a)
    shown = wide if wide.classes >= narrow.classes else narrow  # the post that shows more of a row, with its rows
    return replace(both, places=shown.places, units=shown.units, classes=shown.classes)


def _union(a: frozenset[uuid.UUID] | None, b: frozenset[uuid.UUID] | None) -> frozenset[uuid.UUID] | None:
    return None if a is None or b is None else a | b
