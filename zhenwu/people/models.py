"""Persons and households, dated. The packs `person`, `household` and `household_member` say what the columns mean;
a column here has the code of its field there, and every one may be NULL, because a draft may be incomplete."""

from django.db import models
from django.db.models import Q

from zhenwu.changes.models import Row

_HASH_LENGTH = 64
_LIVE = Q(voided_by_change__isnull=True)


def _text(label: str, length: int) -> "models.CharField[str | None, str | None]":
    return models.CharField(label, max_length=length, null=True, blank=True)


def _choice(label: str) -> "models.CharField[str | None, str | None]":
    return _text(label, 64)


def _day(label: str) -> models.DateField:
    return models.DateField(label, null=True, blank=True)


def _link(to: str, label: str) -> models.ForeignKey:
    return models.ForeignKey(to, verbose_name=label, null=True, blank=True, on_delete=models.PROTECT, related_name="+")


def _sealed(label: str) -> "models.TextField[str | None, str | None]":
    """Ciphertext (AES-256-GCM) of a personal value."""
    return models.TextField(label, null=True, blank=True)


def _index_hash() -> "models.CharField[str | None, str | None]":
    """A keyed hash (hex HMAC) of a sealed value: equal values meet, none can be read back."""
    return models.CharField(max_length=_HASH_LENGTH, null=True, blank=True, db_index=True)


class Person(Row):
    """Who is registered or lives here. `division` is the village of registration (户籍村). `idno` and `phone` are
    ciphertext; the other `idno_…` columns are derived from the number when it is written and are NULL without one."""

    idno = _sealed("公民身份号码")
    idno_hash = _index_hash()
    idno_last4_hash = _index_hash()
    idno_ok = models.BooleanField("号码校验通过", null=True, blank=True)
    idno_birth = _day("号码所示出生日期")
    idno_sex = _text("号码所示性别", 1)
    idno_region = _text("号码前六位", 6)
    idno_kind = _choice("号码状态")
    name = _text("姓名", 60)
    name_initials = models.CharField("姓名拼音首字母", max_length=60, null=True, blank=True, db_index=True)  # noqa: DJ001
    name_former = _text("曾用名", 60)
    sex = _choice("性别")
    birth = _day("出生日期")
    ethnic = _choice("民族")
    hukou_group = _link("divisions.Division", "户籍组")
    hukou_status = _choice("户籍状态")
    live_div = _link("divisions.Division", "常住村")
    live_status = _choice("人户状态")
    away_place = _choice("外出地")
    away_since = _day("外出（来住）起")
    phone = _sealed("电话")
    phone_hash = _index_hash()
    marriage = _choice("婚姻")
    edu = _choice("学历")
    labor = _choice("劳动能力")
    public_role = _choice("公职身份")
    guardian = _link("people.Person", "监护人")
    father = _link("people.Person", "父亲")
    mother = _link("people.Person", "母亲")
    out_date = _day("迁出日期")
    death_date = _day("死亡日期")
    death_proof = _choice("死亡依据")
    merged_into = _link("people.Person", "并入")

    class Meta(Row.Meta):
        abstract = False
        verbose_name = "人口"
        indexes = [
            models.Index(fields=["name", "birth"], name="person_name_birth"),
            models.Index(fields=["division", "hukou_status"], name="person_village_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["idno_hash"], condition=_LIVE, name="person_idno_once"),
            models.CheckConstraint(
                condition=Q(birth__isnull=True) | Q(birth__gte="1850-01-01"), name="person_birth_plausible"
            ),
            models.CheckConstraint(
                condition=Q(idno_sex__isnull=True) | Q(idno_sex__in=["1", "2"]), name="person_idno_sex_known"
            ),
            models.CheckConstraint(
                condition=Q(idno__isnull=False) | Q(idno_hash__isnull=True), name="person_idno_hash_has_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.no


class Household(Row):
    """A household of one kind (户籍户, 共同生活家庭, 建档立卡户, 承包户). The kinds are never mixed; `same_as` links
    the other three to the 户籍户."""

    hkind = _choice("户类型")
    hno = _text("户号", 40)
    head = _link("people.Person", "户主（承包方代表）")
    grp = _link("divisions.Division", "组")
    addr = _text("门牌地址", 200)
    contract_code = _text("承包方编码", 18)
    card_no = _text("建档立卡编号", 40)
    card_kind = _choice("档卡类别")
    same_as = _link("people.Household", "对应户籍户")
    from_date = _day("立户日期")
    to_date = _day("销户日期")
    close_reason = _choice("销户原因")

    class Meta(Row.Meta):
        abstract = False
        verbose_name = "户"
        indexes = [
            models.Index(fields=["division", "hkind"], name="household_village_kind"),
            models.Index(fields=["hno"], name="household_hno"),
        ]

    def __str__(self) -> str:
        return f"{self.head}户" if self.head else self.no


class HouseholdMember(Row):
    """One person in one household from `from_date` to `to_date` (exclusive; empty = still there)."""

    household = _link("people.Household", "户")
    person = _link("people.Person", "人")
    rel = _choice("与户主关系")
    from_date = _day("起")
    to_date = _day("止")
    counted = models.BooleanField("计入共同生活", null=True, blank=True)
    in_event = _text("进入事项", 30)  # the number of the household_event: its table is built by the packs
    out_event = _text("退出事项", 30)

    class Meta(Row.Meta):
        abstract = False
        verbose_name = "户成员"
        indexes = [
            models.Index(fields=["person", "to_date"], name="member_person_current"),
            models.Index(fields=["household", "to_date"], name="member_household_current"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "person", "from_date"], condition=_LIVE, name="member_spell_once"
            ),
        ]
