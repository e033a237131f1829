"""What the ledgers room stores beside the ledgers themselves: imports under way and stored files."""

from django.conf import settings
from django.db import models

from zhenwu.lib.ids import uuid7


class ImportJob(models.Model):
    """One uploaded sheet: read, looked at, then applied as one change or dropped. Its files lie in `imports/<id>…`.

    reading and applying are done in the background when the file is large: then `task` says which task is at it.
    """

    class Status(models.TextChoices):
        READING = "reading", "正在读取"
        STAGED = "staged", "待确认"
        APPLYING = "applying", "正在导入"
        APPLIED = "applied", "已导入"
        FAILED = "failed", "没有读成"
        DROPPED = "dropped", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ledger = models.CharField(max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField("文件", max_length=300)
    file_hash = models.CharField(max_length=64)
    sheets = models.JSONField(default=list)  # names of the visible sheets, in order
    picked = models.JSONField(default=list)  # names of the sheets to read; [] is the first that fits
    mapping = models.JSONField(default=dict)  # column index → target, as corrected by a person
    since = models.DateField(
        "起始日期", null=True
    )  # from when what the sheet says besides holds (importing.companions)
    status = models.CharField(max_length=10, choices=Status, default=Status.STAGED)
    task = models.UUIDField(null=True)
    problem = models.TextField(blank=True)  # why it cannot be applied as it is, or was not, in words
    digest = models.CharField(max_length=64, blank=True)  # of what was shown; "" while it cannot be applied
    seq = models.BigIntegerField(default=0)  # how far the ledger was when the sheet was compared with it
    counts = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)  # the table and its columns, for the page
    change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "导入"
        ordering = ["-at"]
        indexes = [models.Index(fields=["by", "-at"], name="importjob_of_whom")]

    def __str__(self) -> str:
        return self.file_name


class RememberedHeader(models.Model):
    """What a person said that a column of a sheet is, to be used when such a sheet comes again.

    `keeper` is the office or the village that remembers, `sheet` all the headers of the sheet and `header` the one, as keyed
    digests: where a header was misread, a person's name may stand in its place.
    """

    ledger = models.CharField(max_length=60)
    keeper = models.CharField(max_length=60)
    sheet = models.CharField(max_length=64)
    header = models.CharField(max_length=64)
    target = models.CharField(max_length=80, blank=True)  # "": not to be imported
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "记住的列名"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "keeper", "sheet", "header"], name="remembered_header_once")
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.keeper} {self.target}"


class StoredFile(models.Model):
    """A file kept under its hash in `files/ab/abcdef…`. Rows name it by hash; who may see the row may see the file."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "文件"

    def __str__(self) -> str:
        return self.name


class Purpose(models.TextChoices):
    """What personal data is used for; nothing else is a purpose."""

    BENEFIT = "P1", "待遇审核"
    PAYMENT = "P2", "资金发放"
    NOTICE = "P3", "公示"
    VISIT = "P4", "入户走访"
    STATISTICS = "P5", "统计"
    AUDIT = "P6", "审计检查"
    OWN = "P7", "本人申请"
    EMERGENCY = "P8", "应急处置"


class Reveal(models.Model):
    """Who opened which personal value of which row, when and for what purpose. Append-only; read by audit."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    field = models.CharField(max_length=60)
    purpose = models.CharField(
        "用途", max_length=2, choices=Purpose, blank=True
    )  # "": from before purposes were chosen
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "个人信息查看记录"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.by} {self.ledger}.{self.field}"

    @property
    def why(self) -> str:
        """The purpose and what was written beside it."""
        return "：".join(part for part in (self.get_purpose_display(), self.note) if part)


class CalendarYear(models.Model):
    """A year whose holidays the township has entered from the State Council's notice."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.CharField("依据", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "放假安排"

    def __str__(self) -> str:
        return f"{self.year}年"


class SpecialDay(models.Model):
    """A day of the township's own calendar; it wins over what the shipped calendar says."""

    day = models.DateField(primary_key=True)
    is_workday = models.BooleanField("上班")
    note = models.CharField("原因", max_length=100)
    source = models.CharField("依据", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "工作日历"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '休息'}"


class ReturnMark(models.Model):
    """A field that a reviewer marked as wrong when sending a row back, in that change. It holds until the field says
    something else or the row is handed in again; history keeps it."""

    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, related_name="marks")
    field = models.CharField(max_length=60)
    says = models.CharField("哪里不对", max_length=200)

    class Meta:
        verbose_name = "退回标注"
        indexes = [models.Index(fields=["ledger", "row"], name="returnmark_row_ix")]
        constraints = [models.UniqueConstraint(fields=["change", "row", "field"], name="returnmark_once")]

    def __str__(self) -> str:
        return f"{self.ledger}.{self.field}: {self.says}"


class Escalation(models.Model):
    """That an overdue row was brought before a role: once for each deadline and level."""

    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    state = models.CharField(max_length=40)
    due_on = models.DateField()
    to = models.CharField(max_length=20)
    on = models.DateField()  # the day from which the role is concerned
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "超期提级"
        constraints = [
            models.UniqueConstraint(fields=["ledger", "row", "state", "due_on", "to"], name="escalation_once")
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.row} → {self.to}"


class SearchEntry(models.Model):
    """What the words of a search are looked for in: the open texts of one row, a line each. Its pieces (lib.grams) are in
    the table `ledgers_searchgrams`: FTS5 on SQLite, arrays with an inverted index on PostgreSQL."""

    id = models.BigAutoField(primary_key=True)
    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    division = models.UUIDField(null=True)
    live = models.BooleanField(default=True)  # not voided
    text = models.TextField()

    class Meta:
        verbose_name = "搜索条目"
        constraints = [models.UniqueConstraint(fields=["ledger", "row"], name="search_row_once")]

    def __str__(self) -> str:
        return f"{self.ledger} {self.row}"


class SearchState(models.Model):
    """How far the index of one ledger has come, as the `seq` of its history."""

    ledger = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.ledger} #{self.seq}"


class ErasureOrder(models.Model):
    """销毁清册: rows of one ledger whose retention has ended, proposed by one person and decided by another. `files` are the
    stored files that erased rows named, to be looked after at the end."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"
        CONFIRMED = "confirmed", "正在销毁"
        ERASED = "erased", "已销毁，待登记旧备份"
        CLOSED = "closed", "已办结"

    UNDER_WAY = (State.PROPOSED, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    no = models.CharField("清册编号", max_length=20, unique=True)
    ledger = models.CharField("台账", max_length=60)
    years = models.JSONField("年度", default=list)
    count = models.PositiveIntegerField("条数")
    reason = models.CharField("依据和原因", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True)
    decision = models.CharField("审批意见", max_length=500, blank=True)
    erased_at = models.DateTimeField("销毁时间", null=True)
    erased = models.PositiveIntegerField("已清除", default=0)
    kept = models.PositiveIntegerField("保留", default=0)
    files = models.JSONField(default=list)
    keys_destroyed_at = models.DateTimeField("旧密钥销毁时间", null=True)
    backups = models.CharField("旧备份", max_length=500, blank=True)
    backups_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    backups_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "销毁清册"
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="erasure_decided_by_another",
            )
        ]

    def __str__(self) -> str:
        return self.no


class ErasureItem(models.Model):
    """One row of an order, by its number: what stood in it is not repeated here."""

    class Outcome(models.TextChoices):
        ERASED = "erased", "已清除"
        KEPT = "kept", "保留"

    order = models.ForeignKey(ErasureOrder, on_delete=models.PROTECT, related_name="items")
    ledger = models.CharField(max_length=60)
    row = models.UUIDField()
    no = models.CharField("编号", max_length=40)
    version = models.PositiveIntegerField()  # when it was proposed; a row that somebody wrote in since is kept
    year = models.PositiveSmallIntegerField("年度")
    outcome = models.CharField("结果", max_length=6, choices=Outcome, blank=True)

    class Meta:
        verbose_name = "销毁清册的记录"
        constraints = [models.UniqueConstraint(fields=["order", "row"], name="erasure_row_once")]
        indexes = [models.Index(fields=["row", "ledger"], name="erasure_row_ix")]

    def __str__(self) -> str:
        return self.no


class Hold(models.Model):
    """暂缓销毁: one row, the rows whose life ended in one year, or a whole ledger, until a day or until somebody lifts it."""

    ledger = models.CharField("台账", max_length=60)
    row = models.UUIDField(null=True)
    no = models.CharField("编号", max_length=40, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True)
    until = models.DateField("暂缓到", null=True)
    reason = models.CharField("原因", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "暂缓销毁"
        ordering = ["-at"]
        indexes = [models.Index(fields=["ledger", "lifted_at"], name="hold_ledger_ix")]

    def __str__(self) -> str:
        return f"{self.ledger} {self.no or self.year or ''}".strip()


class ExportRequest(models.Model):
    """An export with personal values that somebody other than its author has to approve: asked for, decided, made, fetched a
    few times until a day, and destroyed. Its file lies encrypted in `exports/<id>`."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审批"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"
        APPROVED = "approved", "可下载"
        ENDED = "ended", "已到期"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ledger = models.CharField("台账", max_length=60)
    kind = models.CharField("格式", max_length=4)  # xlsx, csv
    query = models.TextField("条件", blank=True)  # as in the address of the list
    full = models.BooleanField("号码完整显示", default=False)
    columns = models.JSONField("敏感列", default=list)  # labels
    count = models.PositiveIntegerField("条数")
    purpose = models.CharField("用途", max_length=2, choices=Purpose)
    basis = models.CharField("事由和依据", max_length=300)
    receiver = models.CharField("接收方", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True)
    expires_on = models.DateField("应销毁日期", null=True)  # the last day on which it can be fetched
    most = models.PositiveSmallIntegerField("可下载次数", default=0)
    fetched = models.PositiveSmallIntegerField("已下载次数", default=0)
    made_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # why it could not be made
    destroyed_on = models.DateField("已销毁日期", null=True)  # when its author says that the copies taken out are gone

    class Meta:
        verbose_name = "导出申请"
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("by")),
                name="export_decided_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.standing}"

    @property
    def standing(self) -> str:
        """The state in words; what its author has noted as destroyed is that, whatever could be done with it before."""
        return "已销毁" if self.destroyed_on else str(self.get_state_display())
