"""Numbers that identify a person: encrypted at rest, found by a keyed hash, masked on pages."""

from typing import Any

from django.db import models

from zhenwu.changes.keys import keyring
from zhenwu.lib.cells import read_account, read_phone
from zhenwu.lib.idno import facts_of, read_idno
from zhenwu.lib.masking import Level, mask_account, mask_idno, mask_phone
from zhenwu.packs.types.base import ParseContext
from zhenwu.packs.types.sealed import Sealed

_REMARKS = {
    "old15": "由15位旧号升为18位，请与户籍登记核对。",
    "check_digit": "末位校验码不对，先照录，请对照身份证原件。",
    "birth": "里的出生日期不对，先照录，请对照身份证原件。",
    "implausible": "里的出生日期已超过110岁，请核对。",
    "maybe_rounded": "末三位是000，可能被表格软件改过，请对照身份证原件。",
}


class Personal(Sealed):
    """A number that somebody gave a person; of class S2 at least, and sealed in every ledger."""

    always_private = True

    def mask(self, value: str, level: Level = Level.LISTS) -> str:
        raise NotImplementedError

    def is_masked(self, raw: str) -> bool:
        return "*" in raw or "●" in raw

    def json_schema(self) -> dict[str, Any]:
        return super().json_schema() | {"maxLength": 40}


class IdNumber(Personal):
    name = "idno"
    called = "身份证号"
    purpose = "idno"
    completes = ("birth", "sex")

    def columns(self) -> dict[str, models.Field]:
        return super().columns() | {
            f"{self.code}_last4_hash": models.CharField(max_length=64, null=True, db_index=True),
            f"{self.code}_ok": models.BooleanField(null=True),
            f"{self.code}_birth": models.DateField(null=True),
            f"{self.code}_sex": models.CharField(max_length=1, null=True),
            f"{self.code}_region": models.CharField(max_length=6, null=True),
        }

    def to_columns(self, value: Any) -> dict[str, Any]:
        ok, birth, sex = facts_of(value) if value else (None, None, None)
        derived = {
            f"{self.code}_last4_hash": keyring().index_last4(value) if value else None,
            f"{self.code}_ok": ok, f"{self.code}_birth": birth, f"{self.code}_sex": sex,
            f"{self.code}_region": value[:6] if value else None,
        }  # fmt: skip
        return super().to_columns(value) | derived

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        if raw is None or str(raw).strip() == "":
            return None
        reading = read_idno(raw, on=context.today)
        if reading.idno is None:
            raise self.problem("：" + "；".join(str(issue.message) for issue in reading.issues))
        for issue in reading.issues:
            if said := _REMARKS.get(issue.code):  # in words of our own: the reader's hold the number
                context.remark(f"“{self.label}”{said}")
        return reading.idno  # a wrong check digit is stored and found by a check: the paper may say so

    def complete(self, values: dict[str, Any]) -> None:
        if any(code in values and values[code] is None for code in self.completes):
            _, *known = facts_of(values[self.code])
            for code, value in zip(self.completes, known, strict=True):
                if code in values and values[code] is None:
                    values[code] = value

    def mask(self, value: str, level: Level = Level.LISTS) -> str:
        return mask_idno(value, level) or ""

    def mart_columns(self) -> dict[str, str]:
        return super().mart_columns() | {
            f"{self.code}_ok": "BOOLEAN",
            f"{self.code}_birth": "DATE",
            f"{self.code}_sex": "VARCHAR",
            f"{self.code}_region": "VARCHAR",
        }


class Phone(Personal):
    name = "phone"
    called = "电话号码"
    purpose = "phone"

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        return self.taken(read_phone(raw), context)

    def mask(self, value: str, level: Level = Level.LISTS) -> str:
        return mask_phone(value, level) or ""


class BankAccount(Personal):
    name = "bank_account"
    called = "银行账号"
    purpose = "bank_account"

    def parse(self, raw: Any, context: ParseContext) -> str | None:
        return self.taken(read_account(raw), context)

    def mask(self, value: str, level: Level = Level.LISTS) -> str:
        return mask_account(value, level) or ""
