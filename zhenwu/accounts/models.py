"""Who works here: users, offices (站所), and appointments that say what a person may do where and when."""

from datetime import date

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
    ADMIN = "admin", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDITOR = "auditor", "审计管理员"


ADMINS = frozenset({Role.ADMIN, Role.SECURITY, Role.AUDITOR})  # 三员: each in other hands, none sees a ledger
VILLAGES = frozenset({Role.VILLAGE, Role.VILLAGE_LEAD})


class User(AbstractUser):
    """A person who logs in. Names of officials only; villagers are not users of this table."""

    display_name = models.CharField("姓名", max_length=60)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    code_until = models.DateTimeField("一次性密码有效至", null=True, blank=True)
    approved = models.BooleanField(
        "已批准启用", default=True
    )  # what the system administrator makes waits for the security one

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

    @property
    def where(self) -> str:
        """The office or place of the post, in words."""
        return self.unit.label if self.unit else self.division.name if self.division else "全镇"

    @property
    def named(self) -> str:
        """The post in words: 民政办站所经办; an administrator belongs to no office."""
        return str(self.get_role_display()) if self.role in ADMINS else f"{self.where}{self.get_role_display()}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Grant(models.Model):
    """A right in one ledger beyond what posts give: to an office (all its people) or to one person, dated."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    ledger = models.CharField("台账", max_length=60)
    verbs = models.JSONField("可以做什么", default=list)  # matrix.VERBS beyond reading
    privacy = models.CharField("看到的内容", max_length=2, default="S1")  # the highest class of fields shown
    division = models.ForeignKey(
        "divisions.Division", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="限于"
    )
    valid_from = models.DateField("授权起")
    valid_to = models.DateField("授权止", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = "授权"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=True) ^ Q(unit__isnull=True), name="grant_to_one"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="grant_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.unit} {self.ledger}"


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


class PostChoice(models.TextChoices):
    """What becomes of a post at a place that a reorganisation ends."""

    CARRY = "carry", "随到新单位"
    END = "end", "到那天结束"
    LATER = "later", "生效后再定"


class PostDecision(models.Model):
    """What was decided of one post for one reorganisation; `toward` names the successor of then, so that another plan does not
    take the post elsewhere. Carried out: `done_on` is the day, `was_until` the end that the post had, `made` the post after it.

    Without `by` nobody had to decide: the place is the same under another name or code.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey("divisions.Event", on_delete=models.PROTECT, related_name="+", verbose_name="调整事项")
    post = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="decisions", verbose_name="任职")
    choice = models.CharField("去向", max_length=8, choices=PostChoice)
    toward = models.CharField("到", max_length=60, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    reason = models.CharField("依据", max_length=200, blank=True)
    done_on = models.DateField("自哪天起", null=True, blank=True)
    was_until = models.DateField("原任职止", null=True, blank=True)
    made = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="新任职")

    class Meta:
        verbose_name = "任职去向"
        constraints = [models.UniqueConstraint(fields=["event", "post"], name="post_decision_once")]

    def __str__(self) -> str:
        return f"{self.post}：{self.get_choice_display()}"
