"""The readable numbers that rows get when their rosters are imported into an empty instance: prefix, year, running number."""

from zhenwu.config.demo.world import World

_MAIN = {"river_patrol": ("XH", "patrol_on"), "hazard_inspection": ("PJ", "inspect_on")}


def number_rows(world: World) -> None:
    """Number the ledgers that others point to by number, in the order of their rosters, and fill those pointers."""
    for ledger, (prefix, main_date) in _MAIN.items():
        counts: dict[int, int] = {}
        for row in world.rows[ledger]:
            year = row[main_date].year
            counts[year] = counts.get(year, 0) + 1
            row["no"] = f"{prefix}-{year}-{counts[year]:05d}"
    for issue in world.rows["eco_issue"]:
        patrol = issue.pop("patrol", None)
        if patrol:
            issue["ref_no"] = world.of[patrol]["no"]
