from datetime import date
from types import SimpleNamespace

import pytest

from zhenwu.divisions.models import Division, Level

BEGIN = date(1990, 1, 1)


def build(villages: int = 4, groups: int = 3) -> dict[str, Division]:
    """{name: Division}: 县, 镇, villages 甲村, 乙村 …, and their groups 甲1, 甲2 …, called 1组, 2组 …."""
    made = {}
    county = made["县"] = Division.objects.create(
        code="519999000000", name="云岭县", level=Level.COUNTY, valid_from=BEGIN
    )
    town = made["镇"] = Division.objects.create(
        code="519999100000", name="青石镇", level=Level.TOWN, cls="town", parent=county, valid_from=BEGIN
    )
    for number, letter in enumerate("甲乙丙丁戊己庚辛"[:villages], 1):
        code = f"519999100{200 + number}"
        village = made[letter] = Division.objects.create(
            code=code, name=f"{letter}村", level=Level.VILLAGE, cls="villagers", parent=town, valid_from=BEGIN
        )
        for at in range(1, groups + 1):
            made[f"{letter}{at}"] = Division.objects.create(
                code=f"{code}{at:02d}", name=f"{at}组", level=Level.GROUP, cls="group", parent=village, valid_from=BEGIN
            )
    return made


@pytest.fixture
def world(db):
    """`world.甲`, `world.甲1` …: four villages of three groups."""
    return SimpleNamespace(**build())
