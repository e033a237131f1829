"""Who works here: users, offices (站所), and appointments that say what a person may do where and when."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from zhenwu.lib.ids import uuid7


class Role(models.TextChoices):
    VILLAGE = "village", "村级录入"
    VILLAGE_LEAD = "village_lead", "村（社区）书记"
    OFFICE = "office", "站所经办"
    FINANCE = "finance", "财政所"
    LEADER = "leader", "分管领导"
    HEAD = "head", "党政主要领导"
    DISCIPLINE = "discipline", "镇纪委"
    AUDIT = "audit", "审计查阅"
    ADMIN = "admin", "系统管理"


class User(AbstractUser):
    """A person who logs in. Names of officials only; villagers are not users of this table."""

    display_name = models.CharField("姓名", max_length=60)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)

    def __str__(self) -> str:
        return self.display_name or self.username


class Unit(models.Model):
    """An office of the township and the lines of work it handles."""

    label = models.CharField("站所", max_length=60, unique=True)
    lines = models.JSONField("业务条线", default=list)

    class Meta:
        verbose_name = "站所"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.label


class Appointment(models.Model):
    """user × office × role × place, in force from `valid_from` (included) to `valid_to` (excluded)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="appointments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    role = models.CharField("角色", max_length=20, choices=Role)
    division = models.ForeignKey(
        "divisions.Division", on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    valid_from = models.DateField("任职起")
    valid_to = models.DateField("任职止", null=True, blank=True)

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                condition=~Q(role__in=["village", "village_lead"]) | Q(division__isnull=False),
                name="appointment_village_has_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class Delegation(models.Model):
    """While `user` is away, `deputy` may do what the user's appointments allow, from `valid_from` (included) to `valid_to`
    (excluded). What the deputy does by it is recorded as 代."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations", verbose_name="请假人")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputising", verbose_name="代办人")
    valid_from = models.DateField("代办起")
    valid_to = models.DateField("代办止")
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="设置人")
    at = models.DateTimeField("设置时间", auto_now_add=True)

    class Meta:
        verbose_name = "代办"
        ordering = ["-valid_from", "-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(user=F("deputy")), name="delegation_to_someone_else"),
            models.CheckConstraint(condition=Q(valid_from__lte=F("valid_to")), name="delegation_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} 代 {self.user}"
