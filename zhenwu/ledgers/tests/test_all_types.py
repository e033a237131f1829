"""Every field type: history and back, the form and back, a sheet and back, and the mart's value."""

import uuid
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.audit import verify
from zhenwu.ledgers.entry import Entry
from zhenwu.ledgers.exporting import export
from zhenwu.ledgers.importing.actions import stage_file
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.mart.engine import window
from zhenwu.mart.schema import build_schema
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import Mart
from zhenwu.packs import runtime
from zhenwu.packs.spec import FieldSpec
from zhenwu.packs.tests.conftest import applying, folder, pack, running, text, write  # noqa: F401  fixtures
from zhenwu.packs.types import field_type, known_types

TODAY = date(2020, 6, 1)
_OPTIONS = ("甲类", "乙类", "丙/丁")
_WORDS = st.text(st.characters(codec="utf-8", categories=("Lo", "Nd", "Ll", "Lu")), min_size=1, max_size=30)
_DATES = st.dates(date(1950, 1, 1), date(2049, 12, 31))


def _numbers(places: int, most: int = 10**8):
    return st.decimals(-most, most, places=places, allow_nan=False).map(
        lambda one: Decimal(one).quantize(Decimal(1).scaleb(-places)) + 0
    )


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _check(code: str) -> str:
    """The last character of a social credit code (GB 32100-2015)."""
    total = sum(_USCC.index(letter) * pow(3, at, 31) for at, letter in enumerate(code))
    return _USCC[-total % 31]


PLAIN = {
    "text": _WORDS, "longtext": _WORDS, "name": st.sampled_from(["张三", "欧阳明", "阿依古丽·买买提"]), "choice": st.sampled_from(_OPTIONS),
    "multichoice": st.lists(st.sampled_from(_OPTIONS[:2]), min_size=1, max_size=2, unique=True), "bool": st.booleans(),
    "date": _DATES, "month": _DATES.map(lambda day: f"{day:%Y-%m}"),
    "datetime": st.datetimes(datetime(1990, 1, 1), datetime(2049, 1, 1)).map(
        lambda one: timezone.make_aware(one.replace(second=0, microsecond=0))
    ),
    "integer": st.integers(-(10**12), 10**12), "decimal": _numbers(4), "money": _numbers(2), "percent": _numbers(2, 999),
    "area_mu": _numbers(4), "length_km": _numbers(3),
    "geo": st.tuples(_numbers(6, 20), _numbers(6, 20)).map(lambda one: f"{one[0] + 100:.6f},{one[1] + 30:.6f}"),
    "phone": st.integers(3 * 10**8, 9 * 10**8).map(lambda one: f"13{one}"),
    "bank_account": st.integers(10**15, 10**16 - 1).map(lambda one: f"622{one}"),
    "idno": st.sampled_from(["519999195302141012", "519999198001010017", "519999200002290025"]),
    "uscc": st.text(st.sampled_from(_USCC), min_size=17, max_size=17).map(lambda one: one + _check(one)),
}  # fmt: skip
LINKS = {
    "person": st.uuids(), "household": st.uuids(), "division": st.uuids(), "ref:trial": st.uuids(),
    "unit": st.integers(1, 10**6), "user": st.integers(1, 10**6),
}  # fmt: skip
FILES = st.lists(
    st.fixed_dictionaries({"sha256": st.binary(min_size=32, max_size=32).map(bytes.hex), "name": _WORDS,
                           "size": st.integers(1, 10**6), "mime": st.just("image/png")}), min_size=1, max_size=2,
)  # fmt: skip


def kind_of(name: str, **more):
    name, _, sealed = name.partition(" ")
    options = tuple({"value": one} for one in _OPTIONS) if "choice" in name else ()
    privacy = "S2" if name in ("phone", "idno", "bank_account") else "S0"
    if sealed:
        privacy, more = "S3", more | {"sealed": True}
    return field_type(FieldSpec(id=1, code="x", label="甲", type=name, options=options, privacy=privacy, **more))


class _Row:
    """A stored row, as far as types look at it."""

    def __init__(self, columns):
        vars(self).update(columns)


SEALED = {f"{name} sealed": PLAIN[name] for name in ("text", "longtext", "uscc")}  # fields of class S3


def _cases():
    return {**PLAIN, **SEALED, **LINKS, "files": FILES}


def test_every_type_is_tried_here():
    tried = {name.split(":")[0] for name in PLAIN | LINKS} | {
        "files",
        "rows",
        "computed",
    }  # these two in test_lines, mart/test_formulas
    assert tried == {name.split(":")[0] for name in known_types()}


@pytest.mark.parametrize("name", sorted(_cases()))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_history_says_a_value_in_one_spelling_and_gives_it_back(name, data):
    kind = kind_of(name)
    value = data.draw(_cases()[name])
    row = _Row(kind.to_columns(value))
    assert kind.canonical_of_row(row) == kind.canonical(value)
    assert kind.from_row(row) == value
    if not kind.is_sealed:  # history keeps a digest of those, and the ciphertext beside it
        assert kind.canonical(kind.from_canonical(kind.canonical(value))) == kind.canonical(value)
        assert kind.from_canonical(kind.canonical(value)) == value
    assert kind.canonical(kind.from_canonical(None)) is None


@pytest.mark.parametrize("name", sorted(PLAIN | SEALED))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_a_form_shows_means_the_same_when_it_comes_back(name, data):
    kind = kind_of(name)
    value = data.draw(_cases()[name])
    shown = Entry(kind, "x", user=None, today=TODAY, stored=_Row(kind.to_columns(value))).show(None)
    posted = QueryDict(mutable=True)
    if kind.is_sealed:
        posted["x"] = value
    elif name == "multichoice":
        posted.setlist("x", shown.value)
    else:
        posted["x"] = {True: "true", False: "false"}.get(shown.value, shown.value) if name == "bool" else shown.value
    entry = Entry(kind, "x", user=None, today=TODAY, stored=_Row(kind.to_columns(value)))
    assert entry.read(posted, MultiValueDict()) == value
    assert entry.is_blank(QueryDict("x="), MultiValueDict())


FIELDS = [
    text(number, f"f_{name}", type=f'"{name}"', **({"options": '["甲类", "乙类", "丙/丁"]'} if "choice" in name else {}),
         **({"privacy": '"S2"'} if name in ("phone", "idno", "bank_account") else {}))
    for number, name in enumerate(PLAIN, 2)
]  # fmt: skip


@pytest.fixture
def trial(running, places):  # noqa: F811
    return running(trial=pack("trial", text(1, "key_no"), *FIELDS, ledger='key = ["key_no"]'))["trial"]


ROWS = st.lists(
    st.fixed_dictionaries({}, optional={f"f_{name}": one for name, one in PLAIN.items()}), min_size=6, max_size=6
)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_a_sheet_that_was_exported_says_the_same_and_the_mart_too(trial, lin, places, tmp_path, rows):
    rows = [one | {"key_no": uuid.uuid4().hex} for one in rows]
    place = places["青山村"].pk
    commit(Draft("trial", lin, [Add(dict(one), place) for one in rows], Source(SourceKind.FORM), today=TODAY))
    assert list(verify("trial")) == []
    export(trial, lin, tmp_path / "all.xlsx")
    staged = stage_file("trial", tmp_path / "all.xlsx", name="all.xlsx", by=lin, today=TODAY)
    assert {status for status, count in staged.counts.items() if count} == {"same"}, staged.problems or [
        row.changes for row in staged.rows if row.changes
    ]
    packs = runtime.packs()
    store = Mart(tmp_path / "mart", build_schema(packs.packs, packs.parameters))
    for one in rows:
        _equal_in_mart(store, packs, one)
    store.close()


def _equal_in_mart(store, packs, row):
    prepared = Preparer(store.schema, packs.packs["trial"]).prepare(
        f"SELECT * FROM trial WHERE key_no = '{row['key_no']}'",
        "test",
    )
    (found,) = store.query(prepared, window(date(2020, 12, 31))).to_pylist()
    for name in PLAIN:
        value, code = row.get(f"f_{name}"), f"f_{name}"
        kind = packs_type(packs, code)
        if kind.is_sealed:
            assert found[f"{code}_hash"] == (kind.digest(value) if value else None)
            assert value is None or value not in str(found)
        elif name == "geo":
            point = (found[f"{code}_lon"], found[f"{code}_lat"])
            assert point == (tuple(float(part) for part in value.split(",")) if value else (None, None))
        elif name == "datetime":
            assert found[code] == (timezone.localtime(value).replace(tzinfo=None) if value else None)
        elif not kind.mart_list:
            assert found[code] == value, name


def packs_type(packs, code):
    return field_type(next(one for one in packs.packs["trial"].field if one.code == code))


def test_ids_that_are_no_uuid_are_none_of_ours():
    assert kind_of("person").from_canonical(uuid.UUID(int=7).hex) == uuid.UUID(int=7)
