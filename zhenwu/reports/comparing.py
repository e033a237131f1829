"""In a year in which villages changed: the report's figures by village on the boundaries of today, each new village with
what its former ones counted (其中原甲村). Both boundaries side by side, so that this year can be held against the last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from zhenwu.divisions.models import Division, Edge, Event, Level
from zhenwu.divisions.models.events import IN_EFFECT
from zhenwu.divisions.queries import villages
from zhenwu.indicators.figures import Figure
from zhenwu.indicators.queries import by_place, spec_of, value
from zhenwu.lib.amounts import show_decimal
from zhenwu.reports.citing import Question
from zhenwu.reports.tree import Cited, Comparison

_MOST = 6  # columns that an upright page holds
_ADDITIVE = ("count", "sum")


def compare_boundaries(asked: Question, cited: Iterable[Cited]) -> Comparison | None:
    """None in a year without a change of villages, or when no figure differs by it."""
    formers = _formers(asked)
    if not formers:
        return None
    columns = [one for code in (one.code for one in cited) if (one := _Column.of(code, asked, formers))][:_MOST]
    if not columns:
        return None
    names = {place.pk.hex: place.name for place in Division.objects.filter(level=Level.VILLAGE)}
    rows = [("全镇", False, tuple(column.town for column in columns))]
    for place in villages(asked.as_of):
        key = place.pk.hex
        rows.append((place.name, False, tuple(column.now.get(key, "0") for column in columns)))
        rows += [
            (f"其中：原{names[one]}", True, tuple(column.was.get(one, "0") for column in columns))
            for one in formers[key]
        ]
        if formers[key]:
            rows.append((f"其中：合并后{place.name}", True, tuple(column.was.get(key, "0") for column in columns)))
    if any(column.undecided for column in columns):
        rows.append(("归属未定（行）", True, tuple(str(column.undecided) for column in columns)))
    return Comparison(_said(asked), tuple(column.head for column in columns), tuple(rows))


@dataclass(frozen=True)
class _Column:
    """One figure: `now` and `was` are texts by village."""

    head: str
    town: str
    now: dict[str, str]
    was: dict[str, str]
    undecided: int

    @classmethod
    def of(cls, code: str, asked: Question, formers: dict[str, list[str]]) -> "_Column | None":
        """None for what does not add up over villages, tells of single persons, or is the same on both boundaries."""
        if "." in code or not _adds_up(code):
            return None
        now = by_place(code, as_of=asked.as_of, year=asked.year, boundary="now")
        was = by_place(code, as_of=asked.as_of, year=asked.year, boundary="was")
        changed = [one for olds in formers.values() for one in olds]
        if not any(was[one].row_count for one in changed if one in was):
            return None
        whole = value(code, as_of=asked.as_of, year=asked.year)
        unit = whole.show_unit or whole.unit
        undecided = max((one.undecided for one in now.values()), default=0)
        head = f"{whole.label}（{unit}）" if unit else whole.label
        return cls(head, _plain(whole), _texts(now), _texts(was), undecided)


def _texts(figures: Mapping[str, Figure]) -> dict[str, str]:
    return {key: _plain(one) for key, one in figures.items()}


def _adds_up(code: str) -> bool:
    try:
        spec = spec_of(code)
    except LookupError:  # a count of findings is no indicator
        return False
    return spec.agg in _ADDITIVE and spec.privacy != "S3"


def _plain(figure: Figure) -> str:
    """The number alone: the head says the unit."""
    if figure.value is None:
        return "—"
    return show_decimal(figure.value) if figure.show_unit != "万元" else figure.text.replace("万元", "")


def _formers(asked: Question) -> dict[str, list[str]]:
    """{village of today: the villages that became it in the year, by code}; empty in a year without changes."""
    edges = Edge.objects.filter(
        event__state__in=IN_EFFECT, event__effective__year=asked.year, event__effective__lte=asked.as_of,
        source__level=Level.VILLAGE, target__level=Level.VILLAGE, whole=True,
    ).order_by("source__code")  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for source, target in edges.values_list("source_id", "target_id"):
        found[target.hex].append(source.hex)
    return found


def _said(asked: Question) -> str:
    in_year = Event.objects.filter(state__in=IN_EFFECT, effective__year=asked.year).order_by("effective")
    first = in_year.values_list("effective", flat=True)[0]
    before = villages(first - timedelta(days=1)).count() if first else 0
    after = villages(asked.as_of).count()
    return f"本年村（社区）由{before}个调整为{after}个。各村数按现行区划，“其中”按当时区划；增减比较只用现行区划的数。"
