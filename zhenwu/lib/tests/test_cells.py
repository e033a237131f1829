import pytest

from zhenwu.lib.cells import read_account, read_bool, read_phone


@pytest.mark.parametrize(
    ("raw", "value"),
    [("√", True), ("是", True), ("有", True), ("达标", True), (1, True), ("１", True), ("ü", True), (1.0, True), (True, True),
     ("×", False), ("否", False), ("无", False), ("不达标", False), ("0", False), (0, False),
     ("", None), (None, None), ("/", None), ("—", None)],
)  # fmt: skip
def test_yes_no_and_blank(raw, value):
    read = read_bool(raw)
    assert (read.value, read.error) == (value, None)


def test_neither_yes_nor_no():
    assert "看不出是或否" in read_bool("基本属实").error


@pytest.mark.parametrize(
    ("raw", "value", "others"),
    [("13800001234", "13800001234", ()), (13800001234.0, "13800001234", ()), ("138 0000 1234", "13800001234", ()),
     ("+86-13800001234", "13800001234", ()), ("13800001234/13900001234", "13800001234", ("13900001234",)),
     ("13800001234、0826-2234567", "13800001234", ("0826-2234567",)), ("（0826）2234567", "0826-2234567", ()),
     ("010-62345678", "010-62345678", ()), ("", None, ())],
)  # fmt: skip
def test_phones(raw, value, others):
    read = read_phone(raw)
    assert (read.value, read.others, read.error) == (value, others, None)
    assert (read.note is not None) == bool(others)


@pytest.mark.parametrize("raw", ["1.38E+10", "1380000123", "12800001234", "张三"])
def test_what_is_no_phone(raw):
    assert read_phone(raw).value is None
    assert read_phone(raw).error.startswith(f"填的是“{raw}”")


def test_accounts():
    assert read_account("6217 0000 1234 5678 901").value == "6217000012345678901"
    assert read_account("'0012345678").value == "0012345678"
    assert "后几位已丢失" in read_account("6.21E+18").error
    assert "后几位已丢失" in read_account(6.217000012345679e18).error
    assert "不是银行账号" in read_account("农商行").error
    assert read_account("").value is None
