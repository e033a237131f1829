"""A reorganisation: what is planned, how it was voted and approved, and the lineage it left when it took effect."""

from django.db import models
from django.db.models import F, Q

from zhenwu.divisions.models.places import Class, Division, Level, UrbanRural
from zhenwu.lib.ids import uuid7


class EventKind(models.TextChoices):
    CREATE = "create", "设立"
    ABOLISH = "abolish", "撤销"
    MERGE_NEW = "merge_new", "新设合并"
    ABSORB = "absorb", "吸收合并"
    SPLIT = "split", "分设"
    RENAME = "rename", "更名"
    TRANSFER = "transfer", "划转"
    RECLASS = "reclass", "村改居"
    BOUNDARY = "boundary", "边界调整"
    GROUP_MERGE = "group_merge", "小组合并"
    RECODE = "recode", "代码变更"


class EventState(models.TextChoices):
    DRAFT = "draft", "方案"
    VOTED = "voted", "已表决"
    APPROVED = "approved", "已批复"
    EFFECTIVE = "effective", "已生效"
    HANDED_OVER = "handed_over", "交接完成"
    ARCHIVED = "archived", "已归档"
    DROPPED = "dropped", "已终止"


IN_EFFECT = (EventState.EFFECTIVE, EventState.HANDED_OVER, EventState.ARCHIVED)
CLOSED = (EventState.ARCHIVED, EventState.DROPPED)


class Basis(models.TextChoices):
    """How a unit that goes to several was divided among them."""

    WHOLE = "whole", "整体"
    BY_GROUP = "by_group", "按组"
    BY_LIST = "by_list", "按名册"
    BY_BOUNDARY = "by_boundary", "按界线"


class VoteForm(models.TextChoices):
    ASSEMBLY = "assembly", "村民会议"
    HOUSEHOLD = "household", "户代表会议"
    REPRESENTATIVE = "representative", "村民代表会议"
    GROUP_ASSEMBLY = "group_assembly", "村民小组会议"
    GROUP_HOUSEHOLD = "group_household", "村民小组户代表会议"


class PaperKind(models.TextChoices):
    RISK = "risk", "社会稳定风险评估"
    MEETING = "meeting", "会议记录和签到"
    NOTICE = "notice", "公示材料"
    APPROVAL = "approval", "批复文件"
    HANDOVER = "handover", "交接清册"
    OTHER = "other", "其他"


class Event(models.Model):
    """One reorganisation. Its plan is `units` and `flows`; once in effect, `edges` and the places born and ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField("类型", max_length=12, choices=EventKind)
    title = models.CharField("事项", max_length=200)
    state = models.CharField("进度", max_length=12, choices=EventState, default=EventState.DRAFT)
    effective = models.DateField("生效日期", null=True, blank=True)
    order = models.PositiveSmallIntegerField("当日次序", default=1)  # among the events of one day
    proposed_on = models.DateField("提出日期", null=True, blank=True)
    risk_paper = models.CharField("社会稳定风险评估", max_length=200, blank=True)
    notice_from = models.DateField("公示起", null=True, blank=True)
    notice_to = models.DateField("公示止", null=True, blank=True)
    approval_organ = models.CharField("批准机关", max_length=100, blank=True)
    approval = models.CharField("批准文号", max_length=100, blank=True)
    approved_on = models.DateField("批准日期", null=True, blank=True)
    seal_on = models.DateField("印章更换", null=True, blank=True)
    handed_over_on = models.DateField("交接完成", null=True, blank=True)
    archived_on = models.DateField("归档", null=True, blank=True)
    note = models.TextField("说明", blank=True)
    papers = models.JSONField("附件", default=list)  # {kind, sha256, name, size, mime}; rooms above keep the files
    effect_change = models.ForeignKey("changes.Change", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "区划调整事项"
        ordering = ["effective", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["effective", "handed_over", "archived"]) | Q(effective__isnull=False),
                name="event_in_effect_has_day",
            ),
            models.CheckConstraint(
                condition=Q(notice_to__isnull=True) | Q(notice_from__isnull=True) | Q(notice_to__gte=F("notice_from")),
                name="event_notice_period",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_in_effect(self) -> bool:
        return self.state in IN_EFFECT

    @property
    def is_closed(self) -> bool:
        """Nothing of it changes any more."""
        return self.state in CLOSED


class PlannedUnit(models.Model):
    """A unit after the event: one that is there already (`place`), or a new one that the event will make."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="units")
    position = models.PositiveSmallIntegerField()
    place = models.ForeignKey(Division, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.CharField("层级", max_length=10, choices=Level)
    parent = models.ForeignKey(Division, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField("代码", max_length=16, blank=True)
    name = models.CharField("名称", max_length=60, blank=True)
    full_name = models.CharField("全称", max_length=120, blank=True)
    cls = models.CharField("类别", max_length=15, choices=Class, blank=True)
    urban_rural = models.CharField("城乡分类", max_length=3, choices=UrbanRural, blank=True)
    seat = models.CharField("驻地", max_length=40, blank=True)

    class Meta:
        verbose_name = "调整后单元"
        ordering = ["event", "position"]
        constraints = [models.UniqueConstraint(fields=["event", "position"], name="planned_unit_position")]

    def __str__(self) -> str:
        return self.place.name if self.place else self.name


class Flow(models.Model):
    """Which unit, or which group of one, goes to which unit. A group that goes to a village goes under it; a unit without
    a target ends without a successor."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="flows")
    source = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(PlannedUnit, on_delete=models.CASCADE, null=True, related_name="flows")
    basis = models.CharField("分配依据", max_length=12, choices=Basis, default=Basis.WHOLE)
    pop_share = models.DecimalField("人口占比", max_digits=5, decimal_places=4, null=True, blank=True)
    land_share = models.DecimalField("土地占比", max_digits=5, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = "调整去向"
        ordering = ["event", "source__code", "target__position"]
        constraints = [models.UniqueConstraint(fields=["event", "source", "target"], name="flow_once")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target or '（撤销）'}"


class Vote(models.Model):
    """How the people of one unit decided."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="votes")
    place = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="+")
    form = models.CharField("会议形式", max_length=20, choices=VoteForm)
    held_on = models.DateField("会议日期")
    entitled = models.PositiveIntegerField("应到")
    present = models.PositiveIntegerField("实到")
    yes = models.PositiveIntegerField("同意")

    class Meta:
        verbose_name = "民主程序"
        ordering = ["event", "place__code"]
        constraints = [
            models.UniqueConstraint(fields=["event", "place"], name="vote_once"),
            models.CheckConstraint(
                condition=Q(present__lte=F("entitled")) & Q(yes__lte=F("present")), name="vote_figures"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.yes}/{self.present}/{self.entitled}"


class Edge(models.Model):
    """Lineage: what `source` became in an event in effect.

    `whole`: all of it went to `target`, and both shares are 1. Else the shares say which part of its people and of its land
    did; empty where nobody said. What a source that goes on keeps is 1 less the shares of its edges in the event.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="edges")
    source = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="became")
    target = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="came_from")
    whole = models.BooleanField("整体", default=True)
    pop_share = models.DecimalField("人口占比", max_digits=5, decimal_places=4, null=True, default=1)
    land_share = models.DecimalField("土地占比", max_digits=5, decimal_places=4, null=True, default=1)
    basis = models.CharField("分配依据", max_length=12, choices=Basis, default=Basis.WHOLE)

    class Meta:
        verbose_name = "沿革"
        constraints = [
            models.UniqueConstraint(fields=["event", "source", "target"], name="edge_once"),
            models.CheckConstraint(
                condition=Q(pop_share__isnull=True) | Q(pop_share__gte=0, pop_share__lte=1), name="edge_pop_share"
            ),
            models.CheckConstraint(
                condition=Q(land_share__isnull=True) | Q(land_share__gte=0, land_share__lte=1), name="edge_land_share"
            ),
            models.CheckConstraint(
                condition=Q(pop_share__isnull=True)
                | Q(land_share__isnull=True)
                | Q(pop_share__gt=0)
                | Q(land_share__gt=0),
                name="edge_carries_something",
            ),
            models.CheckConstraint(condition=Q(whole=False) | Q(pop_share=1, land_share=1), name="edge_whole"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="edge_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
