"""Sentences of packs: figures stay figures, what has nothing to say is left out, and mistakes are found at load."""

from datetime import date
from decimal import Decimal

import pytest

from zhenwu.indicators.figures import Figure
from zhenwu.packs.reader import PackSet, read_packs, shipped_folder
from zhenwu.packs.spec import Indicator, LedgerSpec, PackSpec, Phrase
from zhenwu.reports.errors import PhraseBroken
from zhenwu.reports.phrases import phrase_problems, render

SQL = "SELECT id AS row, division AS place, d AS day, 1 AS num FROM pond"


def figure(code: str, value: int | Decimal | None, rows: int = 1) -> Figure:
    text = "—" if value is None else str(value)
    day = date(2020, 12, 31)
    return Figure(code, code, "处", "", "口径", value, text, day, 2020, None, "now", "hash", rows, "digest")


KNOWN = {
    one.code: one
    for one in (
        figure("n", 5, 5),
        figure("none", 0, 0),
        figure("zero", 0, 4),
        figure("unknown", None, 4),
        figure("rate", Decimal("0.0"), 4),
        figure("kind.塘", 2, 2),
    )
}


def spec_of(code: str) -> Indicator:
    agg = "ratio" if code == "rate" else "count"
    return Indicator(code="n", label="数", unit="处", definition="口径", sql=SQL, kind="flow", agg=agg)


def said(text: str, kind: str = "summary") -> str:
    phrase = Phrase.model_validate({"code": "p", "kind": kind, "text": text})
    return "".join(str(one) for one in render(phrase, KNOWN.__getitem__, spec_of))


def test_figures_stay_objects_between_the_words():
    phrase = Phrase(code="p", text="共{{ fig.n }}处，其中塘{{ fig['kind.塘'] }}处。")
    assert render(phrase, KNOWN.__getitem__, spec_of) == ["共", KNOWN["n"], "处，其中塘", KNOWN["kind.塘"], "处。"]


@pytest.mark.parametrize("code", ["none", "unknown"])
def test_a_phrase_with_an_empty_figure_is_left_out_but_not_one_that_asks_first(code):
    assert said(f"共{{{{ fig.n }}}}处，另有{{{{ fig.{code} }}}}处。") == ""
    assert said(f"共{{{{ fig.n }}}}处{{% if fig.{code} %}}，另有{{{{ fig.{code} }}}}处{{% endif %}}。") == "共5处。"


def test_a_zero_that_rows_say_is_said_but_is_no_problem_and_no_plan():
    assert said("已办结{{ fig.zero }}处。") == "已办结0处。"
    assert said("仍有{{ fig.zero }}处没有办结。", "problem") == ""
    assert said("对未办结的{{ fig.zero }}处逐处清理。", "plan") == ""
    assert said("办结率只有{{ fig.rate }}。", "problem") == "办结率只有0.0。"


def test_a_sentence_in_which_no_figure_speaks_is_a_claim_without_ground():
    assert said("全年工作扎实推进。") == ""
    assert said("全年{% if fig.none %}发现{{ fig.none }}处{% endif %}。") == ""
    assert said("继续抓好清塘工作。", "plan") == "继续抓好清塘工作。"


def test_else_and_not_choose_a_wording():
    text = "{% if fig.none %}有{% elif fig.n and not fig.none %}查出{{ fig.n }}处{% else %}无{% endif %}\n  。"
    assert said(text) == "查出5处。"


def pack(text: str) -> PackSet:
    ledger = LedgerSpec(
        code="pond", label="山塘", line="safety", prefix="ST", one_row="一口塘", unit="水利站", source="县"
    )
    n = Indicator(code="pond_n", label="山塘", unit="口", definition="口径", sql=SQL, kind="flow")
    spec = PackSpec(ledger=ledger, indicator=(n,), phrase=(Phrase(code="p", text=text),))
    return PackSet({"pond": spec}, [], {"pond": "packs/safety/pond.toml"})


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("共{{ fig.pond_n 口", "cannot be read"),
        ("{% if fig.pond_n > 5 %}多{% endif %}", "comparison"),
        ("共{{ fig.pond_n + 1 }}口", "arithmetic"),
        ("共{{ fig.pond_n | round }}口", "filter"),
        ("共{{ fig.pond_n.value }}口", "attribute of something other than fig"),
        ("共{{ number }}口", "name other than fig"),
        ("{% for x in fig.pond_n %}{% endfor %}", "loop"),
        ("{{ fig.pond_n.__class__.__mro__ }}", "attribute of something other than fig"),
        ("共{{ fig.pond_m }}口", "no pack declares the figure pond_m"),
        ("共{{ fig['pond_n.大'] }}口", "has no parts"),
        ("{% if true %}共{{ fig.pond_n }}口{% endif %}", "a constant"),
    ],
)
def test_every_mistake_is_found_at_load_with_file_and_phrase(text, cause):
    (problem,) = phrase_problems(pack(text))
    assert (problem.file, problem.where) == ("packs/safety/pond.toml", "phrase p")
    assert cause in problem.cause
    assert problem.remedy


def test_a_near_miss_is_suggested():
    (problem,) = phrase_problems(pack("共{{ fig.pond_m }}口"))
    assert "pond_n" in problem.remedy


def test_a_broken_phrase_never_runs():
    with pytest.raises(PhraseBroken, match="comparison"):
        said("{% if fig.n > 5 %}多{% endif %}")


def test_the_shipped_phrases_are_right():
    assert [str(one) for one in phrase_problems(read_packs([shipped_folder()]))] == []
