"""What a pack file may say. One pydantic model per table of the TOML; unknown keys are errors, so that a typo is found.

The reference with examples is docs/developer/packs.md. The models only hold what was said; the reader
(reader.py) checks what needs more than one place to judge, and collects every problem before it reports.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from zhenwu.accounts.lines import LINE_LABELS as LINE_LABELS
from zhenwu.packs.patterns import is_slow
from zhenwu.packs.words import IMPLICIT_COLUMNS, SQL_WORDS

# no double or last underscore: Django reads `a__b` as a path
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]
MarkCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,40}$")]
Line = Literal[
    "party",
    "integrity",
    "supervision",
    "projects",
    "industry",
    "infrastructure",
    "culture",
    "governance",
    "safety",
    "ecology",
    "forestry",
    "population",
    "poverty",
    "employment",
    "veterans",
    "welfare",
    "payments",
    "service",
    "health",
]
Role = Literal["village", "village_lead", "office", "finance", "leader", "head", "discipline", "audit"]
Severity = Literal["red", "yellow", "blue"]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Said):
    """One choice. `value` is what is stored and what SQL compares; `label` is what people see; `aliases` what rosters say."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    label: str = ""
    aliases: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain_word(cls, said: Any) -> Any:
        return {"value": said} if isinstance(said, str) else said

    @property
    def shown(self) -> str:
        return self.label or self.value


class FieldSpec(_Said):
    """One `[[field]]`."""

    id: int = Field(ge=1)
    code: Code
    label: str
    type: str
    aliases: tuple[str, ...] = ()
    unit: str = ""
    required: bool | Code = False  # true = always; a state code = from that state on
    required_when: dict[Code, tuple[str | bool, ...]] = {}  # all of these fields hold one of these values
    options: tuple[Option, ...] = ()
    many: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int = Field(default=500, ge=1, le=4000)
    pattern: str = ""
    default: str | int | bool | None = None
    otherwise: str = ""  # the option that words which are none are read as, to be looked at by a person
    privacy: Literal["S0", "S1", "S2", "S3"] = "S0"
    sealed: bool = False  # encrypted at rest; the reader says it of every text of class S3 (reader.py)
    public: bool = False
    unique: bool = False
    help: str = ""
    section: str = ""  # heading of the form part that starts here
    in_list: bool | None = None  # None: the first six fields
    sql: str = ""  # computed fields only: an expression over the row `r`, worked out by the mart alone
    formula: str = ""  # computed fields only: over the row's own fields, worked out everywhere (packs/formula.py)
    places: int | None = Field(default=None, ge=0, le=6)  # of a formula's number; 4 when not said
    column: tuple["FieldSpec", ...] = ()  # of a child table (rows): its columns, with ids of their own
    retired: tuple[int, ...] = ()  # ids of removed columns: never used again
    moved_from: Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)?$")] = ""  # splitting.py

    @field_validator("code")
    @classmethod
    def _no_reserved_word(cls, code: str) -> str:
        if code in SQL_WORDS:
            raise ValueError(f"{code} is an SQL word; put the subject into the name (on → patrol_on)")
        if code in IMPLICIT_COLUMNS or code == "state_since":
            raise ValueError(f"{code} is a column every ledger has; put the subject into the name (owner → fix_owner)")
        return code

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"pattern does not compile: {error}") from None
        if is_slow(pattern):
            raise ValueError("pattern repeats what repeats already ((a+)+): one wrong value would stop the server")
        return pattern


class Counts(_Said):
    """Which rows indicators count. An empty tuple of states means any state."""

    review: tuple[Literal["draft", "submitted", "returned", "approved", "locked"], ...] = ("approved", "locked")
    state: tuple[Code, ...] = ()
    state_not: tuple[Code, ...] = ()


class LedgerRights(_Said):
    """`[ledger.rights]`: what this ledger takes away from the default rights (docs/developer/rights.md)."""

    roles: tuple[Role, ...] = ()  # only these roles reach it; empty: whoever the matrix names
    village: Literal["own", "all", "none"] | None = None  # rows that villages see; None: own, in a town's ledger none
    others: Literal["all", "unit", "none"] = "all"  # rows that offices of other lines see
    unit_field: Code | None = None  # the `unit` field that says whose a row is; `others = "unit"` needs it


class LedgerSpec(_Said):
    code: Code
    label: str
    line: Line
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    one_row: str
    unit: str  # the owner unit (站所)
    source: str  # who asks for it, in which document, since when
    key: tuple[Code, ...] = ()  # `division` may be part of it
    title: tuple[Code, ...] = ()  # the fields that name a row; default: first text field
    place: Literal["town", "village", "group"] = "village"
    place_label: str = "村（社区）"
    place_aliases: tuple[str, ...] = ()
    place_required: bool = True
    main_date: Code | None = None
    retention_years: int = Field(default=10, ge=1)
    retention_from: tuple[Code, ...] = ()  # the dates of which the latest ends a row's life; default: main_date
    keywords: tuple[str, ...] = ()
    duty: str = ""
    model: str = ""  # "people.Person": a hand-written model instead of a built one
    privacy: Literal["S0", "S1", "S2", "S3"] = "S1"  # that a row exists at all (a benefit held is S2)
    locked_after_days: int | None = None
    counts: Counts = Counts()
    rights: LedgerRights = LedgerRights()
    changes_by: Code | None = None  # once in force, rows change only as the effect of a row of that ledger
    changes_by_fields: tuple[Code, ...] = ()  # only these fields do so; empty: all of them, and rows are added so too


class Escalate(_Said):
    """From `after` days past the deadline on, the row is also the business of this role."""

    after: int = Field(ge=0, le=1000)
    to: Literal["leader", "head"]
    working: bool = False


class Deadline(_Said):
    """By when a row must leave a state: the date in `field`, plus days (working days when `working`).

    `field` may be `created_at`, or `state_since`: the day the row came into the state.
    """

    field: Code
    days: int = 0
    months: int = 0
    working: bool = False
    moves: bool = False  # of calendar days: a last day off moves to the next working day (what a citizen must do by)
    parameter: str = ""  # days from parameters.toml instead
    escalate: tuple[Escalate, ...] = ()


class StateSpec(_Said):
    code: Code
    label: str
    final: bool = False
    deadline: Deadline | None = None


class Transition(_Said):
    code: Code
    label: str
    from_: tuple[Code, ...] = Field(alias="from")
    to: Code
    who: tuple[Role, ...]
    needs: tuple[Code, ...] = ()  # must be filled before
    today: tuple[Code, ...] = ()  # empty date fields that are set to the day of the act
    me: tuple[Code, ...] = ()  # empty user fields that are set to who acts
    clear: tuple[Code, ...] = ()  # fields emptied by the act: sending back takes the closing day away
    when: dict[Code, tuple[str | bool, ...]] = {}
    differs_from: tuple[
        Code, ...
    ] = ()  # the actor may not be the user in these fields; "created_by" is maker ≠ checker
    confirm: str = ""
    reason: bool = False
    effect: bool = False  # no step that a person takes: it comes with the row of another ledger (`changes_by`)


class TodoSpec(_Said):
    """`[[todo]]`: what someone has to see to in this ledger when persons or households change."""

    kinds: tuple[Code, ...]  # kinds of household_event
    link: Code  # the field that leads to the person or household
    still: Code | None = None  # a field that is empty while the row is running
    values: dict[Code, tuple[str | bool, ...]] = {}  # only rows with one of these values
    says: str  # what is to be done


class Lifecycle(_Said):
    initial: Code
    usual: tuple[Code, ...] = ()  # the states of the usual way, shown ahead of a row on its page
    undo_days: int | None = Field(default=None, ge=0, le=366)  # None: the parameter ledger.undo_days
    states: tuple[StateSpec, ...]
    transition: tuple[Transition, ...] = ()


class Rule(_Said):
    """A field rule that refuses a commit: `compare = ["fixed_now", "<=", "found_n"]`; empty sides pass."""

    code: MarkCode
    compare: tuple[str, Literal["<", "<=", "=", "!=", ">=", ">"], str]
    message: str


class Indicator(_Said):
    """`sql` returns rows with the columns row, place, day, num[, den][, part]; `agg` says how they become one value."""

    code: Code
    label: str
    unit: str
    definition: str
    sql: str
    agg: Literal["count", "sum", "ratio", "weighted", "distinct", "avg", "median"] = "count"
    kind: Literal["flow", "stock"]
    recast: Literal["recount", "pop", "land", "successor"] = "recount"  # how it follows places that changed
    period: Literal["day", "month", "quarter", "half", "year"] = "day"  # of a flow: the shortest span that it tells of
    good: Literal["up", "down", "none"] = "none"
    by: str = ""  # label of `part`; each value is a figure <code>.<value>
    places: int = Field(default=0, ge=0, le=4)
    show_unit: str = ""  # 元 shown in 万元
    counts: Counts | Literal["all"] | None = None
    privacy: Literal["S0", "S2", "S3"] = "S0"  # S3: small cells are suppressed

    @property
    def has_den(self) -> bool:
        """Whether its rows say a denominator (of a ratio) or a weight."""
        return self.agg in ("ratio", "weighted")

    @model_validator(mode="after")
    def _follows_places(self) -> "Indicator":
        if self.recast in ("pop", "land") and self.agg not in ("sum", "ratio", "weighted"):
            raise ValueError(f'recast = "{self.recast}" divides sums; {self.agg} is none')
        if self.recast == "successor" and self.kind == "flow":
            raise ValueError('recast = "successor" is for stocks; flows add up')
        return self


class CheckSpec(_Said):
    """`sql` returns the bad rows: the subject's columns, and what the message names. place and row are used when returned."""

    code: MarkCode
    label: str
    severity: Severity
    reason: str
    message: str
    sql: str
    subject: tuple[Code, ...] = ("row",)
    says: str = ""  # in words what is looked at, for the page of the check; the message's own words when empty
    due_days: int | None = Field(default=None, ge=1, le=366)  # working days; None: the parameter of the severity
    assign: Literal["both", "unit", "village"] = "both"  # who puts it right; both: the office, with the village's help


class CoverageSpec(_Said):
    """`expected` and `actual` return the subject's columns (and place; actual also row). Missing cells are findings."""

    code: MarkCode
    label: str
    severity: Severity = "yellow"
    reason: str
    message: str
    subject: tuple[Code, ...]
    expected: str
    actual: str
    across: Code  # the subject column that runs across the heat map
    down: Code  # and the one that runs down
    says: str = ""
    due_days: int | None = Field(default=None, ge=1, le=366)
    assign: Literal["both", "unit", "village"] = "both"


class PolicySpec(_Said):
    """`entitled` and `enrolled` return person, place, amount (and `why`, in words, where one can say). Both differences are
    findings (漏享 / 错享), and so are other amounts (金额不符)."""

    code: MarkCode
    label: str
    reason: str
    entitled: str
    enrolled: str
    severity: Severity = "yellow"
    says: str = ""
    due_days: int | None = Field(default=None, ge=1, le=366)
    assign: Literal["both", "unit", "village"] = "both"


class _Declared(_Said):
    """A check without SQL: the statement is made of what is declared, and read by the same reader as any other."""

    code: MarkCode
    label: str
    severity: Severity
    reason: str
    says: str = ""
    due_days: int | None = Field(default=None, ge=1, le=366)
    assign: Literal["both", "unit", "village"] = "both"


class Side(_Said):
    """One of two accounts. `value` is summed by `key`; without it rows are counted. `in_year`: only rows whose date or month
    in this field lies in the year, up to the day."""

    ledger: Code
    label: str = ""  # as people call the account; the ledger's own label when empty
    key: tuple[Code, ...]
    value: Code | None = None
    where: dict[Code, tuple[str | bool, ...]] = {}
    in_year: Code | None = None


class AgreeSpec(_Declared):
    """账账相符: two accounts have the same keys, and for each the same sum. `names` are labels of the key's parts, in order."""

    left: Side
    right: Side
    names: tuple[str, ...] = ()
    tolerance: Decimal = Decimal(0)

    @model_validator(mode="after")
    def _same_length(self) -> "AgreeSpec":
        if not self.left.key or len(self.left.key) != len(self.right.key):
            raise ValueError("left.key and right.key must name as many fields, in the same order")
        return self


class ControlSpec(_Declared):
    """A total that was written down (`total`, a field of this ledger) against what its details add up to. `details.key` is the
    field (or fields) of the details that `key` of this ledger answers to; default: the row itself (`id`)."""

    total: Code
    key: tuple[Code, ...] = ("id",)
    details: Side
    when: dict[Code, tuple[str | bool, ...]] = {}  # only these rows of the ledger
    tolerance: Decimal = Decimal(0)

    @model_validator(mode="after")
    def _same_length(self) -> "ControlSpec":
        if len(self.key) != len(self.details.key):
            raise ValueError("key and details.key must name as many fields, in the same order")
        return self


class OutlierSpec(_Declared):
    """A month far from what the same unit usually says, by the modified z-score 0.6745·|x − median| ÷ MAD over its earlier
    months (this year's and last year's): a hint to look, never proof. Months nobody reported are not months of 0."""

    severity: Severity = "blue"
    by: Code = "division"  # whose history: a place, a person, a ref
    month: Code  # the field that says when: a date or a month
    value: Code | None = None  # None counts rows
    where: dict[Code, tuple[str | bool, ...]] = {}
    least: int = Field(default=6, ge=4, le=24)  # earlier months that must be known
    limit: Decimal = Field(default=Decimal("3.5"), gt=0)


class ClosingSpec(_Said):
    """`[closing]`: the ledger's rows are problems that someone must close; these fields say what, whose, by when. They stand on
    the one page of all problems (问题清零) and in the 问题整改台账."""

    source: str  # what the problems are called there: 环保督察整改
    content: Code
    found: Code | None = None  # date; None: the day of entry
    due: Code | None = None  # date; the state's own deadline where a row has none
    extended: Code | None = None  # date to which it was extended
    closed: Code | None = None  # date of closing
    owner: Code | None = None  # who puts it right: person, user or text
    unit: Code | None = None  # the office: unit or text; the ledger's own where empty
    measures: Code | None = None
    closed_states: tuple[Code, ...] = ()  # none: the final states
    dropped_states: tuple[Code, ...] = ()  # no problem after all: listed nowhere
    severity: Severity = "yellow"
    severity_by: Code | None = None  # a choice field …
    red: tuple[str, ...] = ()  # … with these values
    blue: tuple[str, ...] = ()


class Phrase(_Said):
    code: Code
    kind: Literal["summary", "problem", "plan"] = "summary"
    text: str
    order: int = 50


class Case(_Said):
    """Golden data: rows by ledger (values by field code; `id` names a row), and what must come out as of a day."""

    name: str
    as_of: str
    rows: dict[str, tuple[dict[str, Any], ...]]
    findings: tuple[
        tuple[str, ...], ...
    ] = ()  # [check code, subject value, …], exactly these for the codes in `checks`
    checks: tuple[str, ...] = ()  # default: every check of this pack
    figures: dict[str, Any] = {}


class PackSpec(_Said):
    ledger: LedgerSpec
    field: tuple[FieldSpec, ...] = ()
    lifecycle: Lifecycle | None = None
    rule: tuple[Rule, ...] = ()
    indicator: tuple[Indicator, ...] = ()
    check: tuple[CheckSpec, ...] = ()
    coverage: tuple[CoverageSpec, ...] = ()
    policy: tuple[PolicySpec, ...] = ()
    agree: tuple[AgreeSpec, ...] = ()
    control: tuple[ControlSpec, ...] = ()
    outlier: tuple[OutlierSpec, ...] = ()
    closing: ClosingSpec | None = None
    phrase: tuple[Phrase, ...] = ()
    case: tuple[Case, ...] = ()
    todo: tuple[TodoSpec, ...] = ()
    retired: tuple[int, ...] = ()  # ids of removed fields: never used again
