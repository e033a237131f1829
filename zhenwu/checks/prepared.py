"""Checks, coverages and policies of a pack as one kind of thing: a statement whose rows are findings."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sqlglot
from sqlglot import exp

from zhenwu.checks.messages import names_in
from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.memory import Binder
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.packs.spec import CheckSpec, CoverageSpec, PolicySpec

Kind = Literal["check", "coverage", "policy", "agree", "control", "outlier"]
KIND_LABELS: dict[str, str] = {
    "check": "逐条核对", "coverage": "应有尽有", "policy": "应享与实享", "agree": "账账核对", "control": "总数核对",
    "outlier": "与自身以往比较",
}  # fmt: skip
_POLICY_MESSAGE = "{kind}：应享{due_amount}，实享{paid_amount}。"
_POLICY_WHY = "{kind}：应享{due_amount}，实享{paid_amount}。依据：{why}。"


@dataclass(frozen=True)
class PreparedCheck:
    """`bad` returns one row per finding: the subject, what the message names, place and row where known."""

    kind: Kind
    ledger: str
    code: str  # within the pack
    label: str
    severity: str
    reason: str
    message: str
    subject: tuple[str, ...]
    due_days: int | None  # working days; None: those of the severity
    bad: Prepared
    says: str = ""  # what is looked at, in words
    assign: str = "both"
    author_sql: tuple[
        tuple[str, str], ...
    ] = ()  # (what, SQL) as its author wrote it, or as it was made of a declaration
    cells: Prepared | None = None  # coverage: every expected cell, met or not
    down: str = ""
    across: str = ""

    @property
    def full_code(self) -> str:
        return f"{self.ledger}.{self.code}"


def checked(preparer: Preparer, spec: Any, kind: Kind, bad: Prepared, **more: Any) -> PreparedCheck:
    """What every kind says of itself, with its statement; `more` overrides."""
    said = {"message": getattr(spec, "message", ""), "subject": getattr(spec, "subject", ()), "says": spec.says} | more
    return PreparedCheck(
        kind=kind, ledger=preparer.pack.ledger.code, code=spec.code, label=spec.label, severity=spec.severity,
        reason=spec.reason, due_days=spec.due_days, assign=spec.assign, bad=bad, **said,
    )  # fmt: skip


def prepare_check(preparer: Preparer, spec: CheckSpec) -> PreparedCheck:
    bad = preparer.prepare(spec.sql, f"check {spec.code}")
    return checked(preparer, spec, "check", bad, author_sql=(("不合规的行", spec.sql),))


def prepare_coverage(preparer: Preparer, spec: CoverageSpec) -> PreparedCheck:
    cells = preparer.prepare_coverage(spec)
    bad = Prepared(
        cells.where, f"SELECT * FROM ({cells.sql}) AS cells WHERE met = 0", cells.ledgers, cells.params, cells.names,
        cells.states,
    )  # fmt: skip
    return checked(
        preparer, spec, "coverage", bad, cells=cells, down=spec.down, across=spec.across,
        author_sql=(("应有的", spec.expected), ("实有的", spec.actual)),
    )  # fmt: skip


def prepare_policy(preparer: Preparer, spec: PolicySpec) -> PreparedCheck:
    """Findings by (person, kind): 漏享 entitled but not enrolled, 错享 enrolled but not entitled, 金额不符. Where a side
    returns `why`, the message says it."""
    due = preparer.prepare(spec.entitled, f"policy {spec.code}, entitled")
    paid = preparer.prepare(spec.enrolled, f"policy {spec.code}, enrolled")
    whys = {side: _returns(one, "why") for side, one in (("due", due), ("paid", paid))}

    def grouped(prepared: Prepared, side: str) -> str:
        why = "min(why)" if whys[side] else "CAST(NULL AS VARCHAR)"
        return (
            f"SELECT person, min(place) AS place, sum(amount) AS amount, {why} AS why "
            f"FROM ({prepared.sql}) AS said GROUP BY person"
        )

    sql = (
        'SELECT coalesce(d.person, p.person) AS person, coalesce(d.person, p.person) AS "row", '
        "CASE WHEN p.person IS NULL THEN '漏享' WHEN d.person IS NULL THEN '错享' ELSE '金额不符' END AS kind, "
        "coalesce(d.place, p.place) AS place, d.amount AS due_amount, p.amount AS paid_amount, "
        f"coalesce(d.why, p.why, '没有写明') AS why FROM ({grouped(due, 'due')}) AS d FULL JOIN ({grouped(paid, 'paid')}) AS p "
        "ON d.person = p.person WHERE d.person IS NULL OR p.person IS NULL OR d.amount <> p.amount"
    )
    bad = Prepared(
        due.where.rsplit(",", 1)[0], sql, due.ledgers | paid.ledgers, due.params | paid.params, due.names | paid.names,
        due.states | paid.states,
    )  # fmt: skip
    return checked(
        preparer, spec, "policy", bad, subject=("person", "kind"), message=_POLICY_WHY if any(whys.values()) else _POLICY_MESSAGE,
        author_sql=(("应享受的人", spec.entitled), ("已享受的人", spec.enrolled)),
    )  # fmt: skip


def _returns(prepared: Prepared, name: str) -> bool:
    """Whether the author's statement returns a column of this name."""
    tree = sqlglot.parse_one(prepared.sql, dialect="duckdb")
    said = next((one.this for one in tree.find_all(exp.Subquery) if one.alias == "said"), tree)
    return isinstance(said, exp.Query) and name in said.named_selects


def column_problems(check: PreparedCheck, binder: Binder) -> Iterator[SqlProblem]:
    """What the statement must return and does not, as the engine sees it."""
    where = check.bad.where
    try:
        columns = binder.columns(check.bad)
    except SqlBroken as broken:
        yield from broken.problems
        return
    known = f"It returns: {', '.join(columns)}."
    for name in check.subject:
        if name not in columns:
            yield SqlProblem(where, f"the subject {name} is not among the columns.", known)
    for name in {check.down, check.across} - {""} - set(check.subject):
        yield SqlProblem(
            where, f"{name} (down, across) is not a subject column.", f"Subject: {', '.join(check.subject)}."
        )
    try:
        for name in sorted(names_in(check.message) - set(columns)):
            yield SqlProblem(where, f"the message names {name}, which the SQL does not return.", known)
    except ValueError as error:
        yield SqlProblem(where, f"the message cannot be read: {error}.", "Write {column}; {{ for a brace.")
