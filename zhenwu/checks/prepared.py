"""Checks, coverages and policies of a pack as one kind of thing: a statement whose rows are findings."""

# ruff: noqa: S608  names come from the packs' schema, statements from checked trees

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from zhenwu.checks.messages import names_in
from zhenwu.mart.errors import SqlBroken, SqlProblem
from zhenwu.mart.memory import Binder
from zhenwu.mart.statements import Prepared, Preparer
from zhenwu.packs.spec import CheckSpec, CoverageSpec, PolicySpec

Kind = Literal["check", "coverage", "policy"]
_POLICY_DAYS = 15
_POLICY_MESSAGE = "{kind}：应享{due_amount}，实享{paid_amount}。"


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
    due_days: int
    bad: Prepared
    cells: Prepared | None = None  # coverage: every expected cell, met or not
    down: str = ""
    across: str = ""

    @property
    def full_code(self) -> str:
        return f"{self.ledger}.{self.code}"


def prepare_check(preparer: Preparer, spec: CheckSpec) -> PreparedCheck:
    bad = preparer.prepare(spec.sql, f"check {spec.code}")
    return PreparedCheck(
        "check", preparer.pack.ledger.code, spec.code, spec.label, spec.severity, spec.reason, spec.message, spec.subject,
        spec.due_days, bad,
    )  # fmt: skip


def prepare_coverage(preparer: Preparer, spec: CoverageSpec) -> PreparedCheck:
    cells = preparer.prepare_coverage(spec)
    bad = Prepared(
        cells.where, f"SELECT * FROM ({cells.sql}) AS cells WHERE met = 0", cells.ledgers, cells.params, cells.names
    )
    return PreparedCheck(
        "coverage", preparer.pack.ledger.code, spec.code, spec.label, spec.severity, spec.reason, spec.message, spec.subject,
        spec.due_days, bad, cells, spec.down, spec.across,
    )  # fmt: skip


def prepare_policy(preparer: Preparer, spec: PolicySpec) -> PreparedCheck:
    """Findings by (person, kind): 漏享 entitled but not enrolled, 错享 enrolled but not entitled, 金额不符."""
    due = preparer.prepare(spec.entitled, f"policy {spec.code}, entitled")
    paid = preparer.prepare(spec.enrolled, f"policy {spec.code}, enrolled")
    grouped = "SELECT person, any_value(place) AS place, sum(amount) AS amount FROM ({}) AS said GROUP BY person"
    sql = (
        "SELECT coalesce(d.person, p.person) AS person, CASE WHEN p.person IS NULL THEN '漏享' WHEN d.person IS NULL "
        "THEN '错享' ELSE '金额不符' END AS kind, coalesce(d.place, p.place) AS place, d.amount AS due_amount, "
        f"p.amount AS paid_amount FROM ({grouped.format(due.sql)}) AS d FULL JOIN ({grouped.format(paid.sql)}) AS p "
        "ON d.person = p.person WHERE d.person IS NULL OR p.person IS NULL OR d.amount <> p.amount"
    )
    bad = Prepared(
        due.where.rsplit(",", 1)[0], sql, due.ledgers | paid.ledgers, due.params | paid.params, due.names | paid.names
    )
    return PreparedCheck(
        "policy", preparer.pack.ledger.code, spec.code, spec.label, spec.severity, spec.reason, _POLICY_MESSAGE,
        ("person", "kind"), _POLICY_DAYS, bad,
    )  # fmt: skip


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
