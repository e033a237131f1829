"""Points as people write them: decimal degrees, degrees-minutes-seconds, with or without words for east and north."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from zhenwu.lib.readings import Reading, typed
from zhenwu.lib.text import fold_width

LON: Final = (Decimal(73), Decimal(136))  # of China; the two ranges do not meet, so that the order can be told
LAT: Final = (Decimal(3), Decimal(54))
PLACES: Final = 6  # a tenth of a metre
_HOW: Final = "请写成“经度,纬度”，如 106.8472,29.5631，或 东经106°50′50″ 北纬29°33′47″。"
_NUMBER: Final = r"\d+(?:\.\d+)?"
_BEFORE: Final = r"东经|西经|北纬|南纬|经度|纬度|经|纬|lon(?:gitude)?|lat(?:itude)?|lng|[EWNS]"
_AFTER: Final = r"[EWNS]"
_ANGLE: Final = re.compile(
    rf"(?P<before>{_BEFORE})?\s*[:：=]?\s*(?P<sign>[-+])?(?P<d>{_NUMBER})\s*"
    rf"(?:[°º度d]\s*(?:(?P<m>{_NUMBER})\s*[′'’分m]\s*(?:(?P<s>{_NUMBER})\s*(?:[″\"”秒s]|''|′′|(?=[,，NEne]|$))\s*)?)?)?"
    rf"(?P<after>{_AFTER}(?![a-z]))?",
    re.IGNORECASE,
)
_AXIS: Final = {"东经": "x", "经度": "x", "经": "x", "e": "x", "lon": "x", "longitude": "x", "lng": "x",
                "北纬": "y", "纬度": "y", "纬": "y", "n": "y", "lat": "y", "latitude": "y"}  # fmt: skip
_ELSEWHERE: Final = ("西经", "南纬", "w", "s")


def read_point(raw: object) -> Reading[str]:
    """The point as "lon,lat" in WGS-84 degrees with six decimals. A point outside of China, or one of which the order cannot be told, is an
    error; a coarse one carries a note."""
    text = fold_width("" if raw is None else str(raw)).strip().strip("()[]（）【】")
    if not text:
        return Reading()
    if len(text) > 120:
        return Reading(error=f"{typed(raw)}，太长了，不像一个坐标：{_HOW}")
    angles, rest = _angles(text)
    if len(angles) != 2 or re.search(r"[^\s,，、;；/|。.]", rest):
        return Reading(error=f"{typed(raw)}，看不出是哪一点：{_HOW}")
    if any(one is None for _, one, _ in angles):
        return Reading(error=f"{typed(raw)}，分、秒要小于60：{_HOW}")
    if any(axis == "elsewhere" for axis, _, _ in angles):
        return Reading(error=f"{typed(raw)}，不在我国境内，请核对经纬度。")
    (axis, a, fine), (other, b, also) = angles
    assert a is not None
    assert b is not None
    if axis and axis == other:
        return Reading(error=f"{typed(raw)}，两个都写成了{'经度' if axis == 'x' else '纬度'}：{_HOW}")
    lon, lat = _in_order(axis or ({"x": "y", "y": "x"}.get(other, "")), a, b)
    if lon is None:
        same = "纬度" if _within(a, LAT) and _within(b, LAT) else "经度" if _within(a, LON) and _within(b, LON) else ""
        cause = f"两个数都像{same}" if same else "不在我国境内，请核对经纬度"
        return Reading(error=f"{typed(raw)}，{cause}：{_HOW}")
    coarse = min(fine, also)
    note = (
        f"“{str(raw).strip()}”只精确到约{'一公里' if coarse == 2 else '十公里以上'}，请核对。" if coarse < 3 else None
    )
    return Reading(f"{_said(lon)},{_said(lat)}", note=note)


def _angles(text: str) -> tuple[list[tuple[str, Decimal | None, int]], str]:
    """(axis x, y, elsewhere or "", degrees or None when minutes are wrong, decimals said) of each angle; and what is left."""
    found: list[tuple[str, Decimal | None, int]] = []

    def taken(match: re.Match[str]) -> str:
        words = [(match["before"] or "").lower(), (match["after"] or "").lower()]
        axis = next((_AXIS[word] for word in words if word in _AXIS), "")
        if match["sign"] == "-" or any(word in _ELSEWHERE for word in words):
            axis = "elsewhere"
        minutes, seconds = Decimal(match["m"] or 0), Decimal(match["s"] or 0)
        wrong = minutes >= 60 or seconds >= 60 or (match["m"] and "." in match["d"])
        degrees = None if wrong else Decimal(match["d"]) + minutes / 60 + seconds / 3600
        decimals = len(match["d"].partition(".")[2]) + (2 if match["m"] else 0) + (2 if match["s"] else 0)
        found.append((axis, degrees, decimals))
        return " "

    return found, _ANGLE.sub(taken, text)


def _in_order(axis: str, a: Decimal, b: Decimal) -> tuple[Decimal | None, Decimal]:
    """(longitude, latitude): `axis` says what the first is; told by their ranges when it does not."""
    pairs = [(a, b)] if axis == "x" else [(b, a)] if axis == "y" else [(a, b), (b, a)]
    return next(((lon, lat) for lon, lat in pairs if _within(lon, LON) and _within(lat, LAT)), (None, b))


def _within(value: Decimal, limits: tuple[Decimal, Decimal]) -> bool:
    return limits[0] <= value <= limits[1]


def _said(value: Decimal) -> str:
    return format(value.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP), "f")
