"""Tables of invented townships as files."""

import csv
import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from zhenwu.packs.designing.tests.tables import VILLAGES, Sample


class Township:
    """Knows the villages of the tables; of persons only those it is told."""

    def __init__(self, persons: Sequence[str] = ()) -> None:
        self._persons = set(persons)

    def places(self, words: Sequence[str]) -> set[str]:
        return {word for word in words if word in VILLAGES or f"{word}村" in VILLAGES}

    def persons(self, words: Sequence[str]) -> set[str]:
        return {word for word in words if word in self._persons}

    def units(self, words: Sequence[str]) -> set[str]:
        return set()


def as_file(sample: Sample) -> bytes:
    rows = [*sample.above, *sample.heads, *(sample.row(n) for n in range(sample.rows)), *sample.below]
    if sample.kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("gb18030")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Sheet1")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(at, column, value)
    start = len(sample.above)
    for at, left, right in sample.merged:
        sheet.merge_range(start + at, left, start + at, right, sample.heads[at][left])
    if len(sample.heads) > 1:
        for column, head in enumerate(sample.heads[0]):
            if (
                head
                and not sample.heads[1][column]
                and not any(left <= column <= right for _, left, right in sample.merged)
            ):
                sheet.merge_range(start, column, start + 1, column, head)
    book.close()
    return target.getvalue()


@pytest.fixture
def township():
    return Township
