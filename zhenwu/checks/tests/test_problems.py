"""One page of everything that waits to be closed: findings and rows of ledgers of problems, merged, counted, printed."""

import io
from datetime import date
from decimal import Decimal

import pytest
from docx import Document

from zhenwu.changes.actions import Source
from zhenwu.changes.models import AuditEntry, Review, SourceKind
from zhenwu.checks.listing import FindingQuery
from zhenwu.checks.problems import Problems
from zhenwu.checks.running import run
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.operations import Add, Draft, Step
from zhenwu.lib.sheets import read_book
from zhenwu.packs import runtime

AS_OF = date(2020, 6, 30)
LATE = "hazard.HZ-05"


@pytest.fixture
def listed(lin, places):
    """Two hazards of 青山村, one of them overdue and found by the check; an issue of 河口村."""

    def add(ledger, place, values, review=Review.SUBMITTED):
        source = Source(SourceKind.SYSTEM)
        commit(
            Draft(
                ledger, lin, [Add(values, division=places[place].pk, review=review)], source, reason="试验", today=AS_OF
            )
        )

    hazard = {"found_by_way": "排查", "sector": "消防", "finder": "张青", "kind": "管理"}
    add("hazard", "青山村", hazard | {"detail": "通道堵塞", "found_on": date(2020, 5, 1), "due_on": date(2020, 5, 31)})
    add("hazard", "青山村", hazard | {"detail": "护栏松动", "found_on": date(2020, 6, 1), "due_on": date(2020, 7, 31)})
    issue = {
        "found_way": "巡河",
        "kind": "垃圾",
        "spot_text": "桥下",
        "detail": "桥下垃圾<b>",
        "found_by": "李河",
        "level": "严重",
    }
    add("eco_issue", "河口村", issue | {"found_on": date(2020, 6, 2)})
    run([LATE], as_of=AS_OF)


def asked(user, on=AS_OF, **said):
    problems = Problems(user, FindingQuery.from_params(said), on)
    return sum(problems.counts().values()) if not said.get("severity") else problems.counts()[
        said["severity"]
    ], problems


def messages(user, **said):
    total, problems = asked(user, **said)
    return [one.message for one in problems.page(0, total)]


def test_every_source_stands_in_one_list_in_one_order(listed, lin):
    assert [one[:4] for one in messages(lin)] == ["YH-2", "桥下垃圾", "通道堵塞", "护栏松动"]  # red first, then by day
    assert [one[:4] for one in messages(lin, sort="due")][1:3] == ["YH-2", "护栏松动"] or messages(lin, sort="due")[
        0
    ] == "通道堵塞"
    assert messages(lin, sort="new")[0][:2] == "YH"


def test_pages_do_not_repeat_and_do_not_miss(listed, lin):
    total, problems = asked(lin)
    assert total == 4
    whole = [one.url for one in problems.page(0, 4)]
    assert [one.url for start in range(4) for one in problems.page(start, start + 1)] == whole
    assert len(set(whole)) == 4


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({"source": "check"}, 1), ({"source": "hazard"}, 2), ({"source": "eco_issue"}, 1), ({"source": "person"}, 4),
        ({"late": "1"}, 1), ({"line": "safety"}, 3), ({"line": "ecology"}, 1), ({"ledger": "hazard"}, 3), ({"check": LATE}, 1),
        ({"status": "closed"}, 0), ({"status": "verify"}, 0), ({"status": "all"}, 4), ({"severity": "red"}, 2),
        ({"unit": "应急办"}, 3),
    ],
)  # fmt: skip
def test_filters_reach_every_source(listed, lin, said, count):
    assert asked(lin, **said)[0] == count


def test_mine_and_whose_rows_one_sees(listed, chen, wu, lin):
    assert len(messages(chen)) == 3
    assert [one[:4] for one in messages(wu)] == ["桥下垃圾"]
    assert len(messages(wu, mine="1")) == 1


def test_what_is_closed_leaves_the_list_and_counts_in_the_rates(listed, lin, leader):
    row = runtime.ledger("eco_issue").rows("test").get()
    steps = [("send", {"sent_to": "河口村", "due_on": date(2020, 6, 20)}), ("finish", {"handled_by": "李河", "way": "当场整改"}),
             ("close", {"closed_by": "罗南"})]  # fmt: skip
    for code, values in steps:
        row.refresh_from_db()
        step = Step(row.pk, row.version, code, values)
        commit(Draft("eco_issue", lin, [step], Source(SourceKind.FORM), reason="试验", today=date(2020, 6, 18)))
    assert len(messages(lin)) == 3
    assert messages(lin, status="closed") == ["桥下垃圾<b>"]
    rates = dict(Problems(lin, FindingQuery(), AS_OF).rates(2020))
    assert (rates["生态环境问题"].found, rates["生态环境问题"].rate) == (1, Decimal("100.0"))
    assert rates["生态环境问题"].on_time == 1
    assert (rates["安全隐患"].found, rates["安全隐患"].late, rates["安全隐患"].rate) == (2, 1, Decimal("0.0"))
    assert rates["台账核对发现"].found == 1


def test_the_register_is_printed_as_it_is_filtered(listed, lin, wu, live):
    page = live(lin).get("/findings/")
    assert page.status_code == 200
    assert "桥下垃圾&lt;b&gt;" in page.content.decode()
    sheet = live(lin).get("/findings/register.xlsx?source=hazard")
    rows = list(read_book(b"".join(sheet.streaming_content)).sheets[0].rows)
    assert any("护栏松动" in map(str, row) for row in rows)
    document = Document(io.BytesIO(b"".join(live(lin).get("/findings/register.docx").streaming_content)))
    (table,) = document.tables
    assert len(table.rows) == 5
    text = "\n".join(one.text for one in document.paragraphs)
    assert "列入本台账的问题4个，已销号0个，未销号4个，其中逾期3个" in text
    assert AuditEntry.objects.filter(kind="export").count() == 2
    assert live(wu).get("/findings/register.docx").status_code == 200
    assert live(lin).get("/findings/register.pdf").status_code == 404
    assert "销号率" in live(lin).get("/findings/rates/?year=2020").content.decode()


def test_a_pack_says_what_of_its_rows_is_a_problem():
    import tomllib

    from zhenwu.packs.rules import problems_in
    from zhenwu.packs.spec import PackSpec

    said = tomllib.loads("""
[ledger]
code = "tip"
label = "线索"
line = "governance"
prefix = "XS"
one_row = "一条"
unit = "党政办"
source = "试验"
[[field]]
id = 1
code = "what"
label = "内容"
type = "text"
[closing]
source = "线索"
content = "wat"
due = "what"
closed_states = ["shut"]
""")
    told = [str(one) for one in problems_in(PackSpec.model_validate(said), "tip.toml")]
    assert len(told) == 3
    assert any("there is no field wat" in one for one in told)
    assert any("closing.due" in one and "what is text" in one for one in told)
    assert any("no state shut" in one for one in told)
