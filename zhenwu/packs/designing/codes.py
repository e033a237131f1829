"""Short ASCII codes for labels, and the prefixes of readable numbers. A township's own ledgers begin with own_ and have
prefixes of four letters, which no shipped pack has: a later release can never take their names."""

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from zhenwu.changes.models import IMPLICIT, Row
from zhenwu.lib.pinyin import syllables_of_words
from zhenwu.lib.text import clean_header
from zhenwu.packs.words import IMPLICIT_COLUMNS, SQL_WORDS

OWN: Final = "own_"
_LONGEST = 28
_WHOLE: Final = {
    "姓名": "name", "名称": "name", "性别": "sex", "年龄": "age", "出生日期": "birth", "出生年月": "birth", "身份证号": "idno",
    "身份证号码": "idno", "身份证": "idno", "公民身份号码": "idno", "证件号码": "idno", "联系电话": "phone", "电话": "phone", "电话号码": "phone",
    "手机号": "phone", "手机号码": "phone", "手机": "phone", "联系方式": "phone", "银行卡号": "bank_account", "银行账号": "bank_account",
    "账号": "bank_account", "一卡通账号": "bank_account", "住址": "addr", "家庭住址": "addr", "地址": "addr", "详细地址": "addr", "民族": "ethnic",
    "面积": "area", "数量": "quantity", "金额": "amount", "单价": "unit_price", "类型": "kind", "类别": "kind", "种类": "kind", "规格": "spec",
    "型号": "model_no", "规格型号": "spec", "编号": "number", "年度": "for_year", "年份": "for_year", "月份": "for_month", "日期": "happened_on",
    "时间": "happened_at", "状态": "status", "负责人": "leader", "责任人": "keeper", "联系人": "contact", "管理员": "keeper", "户主": "head",
    "户主姓名": "head", "村民小组": "grp", "组": "grp", "组别": "grp", "等级": "grade", "级别": "grade", "结果": "result", "单位": "org",
    "生产日期": "made_on", "有效期至": "valid_until", "有效期": "valid_until", "到期日期": "expires_on", "长度": "length_m", "宽度": "width_m",
    "学历": "edu", "文化程度": "edu", "政治面貌": "political", "位置": "spot", "地点": "spot", "存放位置": "spot", "品种": "variety", "单价元": "unit_price",
}  # fmt: skip
_ENDS: Final = (
    ("身份证号", "idno"), ("身份证号码", "idno"), ("联系电话", "phone"), ("手机号码", "phone"), ("手机号", "phone"), ("电话", "phone"),
    ("姓名", "name"), ("名称", "name"), ("编号", "no"), ("号码", "no"), ("证号", "cert_no"), ("日期", "date"), ("时间", "time"), ("金额", "amount"),
    ("数量", "qty"), ("面积", "area"), ("地址", "addr"), ("类型", "kind"), ("类别", "kind"), ("人数", "persons"), ("户数", "homes"),
    ("结果", "result"), ("情况", "status"), ("单位", "org"), ("比例", "rate"), ("年度", "year"), ("月份", "month"),
)  # fmt: skip


@cache
def _syllables(text: str) -> tuple[str, ...]:
    parts = syllables_of_words(text)  # letters and digits between come back as they are
    return tuple(one for one in (part.lower().replace("ü", "v") for part in parts) if one.isascii() and one.isalnum())


def words_of(text: str) -> str:
    """Pinyin joined; the first letters only when it grows too long: 灭火器 → miehuoqi."""
    syllables = _syllables(text)
    whole = "".join(syllables)
    return whole if len(whole) <= 16 else "".join(one[0] for one in syllables)


def field_code(label: str, taken: Collection[str]) -> str:
    """A code that a field may have beside those taken."""
    plain = re.sub(
        r"[()（）/、,，:：%*\s]+", "", clean_header(re.sub(r"[(（].*?[)）]", "", label)) or clean_header(label)
    )
    code = _WHOLE.get(plain, "")
    if not code:
        ending = next(((end, word) for end, word in _ENDS if plain.endswith(end) and len(plain) > len(end)), None)
        code = f"{words_of(plain[: -len(ending[0])])}_{ending[1]}" if ending else words_of(plain)
    return free_code(code, taken)


def free_code(code: str, taken: Collection[str]) -> str:
    code = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "", code.lower())).strip("_")[:_LONGEST].strip("_")
    if not code or not code[0].isalpha():
        code = f"f_{code}".strip("_")
    if not is_free_name(code):
        code = f"{code}_f"
    found, number = code, 2
    while found in taken or not is_free_name(found):
        found, number = f"{code}_{number}", number + 1
    return found


def is_free_name(code: str) -> bool:
    """Whether a field may be called so: no SQL word, no column or word of every row."""
    return code not in SQL_WORDS and code not in IMPLICIT_COLUMNS and code not in IMPLICIT and not hasattr(Row, code)


def ledger_code(label: str, taken: Collection[str]) -> str:
    base = OWN + (words_of(re.sub(r"台账$", "", label)) or "ledger")[:_LONGEST]
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def ledger_prefix(label: str, taken: Collection[str]) -> str:
    """Four capital letters: Z and the first letters of the label."""
    letters = "".join(one[0] for one in _syllables(re.sub(r"台账$", "", label)) if one[0].isalpha()).upper()
    base = ("Z" + letters + "TZX")[:4]
    if base not in taken:
        return base
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return next(
        made for a in alphabet for b in alphabet for made in (f"{base[:2]}{a}{b}",) if made not in taken
    )  # fmt: skip
