"""Values that are encrypted at rest: found by a keyed hash, masked on pages, opened for a purpose that is written down."""

from typing import Any, ClassVar

from django.db import models

from zhenwu.changes.keys import keyring
from zhenwu.lib.masking import Level
from zhenwu.packs.types.base import FieldType

CLOSED = "●●●●"


class _Closed:
    """Stands for a sealed value that is there and was not opened."""

    def __repr__(self) -> str:
        return CLOSED


SEALED = _Closed()


class Sealed(FieldType):
    """A ciphertext, and beside it the keyed digest of the value, which is what history says and the chain covers."""

    is_sealed = True
    purpose: ClassVar[str] = ""  # what the ciphertext is bound to, and the digest is made for

    def column(self) -> models.Field:
        return models.TextField(self.label, null=True, blank=True)

    def columns(self) -> dict[str, models.Field]:
        return {
            self.code: self.column(),
            f"{self.code}_hash": models.CharField(max_length=64, null=True, db_index=True),
        }

    def to_columns(self, value: Any) -> dict[str, Any]:
        if value is None:
            return {self.code: None, f"{self.code}_hash": None}
        return {self.code: keyring().seal(value, aad=self.purpose.encode()), f"{self.code}_hash": self.digest(value)}

    def from_row(self, row: Any) -> str | None:
        """The plain value. Pages show `show_row`, which masks."""
        return self.unseal(getattr(row, self.code))

    def digest(self, value: str) -> str:
        return keyring().index(value, self.purpose)

    def canonical(self, value: Any) -> Any:
        return None if value is None else f"hmac:{self.digest(value)}"

    def canonical_of_row(self, row: Any) -> Any:
        """From the columns alone, without opening the ciphertext: what `audit verify` compares."""
        digest = getattr(row, f"{self.code}_hash")
        return None if digest is None else f"hmac:{digest}"

    def unseal(self, token: str | None) -> str | None:
        return keyring().open(token, aad=self.purpose.encode()) if token else None

    def mask(self, value: str, level: Level = Level.LISTS) -> str:
        return CLOSED

    def is_masked(self, raw: str) -> bool:
        """Whether a cell holds what an export writes instead of the value."""
        return raw.strip() == CLOSED

    def show(self, value: Any) -> str:
        return "" if value is None else self.mask(value)

    def as_said(self, value: Any) -> str:
        return str(value)

    def cell(self, *values: Any) -> str:
        return CLOSED if values[0] else ""  # a list never decrypts

    def to_json(self, stored: Any) -> Any:
        return self.cell(stored) or None

    def mart_columns(self) -> dict[str, str]:
        return {f"{self.code}_hash": "VARCHAR"}
