"""Places through time: a division is a place in force between two days; an event ends some and begins others."""

from django.db import models
from django.db.models import F, Q

from zhenwu.lib.ids import uuid7


class Level(models.TextChoices):
    COUNTY = "county", "县"
    TOWN = "town", "乡镇"
    VILLAGE = "village", "村（社区）"
    GROUP = "group", "组"


class EventKind(models.TextChoices):
    CREATE = "create", "设立"
    MERGE = "merge", "合并"
    ABSORB = "absorb", "并入"
    SPLIT = "split", "分设"
    RENAME = "rename", "更名"
    TRANSFER = "transfer", "划转"
    ABOLISH = "abolish", "撤销"


class Event(models.Model):
    """One reorganisation: what happened on which day, by whose approval."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField("类型", max_length=10, choices=EventKind)
    title = models.CharField("事项", max_length=200)
    effective = models.DateField("生效日期")
    approval = models.CharField("批准文号", max_length=100, blank=True)

    class Meta:
        verbose_name = "区划调整事项"

    def __str__(self) -> str:
        return self.title


class Division(models.Model):
    """A place in force from `valid_from` (included) to `valid_to` (excluded; empty = still in force)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=16)  # 12 digits; a group has its own suffix
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=10, choices=Level)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    valid_from = models.DateField("生效")
    valid_to = models.DateField("失效", null=True, blank=True)
    born_event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="born")
    end_event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="ended")

    class Meta:
        verbose_name = "区划单元"
        ordering = ["code", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="division_valid_period"
            ),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to__isnull=True), name="division_code_in_force"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_community(self) -> bool:
        """A residents' community (居委会) by its code: 001–199 in the last three digits."""
        return self.level == Level.VILLAGE and self.code[9:12] < "200"


class Alias(models.Model):
    """Another name a place is known by: a former name, a short one, a slip met in rosters."""

    division = models.ForeignKey(Division, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField("别名", max_length=60, db_index=True)

    class Meta:
        verbose_name = "区划别名"
        constraints = [models.UniqueConstraint(fields=["division", "name"], name="alias_once")]

    def __str__(self) -> str:
        return self.name


class Edge(models.Model):
    """Lineage: what `source` became in an event. The shares of one source's edges sum to 1."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="edges")
    source = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="became")
    target = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="came_from")
    share = models.DecimalField("份额", max_digits=5, decimal_places=4, default=1)

    class Meta:
        verbose_name = "沿革"
        constraints = [
            models.UniqueConstraint(fields=["event", "source", "target"], name="edge_once"),
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=1), name="edge_share"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
