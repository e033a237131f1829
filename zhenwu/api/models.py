"""What the API keeps: tokens, the answers of requests that may be repeated, and notices to other systems."""

from datetime import date

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class Token(models.Model):
    """Lets a program act as a person, within that person's rights and never beyond. Only a digest of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField("用途", max_length=60)
    start = models.CharField("开头", max_length=12)  # to tell one's tokens apart
    digest = models.CharField(max_length=64, unique=True)
    may_write = models.BooleanField("可写入", default=False)
    may_reveal = models.BooleanField("可查看身份证号等号码", default=False)
    ledgers = models.JSONField("台账", default=list, blank=True)  # codes; empty = all that the person may read
    expires_on = models.DateField("有效期至")  # the last day on which it works
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField("最近使用", null=True)
    revoked_at = models.DateTimeField("停用时间", null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "接口令牌"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.label}（{self.start}…）"

    def works(self, on: date) -> bool:
        return self.revoked_at is None and on <= self.expires_on


class Answer(models.Model):
    """The answer that a write request under an Idempotency-Key was given; the same request gets it again. It holds ids,
    numbers and versions, no values of rows."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField()  # the JSON text itself: the same answer to the last byte
    at = models.DateTimeField()

    class Meta:
        verbose_name = "已答复的请求"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="answer_once")]
        indexes = [models.Index(fields=["at"], name="answer_at")]

    def __str__(self) -> str:
        return self.key


class Subscription(models.Model):
    """Where to send a notice when rows of some ledgers change; the person's rights decide which rows it names."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_subscriptions")
    label = models.CharField("用途", max_length=60)
    url = models.CharField("接收地址", max_length=500)
    secret = models.TextField()  # sealed: signing needs the plain text
    ledgers = models.JSONField("台账", default=list, blank=True)  # codes; empty = all that the person may read
    acts = models.JSONField("事项", default=list, blank=True)  # add, edit, submit …; empty = every act
    active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "变更通知"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label


class Delivery(models.Model):
    """One notice of one change in one ledger. What it says is put together when it is sent, under the rights of that day."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已送达"
        SKIPPED = "skipped", "无可通知内容"
        DEAD = "dead", "未送达"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, related_name="+")
    ledger = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()  # not before; while it is being sent, when another process may try
    last_status = models.PositiveSmallIntegerField(null=True)
    last_problem = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "通知"
        ordering = ["-at"]
        indexes = [models.Index(fields=["state", "next_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.subscription} {self.change_id}"
