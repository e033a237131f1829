"""What a person edits: a ledger as it shall be. Kept as JSON, written as a pack file, made from a sample or from a pack."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from zhenwu.packs.spec import FieldSpec, Option, PackSpec

Use = Literal["field", "division", "note", "skip"]


class Part(BaseModel):
    """One line of the page: a field, or a sample's column that goes elsewhere. `id` is the field's number in the pack file,
    None until it is first written; `column` the sample's column, with what was found there."""

    model_config = ConfigDict(extra="ignore")

    number: int  # of the line, stable while it is edited
    use: Use = "field"
    id: int | None = None
    code: str = ""
    label: str = ""
    type: str = "text"
    unit: str = ""
    options: list[Option] = []
    required: bool | str = False
    unique: bool = False
    privacy: str = "S0"
    in_list: bool = False
    aliases: list[str] = []
    help: str = ""
    column: int | None = None
    header: str = ""
    samples: list[str] = []
    whys: list[str] = []
    warnings: list[str] = []

    @property
    def is_field(self) -> bool:
        return self.use == "field"


class Design(BaseModel):
    """One ledger. `whys` says, by key, why something is proposed so."""

    model_config = ConfigDict(extra="ignore")

    code: str = ""
    label: str = ""
    line: str = "governance"
    prefix: str = ""
    one_row: str = ""
    unit: str = ""
    source: str = ""
    key: list[str] = []
    title: list[str] = []
    place: str = "village"
    place_label: str = "村（社区）"
    place_required: bool = True
    main_date: str = ""
    privacy: str = "S1"
    retention_years: int = 10
    retention_from: list[str] = []
    parts: list[Part] = []
    whys: dict[str, str] = {}
    rows: int = 0  # of the sample
    remarks: list[str] = []  # what a person should know of the sample
    received: str = ""  # the text of a pack file that came from elsewhere

    @property
    def fields(self) -> list[Part]:
        return [part for part in self.parts if part.is_field]

    def part(self, number: int) -> Part | None:
        return next((part for part in self.parts if part.number == number), None)

    def next_number(self) -> int:
        return max((part.number for part in self.parts), default=0) + 1


def design_of(pack: PackSpec) -> Design:
    """An existing ledger as a design, to be changed."""
    ledger = pack.ledger
    shown = [one.code for one in pack.field if one.in_list]
    parts = [_part(number, one, one.code in shown) for number, one in enumerate(pack.field, 1)]
    if ledger.place != "town":
        whys = [f"每条记录属于一个{'组' if ledger.place == 'group' else '村（社区）'}"]
        parts.insert(
            0, Part(number=len(parts) + 1, use="division", label=ledger.place_label, type="division", whys=whys)
        )
    return Design(
        code=ledger.code, label=ledger.label, line=ledger.line, prefix=ledger.prefix, one_row=ledger.one_row, unit=ledger.unit,
        source=ledger.source, key=list(ledger.key), title=list(ledger.title), place=ledger.place, place_label=ledger.place_label,
        place_required=ledger.place_required, main_date=ledger.main_date or "", privacy=ledger.privacy,
        retention_years=ledger.retention_years, retention_from=list(ledger.retention_from), parts=parts,
    )  # fmt: skip


def _part(number: int, one: FieldSpec, in_list: bool) -> Part:
    return Part(
        number=number, id=one.id, code=one.code, label=one.label, type=one.type, unit=one.unit, options=list(one.options),
        required=one.required, unique=one.unique, privacy=one.privacy, in_list=in_list, aliases=list(one.aliases), help=one.help,
    )  # fmt: skip
