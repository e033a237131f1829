"""What a finding says of a row goes with the row; that something was found, and how it ended, stays."""

import uuid
from datetime import date

import pytest
from django.utils import timezone

from zhenwu.checks.forgetting import files_named, forget_rows
from zhenwu.checks.models import EventKind, Finding, FindingEvent


@pytest.fixture
def finding(db):
    def make(key: str, row: uuid.UUID) -> Finding:
        made = Finding.objects.create(
            check_code="person.PE1", ledger="person", label="号码有误", subject='["陈故人"]', key=key, severity="red",
            message="陈故人的号码有误", values={"name": "陈故人"}, row=row, row_ledger="person", year=2020,
            found_on=date(2020, 1, 1), seen_on=date(2020, 1, 1), due_on=date(2020, 2, 1), explanation="陈故人已改名",
            evidence=[{"sha256": key, "name": "证明.pdf", "size": 1, "mime": "application/pdf"}],
        )  # fmt: skip
        FindingEvent.objects.create(finding=made, at=timezone.now(), kind=EventKind.EXPLAINED, text="陈故人已改名")
        return made

    return make


def test_only_the_words_about_erased_rows_go(finding):
    gone, stays = finding("a" * 64, uuid.uuid4()), finding("b" * 64, uuid.uuid4())
    assert forget_rows("person", [gone.row]) == {"a" * 64}
    assert files_named({"a" * 64, "b" * 64}) == {"b" * 64}
    said = Finding.objects.filter(pk=gone.pk).values_list("subject", "message", "values", "explanation").get()
    assert "陈故人" not in str(said)
    assert gone.events.get().text == ""
    stays.refresh_from_db()
    assert (stays.message, stays.events.get().text) == ("陈故人的号码有误", "陈故人已改名")
    gone.refresh_from_db()
    assert (gone.check_code, gone.status) == ("person.PE1", "open")
