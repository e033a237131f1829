"""What every stored fact has in common: the implicit columns of a row, and the record of who changed what and why."""

from django.conf import settings
from django.db import models

from zhenwu.changes.scoped import RowManager
from zhenwu.lib.ids import uuid7


class Review(models.TextChoices):
    """How far a row has come in the office: the platform's own states, beside the ledger's lifecycle."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已通过"
    LOCKED = "locked", "已定稿"


class SourceKind(models.TextChoices):
    FORM = "form", "页面填报"
    IMPORT = "import", "表格导入"
    API = "api", "接口"
    SYSTEM = "system", "系统"
    UNDO = "undo", "撤销"
    PACKS = "packs", "台账改版"


class Change(models.Model):
    """One act of writing: everything in it came at once, by one person, for one reason. Its id counts up."""

    id = models.BigAutoField(primary_key=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    source_kind = models.CharField(max_length=10, choices=SourceKind)
    source_name = models.CharField(max_length=300, blank=True)  # the file's name, the device …
    source_hash = models.CharField(max_length=64, blank=True)
    pack_hash = models.CharField(max_length=64, blank=True)
    stands_for = models.ForeignKey(  # who was away: the author acted in this user's place, by a delegation
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    ledgers = models.JSONField(default=dict)  # ledger → how many rows

    class Meta:
        verbose_name = "变更"

    def __str__(self) -> str:
        return f"变更{self.pk} {self.reason}".strip()

    @property
    def who(self) -> str:
        """The author's name; “吴岸 代 陈青” when the author stood in for someone."""
        author = str(self.author) if self.author_id else "系统"
        return f"{author} 代 {self.stands_for}" if self.stands_for_id else author


class History(models.Model):
    """One version of one row. `values` is the JSON text that was hashed; personal values stand in it as keyed digests,
    and as ciphertext in `sealed`, so that erasing the key later keeps the chain whole."""

    id = models.BigAutoField(primary_key=True)
    ledger = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="history")
    row = models.UUIDField()
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=40)
    values = models.TextField()
    sealed = models.JSONField(null=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "历史"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "seq"], name="history_seq_once"),
            models.UniqueConstraint(fields=["ledger", "row", "version"], name="history_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.row} v{self.version}"


class Watched(models.TextChoices):
    """What the audit log keeps beside the changes themselves. Successful log-ins are not among it."""

    REVEAL = "reveal", "查看个人信息"
    EXPORT = "export", "导出"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOCKED = "locked", "账号锁定"
    UNLOCKED = "unlocked", "解除锁定"
    USER = "user", "账号管理"
    UNIT = "unit", "站所管理"
    APPOINTMENT = "appointment", "任职"
    GRANT = "grant", "授权"
    PACKS = "packs", "台账声明生效"
    ERASURE = "erasure", "保管期满销毁"
    RULE = "rule", "核对与交办规则"
    VERIFY = "verify", "核验历史链"
    AUDIT_EXPORT = "audit_export", "导出审计日志"


class AuditEntry(models.Model):
    """One thing that the audit administrator watches. Append-only, in a hash chain of its own; it holds no value of a row."""

    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField("事项", max_length=20, choices=Watched)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ledger = models.CharField(max_length=60, blank=True)
    row = models.UUIDField(null=True)
    said = models.CharField("内容", max_length=500)
    address = models.CharField("来源地址", max_length=45, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "审计日志"
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["kind", "-seq"], name="audit_kind"),
            models.Index(fields=["by", "-seq"], name="audit_by"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.said}"


class ChainHead(models.Model):
    """The end of a ledger's hash chain, and the row that writers of the ledger lock."""

    ledger = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.ledger} #{self.seq}"


class Serial(models.Model):
    """The last readable number given out, per prefix and year."""

    prefix = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"


class Row(models.Model):
    """The columns that every ledger row has (design section 5). Rows are never deleted; they are voided."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    no = models.CharField("编号", max_length=40, unique=True)
    division = models.ForeignKey("divisions.Division", on_delete=models.PROTECT, null=True, related_name="+")
    review = models.CharField("审核", max_length=10, choices=Review, default=Review.DRAFT)
    state = models.CharField("状态", max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, related_name="+")
    voided_by_change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField("来源", max_length=300, blank=True)
    note = models.TextField("备注", null=True, blank=True)  # noqa: DJ001  NULL is "not reported"
    files = models.JSONField("附件", null=True, blank=True)

    objects = RowManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.no

    @property
    def is_void(self) -> bool:
        return self.voided_by_change_id is not None


class Line(models.Model):
    """The columns that every line of a child table has, beside the key of its row (`parent`). Lines have no history of
    their own: they are part of their row's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    position = models.PositiveIntegerField()  # 1, 2, 3 … in the row

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"第{self.position}行"


IMPLICIT = tuple(field.attname for field in Row._meta.local_fields)
