"""What a reader of one dirty cell gives back: a value, a note for a person to look at, or an error with its remedy."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Severity = Literal["red", "yellow", "blue"]


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """One cell, read.

    `value` None without `error` means the cell says nothing (blank, "/", "—"). `note` is set only when a person should
    look at the result (about-words, two-digit years, converted units). `error` continues the words 第 14 行“面积”, so that
    the caller, who knows row and label, puts those in front.
    """

    value: T | None = None
    note: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing found in a value. `code` is stable, for programs; `message` is Chinese, for people."""

    code: str
    severity: Severity
    message: str
    proposal: str | None = None


def typed(raw: object) -> str:
    """The start of every error: 填的是“12亩5分”. Long cells are cut so that the remedy stays in sight."""
    text = "" if raw is None else str(raw)
    return f"填的是“{text[:30]}…”" if len(text) > 30 else f"填的是“{text}”"
