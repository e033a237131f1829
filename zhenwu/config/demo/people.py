"""Persons, households and who lives in them: families with ages that fit, births, deaths and moves of the year."""

from datetime import date, timedelta
from random import Random
from typing import TypeVar

from zhenwu.config.demo.names import person_name
from zhenwu.config.demo.places import VILLAGES, Village, group_code
from zhenwu.config.demo.world import FIRST, LAST, YEAR, Row, World, age, day_in
from zhenwu.lib.idno import check_digit

_T = TypeVar("_T")
_SIZES = ((1, 14), (2, 22), (3, 26), (4, 22), (5, 10), (6, 6))  # mean 3.1
_EDU = (  # until age, then weights of schooling
    (35, (("初中", 30), ("高中", 25), ("中专", 10), ("大专", 20), ("本科", 14), ("研究生", 1))),
    (55, (("小学", 20), ("初中", 52), ("高中", 15), ("中专", 5), ("大专", 6), ("本科", 2))),
    (200, (("文盲", 12), ("小学", 58), ("初中", 24), ("高中", 6))),
)


class Idnos:
    """Numbers of the unassigned region 519999: a serial per birth day, its last digit odd for men, a right check digit."""

    def __init__(self) -> None:
        self._serials: dict[tuple[date, str], int] = {}

    def take(self, birth: date, sex: str) -> str:
        serial = self._serials.get((birth, sex), 1 if sex == "1" else 2)
        self._serials[birth, sex] = serial + 2
        first17 = f"519999{birth:%Y%m%d}{serial:03d}"
        return first17 + check_digit(first17)


class Register:
    """Builds the three registries. Afterwards `adults` are living, at home in the registers, aged 20 to 79."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = world.rng("people")
        self.idnos = Idnos()
        self._named: set[tuple[str, str, date]] = set()

    def build(self) -> None:
        total = sum(one.share for one in VILLAGES)
        for village in VILLAGES:
            wanted, count = self.world.persons * village.share // total, 0
            while count < wanted:
                size = _pick(self.rng, _SIZES)
                self._family(village, size)
                count += size
        self._births()
        self._deaths()
        self._moves()

    def _family(self, village: Village, size: int) -> None:
        rng, group = self.rng, group_code(village.code, self.rng.randint(1, village.groups))
        head_age = rng.randint(38, 86) if size == 1 else rng.randint(28, 80) if size == 2 else rng.randint(27, 58)
        head_sex = "1" if rng.random() < (0.85 if size > 1 else 0.6) else "2"
        head = self._person(village, group, head_sex, self._birth(head_age))
        since = max(
            date(rng.randint(1995, 2018), rng.randint(1, 12), rng.randint(1, 28)), _year_later(head["birth"], 20)
        )
        household = self.world.add(
            "household", division=village.code, hkind="hukou", hno="", head=head["id"], grp=group,
            addr=f"{village.name}{int(group[12:])}组{rng.randint(1, 180)}号", from_date=min(since, date(2014, 12, 1)), to_date=None, close_reason=None,
            same_as=None, state="active",
        )  # fmt: skip
        household["hno"] = f"{group[6:]}{len(self.world.rows['household']):05d}"
        self._join(household, head, "02")
        others = size - 1
        spouse = None
        if others and (size > 2 or rng.random() < 0.8):
            sex = "2" if head_sex == "1" else "1"
            spouse = self._person(village, group, sex, self._birth(max(24, head_age + rng.randint(-4, 3))))
            head["marriage"] = spouse["marriage"] = "20"
            self._join(household, spouse, "12" if sex == "2" else "11")
            others -= 1
        parents = max(0, others - 2) if head_age <= 58 else 0
        for sex in ("1", "2")[2 - parents :] if parents else ():
            parent = self._person(village, group, sex, self._birth(min(head_age + rng.randint(21, 31), 97)),
                                  head["name"][0] if sex == "1" else None)  # fmt: skip
            parent["marriage"] = "20" if parents == 2 else "30"
            head["father" if sex == "1" else "mother"] = parent["id"]
            self._join(household, parent, "51" if sex == "1" else "52")
            others -= 1
        for _ in range(others):
            self._child(village, household, head, spouse)

    def _child(self, village: Village, household: Row, head: Row, spouse: Row | None, birth: date | None = None) -> Row:
        rng = self.rng
        father = head if head["sex"] == "1" else spouse
        mother = spouse if head["sex"] == "1" else head
        elder = [one for one in (father, mother) if one]
        oldest = min(age(one["birth"], LAST) for one in elder) - 20
        sex = rng.choice("12")
        born = birth or self._birth(rng.randint(1, max(1, min(oldest, 45))))
        surname = (father or head)["name"][0]
        child = self._person(village, household["grp"], sex, born, surname)
        child["father"] = father["id"] if father else None
        child["mother"] = mother["id"] if mother else None
        if age(born, LAST) < 18:
            child["guardian"] = elder[0]["id"]
        self._join(household, child, "20" if sex == "1" else "30")
        return child

    def _person(self, village: Village, group: str, sex: str, birth: date, surname: str | None = None) -> Row:
        rng, years = self.rng, age(birth, LAST)
        name = person_name(rng, sex, surname)
        while (village.code, name, birth) in self._named:
            name = person_name(rng, sex, surname)
        self._named.add((village.code, name, birth))
        away = 18 <= years <= 55 and rng.random() < 0.25
        return self.world.add(
            "person", division=village.code, name=name, sex=sex, birth=birth, idno=self.idnos.take(birth, sex), idno_kind="ok",
            ethnic="01", hukou_group=group, hukou_status="here", live_div=village.code,
            live_status="away" if away else "stay",
            away_place=rng.choice(("county", "city", "province", "other_province")) if away else None,
            away_since=day_in(rng, date(2012, 1, 1), date(2020, 4, 30)) if away else None,
            phone=self.world.phones.take() if years >= 18 and rng.random() < 0.6 else None,
            marriage="10" if years < 30 else "20" if years < 65 else "30", edu=_edu(rng, years), labor=_labor(rng, years),
            public_role="none", father=None, mother=None, guardian=None, state="active",
        )  # fmt: skip

    def _join(self, household: Row, person: Row, rel: str, since: date | None = None) -> Row:
        self.world.homes.setdefault(person["id"], set()).add(household["id"])
        return self.world.add(
            "household_member", division=household["division"], household=household["id"], person=person["id"], rel=rel,
            from_date=since or max(household["from_date"], person["birth"]), to_date=None, counted=True, state="current",
        )  # fmt: skip

    def _birth(self, years: int) -> date:
        """A birth day of someone who is that old on the last day of the year."""
        return day_in(self.rng, date(YEAR - years, 1, 1), date(YEAR - years, 12, 31))

    def _births(self) -> None:
        world, rng = self.world, self.rng
        mothers = [
            (world.of[m["household"]], world.of[m["person"]])
            for m in list(world.rows["household_member"])
            if m["rel"] == "12" and 22 <= age(world.of[m["person"]]["birth"], LAST) <= 40
        ]
        for household, mother in rng.sample(mothers, min(len(mothers), world.scaled(150, 8))):
            village = next(one for one in VILLAGES if one.code == household["division"])
            head = world.of[household["head"]]
            child = self._child(village, household, head, mother, day_in(rng, FIRST, LAST))
            if rng.random() < 0.05:
                child["idno"], child["idno_kind"] = None, "none_newborn"

    def _deaths(self) -> None:
        world, rng = self.world, self.rng
        old = [
            m for m in world.rows["household_member"]
            if m["rel"] in ("51", "52", "12") and age(world.of[m["person"]]["birth"], LAST) >= 60
        ]  # fmt: skip
        for member in rng.sample(old, min(len(old), world.scaled(110, 6))):
            self._die(member, day_in(rng, date(YEAR, 1, 3), date(YEAR, 11, 20)))
        alone = [
            m for m in _single_members(world) if age(world.of[m["person"]]["birth"], LAST) >= 75
        ]  # fmt: skip
        for member in rng.sample(alone, min(len(alone), world.scaled(20, 1))):
            self._die(member, day_in(rng, date(YEAR, 1, 3), date(YEAR, 11, 20)))
            household = world.of[member["household"]]
            household.update(to_date=member["to_date"], close_reason="extinct", state="closed")

    def _die(self, member: Row, on: date) -> None:
        person = self.world.of[member["person"]]
        person.update(hukou_status="dead", death_date=on, death_proof=self.rng.choice(("medical", "crematory", "police")),
                      live_status="stay", away_place=None, away_since=None)  # fmt: skip
        person["state"] = "dead"
        member.update(to_date=on + timedelta(days=self.rng.randint(2, 20)), state="ended")

    def _moves(self) -> None:
        """Young people who moved their registration away; their parents' household goes on."""
        world, rng = self.world, self.rng
        young = [
            m for m in world.rows["household_member"]
            if m["rel"] in ("20", "30") and 20 <= age(world.of[m["person"]]["birth"], LAST) <= 35
        ]  # fmt: skip
        for member in rng.sample(young, min(len(young), world.scaled(60, 3))):
            on = day_in(rng, FIRST, date(YEAR, 11, 30))
            person = world.of[member["person"]]
            person.update(
                hukou_status="out",
                out_date=on,
                live_status="away",
                away_place="province",
                away_since=on,
                state="moved_out",
            )
            member.update(to_date=on, state="ended")


def living_adults(world: World, village: str, youngest: int = 20, oldest: int = 75) -> list[Row]:
    return [
        one for one in world.rows["person"]
        if one["division"] == village and one["hukou_status"] == "here" and youngest <= age(one["birth"], LAST) <= oldest
    ]  # fmt: skip


def _single_members(world: World) -> list[Row]:
    count: dict[str, int] = {}
    for one in world.rows["household_member"]:
        count[one["household"]] = count.get(one["household"], 0) + 1
    return [one for one in world.rows["household_member"] if count[one["household"]] == 1]


def _year_later(birth: date, years: int) -> date:
    return date(birth.year + years, birth.month, min(birth.day, 28))


def _edu(rng: Random, years: int) -> str | None:
    if years < 7:
        return None
    if years < 16:
        return "小学" if years < 13 else "初中"
    return _pick(rng, next(weights for until, weights in _EDU if years <= until))


def _labor(rng: Random, years: int) -> str:
    if years < 16 or years > 74:
        return "none"
    if years > 60:
        return "weak" if rng.random() < 0.6 else "normal"
    return "skill" if rng.random() < 0.15 else "normal"


def _pick(rng: Random, weighted: tuple[tuple[_T, int], ...]) -> _T:
    return rng.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]
