"""Population, households."""

from datetime import date
from decimal import Decimal

from zhenwu.config.demo.figures.tally import Tally, in_year
from zhenwu.config.demo.world import LAST, YEAR, Row, add_months, age


def count(tally: Tally) -> None:
    persons = tally.rows("person")
    registered = [row for row in persons if _registered(row, LAST)]
    tally.count("pop_hukou", registered)
    half_year_ago = add_months(LAST, -6)
    tally.count("pop_live", (
        row for row in registered if row["live_status"] == "stay" or (row["live_status"] == "away" and row["away_since"] > half_year_ago)
    ))  # fmt: skip
    for years in (60, 65, 80):
        tally.count(f"pop_{years}", (row for row in registered if age(row["birth"], LAST) >= years))
    born = [row for row in persons if in_year(row["birth"]) and row["hukou_status"] != "none"]
    died = [row for row in persons if in_year(row.get("death_date"))]
    tally.count("birth_n", born)
    tally.count("death_n", died)
    before = sum(_registered(row, date(YEAR - 1, 12, 31)) for row in persons)
    tally.share("nat_growth", len(born) - len(died), Decimal(len(registered) + before) / 2, scale=1000, places=2)
    tally.count("away_n", (row for row in registered if row["live_status"] == "away"))
    tally.count(
        "labor_n", (row for row in registered if 16 <= age(row["birth"], LAST) <= 59 and row["labor"] != "none")
    )
    _households(tally, len(registered))


def _registered(person: Row, on: date) -> bool:
    died, left = person.get("death_date"), person.get("out_date")
    if person["birth"] > on or (died and died <= on):
        return False
    return person["hukou_status"] in ("here", "dead") or bool(left and left > on)


def _households(tally: Tally, people: int) -> None:
    world = tally.world
    members: dict[str, list[Row]] = {}
    for one in tally.rows("household_member"):
        if one["from_date"] <= LAST and (one["to_date"] is None or one["to_date"] > LAST):
            members.setdefault(one["household"], []).append(one)
    homes = [
        row
        for row in tally.rows("household")
        if row["hkind"] == "hukou" and (row["to_date"] is None or row["to_date"] > LAST)
    ]
    tally.count("hh_n", homes)
    tally.share("hh_size", people, len(homes), scale=1, places=2)

    def staying(home: Row) -> list[Row]:
        persons = (world.of[one["person"]] for one in members.get(home["id"], []))
        return [one for one in persons if one["live_status"] == "stay" and one.get("death_date") is None]

    tally.count("hh_empty", (row for row in homes if not staying(row)))
    tally.count("hh_elder_only", (
        row for row in homes if (here := staying(row)) and all(age(one["birth"], LAST) >= 60 for one in here)
    ))  # fmt: skip
    tally.count("hm_one", (row for row in homes if len({one["person"] for one in members.get(row["id"], [])}) == 1))
