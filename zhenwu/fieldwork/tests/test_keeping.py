"""What visits found, in the hash chain: silent edits, deletions and inventions are found."""

import pytest

from zhenwu.changes.models import ChainHead, History
from zhenwu.fieldwork.actions import Visit, correct, forget_rows, make_plan, note_visit, visits_of
from zhenwu.fieldwork.keeping import PLANS, RESULTS, adopt
from zhenwu.fieldwork.models import Found, SpotPlan
from zhenwu.fieldwork.tests.test_spot_checks import ON, checker, hazards, wanted  # noqa: F401  fixtures
from zhenwu.ledgers.audit import audited_ledgers, verify
from zhenwu.packs import runtime

SAID = {"sector": ("same", ""), "found_on": ("different", "2020-05-02"), "detail": ("same", "")}


def breaks() -> list[str]:
    return [one.message for code in (PLANS, RESULTS) for one in verify(code)]


@pytest.fixture
def visited(hazards, lin, checker):  # noqa: F811
    """Two visits, one of which found a wrong date that was then corrected."""
    plan = make_plan(wanted(), by=lin, on=ON)
    first, second = visits_of(checker, plan)[:2]
    note_visit(first, Visit(SAID), by=checker, on=ON)
    note_visit(second, Visit(SAID | {"found_on": ("same", "")}), by=checker, on=ON)
    first = runtime.ledger("spot_check").rows("test").get(pk=first.pk)
    correct(first, by=lin, on=ON)
    return first


def test_draws_visits_and_corrections_are_in_the_chain(visited):
    assert list(History.objects.filter(ledger=PLANS).values_list("act", flat=True)) == ["draw"]
    acts = History.objects.filter(ledger=RESULTS).order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["note", "note", "correct"]
    assert {PLANS, RESULTS} <= set(audited_ledgers())
    assert breaks() == []


@pytest.mark.parametrize(
    "values", [{"result": "same"}, {"value": "2020-05-03"}, {"said": ""}, {"change": None}, {"field": "kind"}]
)
def test_a_silent_edit_of_a_result_is_found(visited, values):
    Found.objects.filter(visit=visited.pk, field="found_on").update(**values)
    assert breaks() == [f"核查{visited.pk.hex}的结果被绕过平台改动。"]


def test_deleted_and_invented_results_are_found(visited):
    Found.objects.filter(visit=visited.pk, field="detail").delete()
    assert breaks() == [f"核查{visited.pk.hex}的结果被绕过平台改动。"]
    Found.objects.filter(visit=visited.pk).delete()
    assert breaks() == [f"核查结果{visited.pk.hex}有历史，但已从表中删除。"]
    stranger = Found.objects.first()
    stranger.pk, stranger.visit = None, SpotPlan.objects.get().pk
    stranger.save()
    assert f"核查{stranger.visit.hex}的结果没有历史：不是通过平台登记的。" in breaks()


@pytest.mark.parametrize(
    "values", [{"seed": 8}, {"frame_size": 13}, {"fields": ["detail"]}, {"method": "random"}, {"frame_digest": "0"}]
)
def test_a_draw_that_was_changed_is_found(visited, values):
    SpotPlan.objects.update(**values)
    assert breaks() == ["核查方案“三季度核查”被绕过平台改动。"]


def test_a_history_rewritten_as_well_breaks_the_chain(visited):
    last = History.objects.filter(ledger=RESULTS).latest("seq")
    History.objects.filter(pk=last.pk).update(values=last.values.replace("different", "same"))
    Found.objects.filter(visit=visited.pk, result="different").update(result="same")
    assert breaks() == [f"第3条历史（记录{visited.pk.hex}第2版）被改动过。"]


def test_erased_results_keep_the_chain_whole(visited):
    forget_rows("hazard", [*runtime.ledger("hazard").rows("test").values_list("pk", flat=True)])
    assert set(Found.objects.values_list("said", "value")) == {("", "")}
    assert breaks() == []
    forget_rows("spot_check", [visited.pk])
    assert not Found.objects.filter(visit=visited.pk).exists()
    assert breaks() == []


def test_what_was_there_before_is_taken_in_once(visited):
    for code in (PLANS, RESULTS):
        History.objects.filter(ledger=code).delete()
        ChainHead.objects.filter(ledger=code).delete()
    assert len(breaks()) == 3
    adopt()
    adopt()
    assert breaks() == []
    assert History.objects.filter(ledger=RESULTS).count() == 2
