"""What requests to a ledger say: one set of models a ledger, made once at start."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, create_model

from zhenwu.api.reading import (
    Attachments,
    Basis,
    Closed,
    Id,
    Number,
    Remark,
    Remark200,
    Words,
    Words300,
    camel,
    values_model,
)
from zhenwu.packs.runtime import Ledger

MOST_OPERATIONS = 1000
PurposeCode = Literal["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]  # ledgers.models.Purpose


class AddBody(Closed):
    values: Any = None
    division: Id | None = None
    note: Remark | None = None
    files: Attachments = None
    review: Literal["draft", "submitted", "approved"] = "draft"
    reason: Words = ""


class EditBody(Closed):
    """`division`, `note` and `files` are left as they are when they are not named."""

    values: Any = None
    division: Id | None = None
    note: Remark | None = None
    files: Attachments = None
    reason: Words = ""
    version: Number | None = None


class StepBody(Closed):
    values: Any = None
    reason: Words = ""
    version: Number | None = None


class ActBody(Closed):
    reason: Words = ""
    version: Number | None = None


class UndoBody(Closed):
    reason: Words = ""


class RestoreBody(ActBody):
    to: Number


class RevealBody(Closed):
    field: Annotated[str, Field(min_length=1, max_length=40, pattern="^[a-z][a-z0-9_]*$")]
    purpose: PurposeCode
    note: Remark200 = ""


class AskExportBody(Closed):
    """`query` is what follows the question mark in the address of the filtered list."""

    ledger: Annotated[str, Field(min_length=1, max_length=60, pattern="^[a-z][a-z0-9_]*$")]
    kind: Literal["xlsx", "csv"] = "xlsx"
    query: Remark = ""
    purpose: PurposeCode
    basis: Basis
    receiver: Remark200 = ""
    full: StrictBool = False


class DecideBody(Closed):
    agree: StrictBool
    note: Words300 = ""


class _On(Closed):
    """An operation of a batch on a stored row."""

    row: Id
    version: Number


class _Act(_On):
    op: Literal["void", "submit", "approve", "return"]


@dataclass(frozen=True)
class Bodies:
    """The request models of one ledger. `step` is None where it has no lifecycle."""

    name: str
    add: type[BaseModel]
    edit: type[BaseModel]
    step: type[BaseModel] | None
    batch: type[BaseModel]


def bodies_of(ledger: Ledger) -> Bodies:
    name = camel(ledger.code)
    values = values_model(ledger, f"{name}Values")
    given = (values, Field(default_factory=values))
    add = create_model(f"{name}Add", __base__=AddBody, values=given)
    edit = create_model(f"{name}Edit", __base__=EditBody, values=given)
    operations: list[Any] = [
        create_model(f"{name}AddOperation", __base__=Closed, op=(_only("add"), ...), values=given, **_of(AddBody)),
        create_model(f"{name}EditOperation", __base__=_On, op=(_only("edit"), ...), values=given, **_of(EditBody)),
        _Act,
    ]
    step = None
    if ledger.lifecycle and ledger.lifecycle.transition:
        step = create_model(f"{name}Step", __base__=StepBody, values=given)
        codes = _only(*dict.fromkeys(one.code for one in ledger.lifecycle.transition))
        operations.append(
            create_model(
                f"{name}StepOperation", __base__=_On, op=(_only("step"), ...), transition=(codes, ...), values=given
            )
        )
    union: Any = Annotated[_union(operations), Field(discriminator="op")]
    many = Annotated[list[union], Field(min_length=1, max_length=MOST_OPERATIONS)]
    batch = create_model(f"{name}Batch", __base__=Closed, operations=(many, ...), reason=(Words, ""))
    return Bodies(name, add, edit, step, batch)


def _of(body: type[BaseModel]) -> dict[str, Any]:
    """The fields that an operation shares with a request of its own."""
    names = ("division", "note", "files", "review")
    return {
        name: (body.__annotations__[name], body.model_fields[name].default)
        for name in names
        if name in body.model_fields
    }


def _only(*words: str) -> Any:
    return Literal[words]


def _union(models: list[Any]) -> Any:
    found = models[0]
    for model in models[1:]:
        found = found | model
    return found
