"""Queries whose SQL is made once: they answer as the queries they were made of, and never from memory."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from zhenwu.changes.models import AuditEntry, ChainHead, Change
from zhenwu.changes.prepared import Prepared, Statement
from zhenwu.divisions.models import Division

_BY_CODE = Prepared(lambda code: ChainHead.objects.filter(pk=code).values_list("seq"), code=str)
_IN_FORCE = Prepared(
    lambda on, parent: Division.objects.filter(valid_from__lte=on, parent=parent).order_by("code").values_list("pk", "name"),
    on=date, parent=uuid.UUID,
)  # fmt: skip
_SINCE = Prepared(lambda at: Change.objects.filter(at__gte=at).values_list("at", "ledgers"), at=datetime)


def test_each_call_asks_the_database(db, django_assert_num_queries):
    assert _BY_CODE.first(code="site_none") is None
    ChainHead.objects.create(ledger="site_none", seq=3)
    ChainHead.objects.create(ledger="person", seq=4)
    with django_assert_num_queries(2):
        assert (_BY_CODE.first(code="site_none"), _BY_CODE.first(code="person")) == ((3,), (4,))
    ChainHead.objects.filter(pk="site_none").update(seq=5)
    assert _BY_CODE.rows(code="site_none") == [(5,)]


def test_days_ids_and_times_go_in_and_come_out_as_in_any_query(places):
    town, on = places["town"].pk, date(2020, 6, 1)
    known = Division.objects.filter(valid_from__lte=on, parent=town).order_by("code").values_list("pk", "name")
    assert _IN_FORCE.rows(on=on, parent=town) == list(known)
    assert len(known) == 3
    assert _IN_FORCE.rows(on=date(1999, 1, 1), parent=town) == []
    now = timezone.now()
    Change.objects.create(at=now, source_kind="form", ledgers={"site_none": 1})
    assert _SINCE.rows(at=now) == [(now, {"site_none": 1})]
    assert _SINCE.rows(at=now + timedelta(seconds=1)) == []


def test_a_query_whose_shape_follows_its_value_is_refused(db):
    by_shape = Prepared(lambda row: AuditEntry.objects.order_by("at" if row % 2 else "seq").values_list("pk"), row=int)
    with pytest.raises(TypeError, match="row"):
        by_shape.rows(row=1)
    unused = Prepared(lambda row: AuditEntry.objects.values_list("pk"), row=int)
    with pytest.raises(TypeError, match="row"):
        unused.rows(row=1)


def test_conditions_that_nothing_meets_ask_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Statement.of(ChainHead.objects.filter(pk__in=()).values_list("pk")).rows() == []
