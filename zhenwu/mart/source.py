"""Whom a figure or a check asks: the mart of this instance, or one township of those that were gathered."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from zhenwu.mart.places import Places
from zhenwu.mart.statements import Prepared


class Source(Protocol):
    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> pa.Table:
        """Rows of the statement; `around` selects from `{}`. Raises QueryTooSlow, QueryFailed, NotGathered."""

    def places(self, as_of: date) -> Places: ...

    def turns(self, as_of: date) -> list[date]:
        """Days on which a place gave a part away (Places.turns); others do no harm."""
