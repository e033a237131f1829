"""Places through time: a division is a place in force between two days; an event ends some and begins others."""

from zhenwu.divisions.models.events import (
    Basis,
    Edge,
    Event,
    EventKind,
    EventState,
    Flow,
    PlannedUnit,
    Vote,
    VoteForm,
)
from zhenwu.divisions.models.places import Alias, Class, Division, Level, Outline, UrbanRural

__all__ = [
    "Alias", "Basis", "Class", "Division", "Edge", "Event", "EventKind", "EventState", "Flow", "Level", "Outline",
    "PlannedUnit", "UrbanRural", "Vote", "VoteForm",
]  # fmt: skip
