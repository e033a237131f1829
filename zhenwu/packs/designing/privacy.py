"""Which privacy class a column is proposed for, from its head and its values; and the ledger itself."""

from collections.abc import Sequence

from zhenwu.packs.designing import words
from zhenwu.packs.designing.guessing import Guess
from zhenwu.packs.designing.personal import personal_cells
from zhenwu.packs.designing.sample import SampleColumn

PERSONAL_TYPES = frozenset({"idno", "phone", "bank_account"})
LABELS = {
    "S0": "一般", "S1": "内部（姓名、村别等）", "S2": "敏感（证件、电话、收入、待遇等）", "S3": "最敏感（健康、残疾、未成年人等）",
}  # fmt: skip


def is_about_people(columns: Sequence[SampleColumn], guesses: Sequence[Guess]) -> bool:
    """Whether a row is a person: the sheet has ID numbers, or a column of names called 姓名 or 户主."""
    return any(
        one.type in ("idno", "person") or column.leaf in ("姓名", "户主", "户主姓名", "患者", "学生姓名", "老人姓名")
        for column, one in zip(columns, guesses, strict=True)
    )


def privacy_of(column: SampleColumn, guess: Guess, *, about_people: bool) -> tuple[str, str]:
    """(class, why). What could be worse is proposed: a person lowers it, knowing the ledger."""
    if guess.type in PERSONAL_TYPES:
        return "S2", "证件、电话、账号加密保存，列表中不显示"
    if said := personal_cells(column):
        return "S2", said
    label, values = column.label, "　".join(column.distinct)
    if words.HEALTH.search(label) and (about_people or not words.OPEN.search(label)):
        return "S3", f"列名“{column.leaf}”涉及健康或特殊人员"
    if about_people and words.HEALTH_VALUE.search(values):
        return "S3", "值里有健康状况"
    if (
        words.MEANS.search(label)
        and (about_people or words.PERSON.search(column.leaf))
        and not words.OPEN.search(label)
    ):
        return "S2", f"列名“{column.leaf}”涉及收入、待遇或住址"
    if about_people and words.MEANS_VALUE.search(values):
        return "S2", "值里有低保、困难等身份"
    if guess.is_name or guess.type in ("person", "household") or words.PERSON.search(column.leaf):
        return "S1", "是姓名"
    if about_people and words.NAMED.search(label):
        return "S1", "是个人情况"
    return "S0", ""


def privacy_of_ledger(label: str, about_people: bool) -> str:
    """Whether that a row exists tells something already: a list of 残疾人 does."""
    return "S2" if words.PERSONS_TITLE.search(label) and about_people else "S1"
