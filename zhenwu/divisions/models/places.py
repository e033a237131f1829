"""A place and what it is called. Who was what before is in `events`."""

import uuid

from django.db import models
from django.db.models import F, Q

from zhenwu.lib.ids import uuid7


class Level(models.TextChoices):
    COUNTY = "county", "县"
    TOWN = "town", "乡镇"
    VILLAGE = "village", "村（社区）"
    GROUP = "group", "组"


class Class(models.TextChoices):
    """What kind of unit a place is within its level."""

    STREET = "street", "街道"
    TOWN = "town", "镇"
    TOWNSHIP = "township", "乡"
    NEIGHBOURHOOD = "neighbourhood", "居委会"
    VILLAGERS = "villagers", "村委会"
    SIMILAR = "similar", "类似单位"
    GROUP = "group", "村（居）民小组"


class UrbanRural(models.TextChoices):
    """The statistics bureau's urban–rural classes."""

    CITY = "111", "主城区"
    CITY_EDGE = "112", "城乡结合区"
    TOWN_CENTRE = "121", "镇中心区"
    TOWN_EDGE = "122", "镇乡结合区"
    SPECIAL = "123", "特殊区域"
    TOWNSHIP_CENTRE = "210", "乡中心区"
    VILLAGE = "220", "村庄"


class Division(models.Model):
    """A place in force from `valid_from` (included) to `valid_to` (excluded; empty = still in force).

    A rename or a new code closes the row and opens one with the same `root`: the first row of the place, empty in that
    row itself. Two rows with one code never share a day; the database refuses it (`guards`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField("代码", max_length=16)  # 12 digits; a group: its village's 12 and 2 of its own
    name = models.CharField("名称", max_length=60)
    full_name = models.CharField("全称", max_length=120, blank=True)
    level = models.CharField("层级", max_length=10, choices=Level)
    cls = models.CharField("类别", max_length=15, choices=Class, blank=True)
    urban_rural = models.CharField("城乡分类", max_length=3, choices=UrbanRural, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="same_place")
    seat = models.CharField("驻地", max_length=40, blank=True)  # "lon,lat" as lib.geo writes it
    area_km2 = models.DecimalField("面积", max_digits=12, decimal_places=4, null=True, blank=True)
    farm_mu = models.DecimalField("耕地", max_digits=14, decimal_places=4, null=True, blank=True)
    valid_from = models.DateField("生效")
    valid_to = models.DateField("失效", null=True, blank=True)
    born_event = models.ForeignKey("divisions.Event", on_delete=models.PROTECT, null=True, related_name="born")
    end_event = models.ForeignKey("divisions.Event", on_delete=models.PROTECT, null=True, related_name="ended")

    class Meta:
        verbose_name = "区划单元"
        ordering = ["code", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="division_valid_period"
            ),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to__isnull=True), name="division_code_in_force"),
            models.CheckConstraint(condition=Q(urban_rural__in=["", *UrbanRural.values]), name="division_urban_rural"),
            models.CheckConstraint(
                condition=(Q(area_km2__isnull=True) | Q(area_km2__gte=0))
                & (Q(farm_mu__isnull=True) | Q(farm_mu__gte=0)),
                name="division_measures",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def root_pk(self) -> uuid.UUID:
        """What all rows of the same place share, whatever it was called."""
        return self.root_id or self.pk

    @property
    def is_community(self) -> bool:
        """A residents' community (居委会) by its code: 001–199 in the last three digits."""
        return self.level == Level.VILLAGE and self.code[9:12] < "200"


class Alias(models.Model):
    """Another name a place is known by: a former name, a short one, a slip met in rosters; in use between two days."""

    division = models.ForeignKey(Division, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField("别名", max_length=60, db_index=True)
    valid_from = models.DateField("起", null=True, blank=True)  # empty: always
    valid_to = models.DateField("止", null=True, blank=True)
    event = models.ForeignKey(  # which left the name behind
        "divisions.Event", on_delete=models.PROTECT, null=True, related_name="aliases"
    )

    class Meta:
        verbose_name = "区划别名"
        constraints = [
            models.UniqueConstraint(fields=["division", "name"], name="alias_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="alias_valid_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Outline(models.Model):
    """The border of a place as a GeoJSON Polygon or MultiPolygon in WGS-84; apart from the place, because it is long."""

    division = models.OneToOneField(Division, on_delete=models.CASCADE, primary_key=True, related_name="outline")
    geometry = models.TextField("轮廓")  # checked by lib.outlines
    box = models.CharField(max_length=100)  # west,south,east,north

    class Meta:
        verbose_name = "区划轮廓"

    def __str__(self) -> str:
        return f"{self.division_id}"
