import django.db.models.deletion
from django.db import migrations, models

_TOWNS = ((1, 99, "street"), (100, 199, "town"), (200, 399, "township"), (400, 599, "similar"))
_VILLAGES = ((1, 199, "neighbourhood"), (200, 399, "villagers"), (400, 599, "similar"))


def _class(level, code):
    if level == "group":
        return "group"
    ranges, digits = {"town": (_TOWNS, code[6:9]), "village": (_VILLAGES, code[9:12])}.get(level, ((), ""))
    number = int(digits) if digits.isdecimal() else -1
    return next((cls for first, last, cls in ranges if first <= number <= last), "")


def carry_over(apps, schema_editor):
    """What was there has been in effect; a share below the whole holds for people and land alike; classes are what codes say."""
    Event, Edge, Division = (apps.get_model("divisions", name) for name in ("Event", "Edge", "Division"))
    Event.objects.update(state="effective")
    Event.objects.filter(kind="merge").update(kind="merge_new")
    Edge.objects.update(land_share=models.F("pop_share"))
    Edge.objects.exclude(pop_share=1).update(whole=False, basis="by_list")
    divisions = list(Division.objects.all())
    for one in divisions:
        one.cls = _class(one.level, one.code)
    Division.objects.bulk_update(divisions, ["cls"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('changes', '0004_source_packs'),
        ('divisions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Flow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.CharField(choices=[('whole', '整体'), ('by_group', '按组'), ('by_list', '按名册'), ('by_boundary', '按界线')], default='whole', max_length=12, verbose_name='分配依据')),
                ('pop_share', models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, verbose_name='人口占比')),
                ('land_share', models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, verbose_name='土地占比')),
            ],
            options={
                'verbose_name': '调整去向',
                'ordering': ['event', 'source__code', 'target__position'],
            },
        ),
        migrations.CreateModel(
            name='Outline',
            fields=[
                ('division', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outline', serialize=False, to='divisions.division')),
                ('geometry', models.TextField(verbose_name='轮廓')),
                ('box', models.CharField(max_length=100)),
            ],
            options={
                'verbose_name': '区划轮廓',
            },
        ),
        migrations.CreateModel(
            name='PlannedUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('level', models.CharField(choices=[('county', '县'), ('town', '乡镇'), ('village', '村（社区）'), ('group', '组')], max_length=10, verbose_name='层级')),
                ('code', models.CharField(blank=True, max_length=16, verbose_name='代码')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='名称')),
                ('full_name', models.CharField(blank=True, max_length=120, verbose_name='全称')),
                ('cls', models.CharField(blank=True, choices=[('street', '街道'), ('town', '镇'), ('township', '乡'), ('neighbourhood', '居委会'), ('villagers', '村委会'), ('similar', '类似单位'), ('group', '村（居）民小组')], max_length=15, verbose_name='类别')),
                ('urban_rural', models.CharField(blank=True, choices=[('111', '主城区'), ('112', '城乡结合区'), ('121', '镇中心区'), ('122', '镇乡结合区'), ('123', '特殊区域'), ('210', '乡中心区'), ('220', '村庄')], max_length=3, verbose_name='城乡分类')),
                ('seat', models.CharField(blank=True, max_length=40, verbose_name='驻地')),
            ],
            options={
                'verbose_name': '调整后单元',
                'ordering': ['event', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('assembly', '村民会议'), ('household', '户代表会议'), ('representative', '村民代表会议'), ('group_assembly', '村民小组会议'), ('group_household', '村民小组户代表会议')], max_length=20, verbose_name='会议形式')),
                ('held_on', models.DateField(verbose_name='会议日期')),
                ('entitled', models.PositiveIntegerField(verbose_name='应到')),
                ('present', models.PositiveIntegerField(verbose_name='实到')),
                ('yes', models.PositiveIntegerField(verbose_name='同意')),
            ],
            options={
                'verbose_name': '民主程序',
                'ordering': ['event', 'place__code'],
            },
        ),
        migrations.AlterModelOptions(
            name='event',
            options={'ordering': ['effective', 'order', 'id'], 'verbose_name': '区划调整事项'},
        ),
        migrations.RemoveConstraint(
            model_name='edge',
            name='edge_share',
        ),
        migrations.RenameField(
            model_name='edge',
            old_name='share',
            new_name='pop_share',
        ),
        migrations.AddField(
            model_name='alias',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='divisions.event'),
        ),
        migrations.AddField(
            model_name='alias',
            name='valid_from',
            field=models.DateField(blank=True, null=True, verbose_name='起'),
        ),
        migrations.AddField(
            model_name='alias',
            name='valid_to',
            field=models.DateField(blank=True, null=True, verbose_name='止'),
        ),
        migrations.AddField(
            model_name='division',
            name='area_km2',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name='面积'),
        ),
        migrations.AddField(
            model_name='division',
            name='cls',
            field=models.CharField(blank=True, choices=[('street', '街道'), ('town', '镇'), ('township', '乡'), ('neighbourhood', '居委会'), ('villagers', '村委会'), ('similar', '类似单位'), ('group', '村（居）民小组')], max_length=15, verbose_name='类别'),
        ),
        migrations.AddField(
            model_name='division',
            name='farm_mu',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='耕地'),
        ),
        migrations.AddField(
            model_name='division',
            name='full_name',
            field=models.CharField(blank=True, max_length=120, verbose_name='全称'),
        ),
        migrations.AddField(
            model_name='division',
            name='root',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='same_place', to='divisions.division'),
        ),
        migrations.AddField(
            model_name='division',
            name='seat',
            field=models.CharField(blank=True, max_length=40, verbose_name='驻地'),
        ),
        migrations.AddField(
            model_name='division',
            name='urban_rural',
            field=models.CharField(blank=True, choices=[('111', '主城区'), ('112', '城乡结合区'), ('121', '镇中心区'), ('122', '镇乡结合区'), ('123', '特殊区域'), ('210', '乡中心区'), ('220', '村庄')], max_length=3, verbose_name='城乡分类'),
        ),
        migrations.AddField(
            model_name='edge',
            name='basis',
            field=models.CharField(choices=[('whole', '整体'), ('by_group', '按组'), ('by_list', '按名册'), ('by_boundary', '按界线')], default='whole', max_length=12, verbose_name='分配依据'),
        ),
        migrations.AddField(
            model_name='edge',
            name='land_share',
            field=models.DecimalField(decimal_places=4, default=1, max_digits=5, null=True, verbose_name='土地占比'),
        ),
        migrations.AlterField(
            model_name='edge',
            name='pop_share',
            field=models.DecimalField(decimal_places=4, default=1, max_digits=5, null=True, verbose_name='人口占比'),
        ),
        migrations.AddField(
            model_name='edge',
            name='whole',
            field=models.BooleanField(default=True, verbose_name='整体'),
        ),
        migrations.AddField(
            model_name='event',
            name='approval_organ',
            field=models.CharField(blank=True, max_length=100, verbose_name='批准机关'),
        ),
        migrations.AddField(
            model_name='event',
            name='approved_on',
            field=models.DateField(blank=True, null=True, verbose_name='批准日期'),
        ),
        migrations.AddField(
            model_name='event',
            name='archived_on',
            field=models.DateField(blank=True, null=True, verbose_name='归档'),
        ),
        migrations.AddField(
            model_name='event',
            name='effect_change',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='changes.change'),
        ),
        migrations.AddField(
            model_name='event',
            name='handed_over_on',
            field=models.DateField(blank=True, null=True, verbose_name='交接完成'),
        ),
        migrations.AddField(
            model_name='event',
            name='note',
            field=models.TextField(blank=True, verbose_name='说明'),
        ),
        migrations.AddField(
            model_name='event',
            name='notice_from',
            field=models.DateField(blank=True, null=True, verbose_name='公示起'),
        ),
        migrations.AddField(
            model_name='event',
            name='notice_to',
            field=models.DateField(blank=True, null=True, verbose_name='公示止'),
        ),
        migrations.AddField(
            model_name='event',
            name='order',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='当日次序'),
        ),
        migrations.AddField(
            model_name='event',
            name='proposed_on',
            field=models.DateField(blank=True, null=True, verbose_name='提出日期'),
        ),
        migrations.AddField(
            model_name='event',
            name='risk_paper',
            field=models.CharField(blank=True, max_length=200, verbose_name='社会稳定风险评估'),
        ),
        migrations.AddField(
            model_name='event',
            name='seal_on',
            field=models.DateField(blank=True, null=True, verbose_name='印章更换'),
        ),
        migrations.AddField(
            model_name='event',
            name='state',
            field=models.CharField(choices=[('draft', '方案'), ('voted', '已表决'), ('approved', '已批复'), ('effective', '已生效'), ('handed_over', '交接完成'), ('archived', '已归档'), ('dropped', '已终止')], default='draft', max_length=12, verbose_name='进度'),
        ),
        migrations.AlterField(
            model_name='event',
            name='effective',
            field=models.DateField(blank=True, null=True, verbose_name='生效日期'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('create', '设立'), ('abolish', '撤销'), ('merge_new', '新设合并'), ('absorb', '吸收合并'), ('split', '分设'), ('rename', '更名'), ('transfer', '划转'), ('reclass', '村改居'), ('boundary', '边界调整'), ('group_merge', '小组合并'), ('recode', '代码变更')], max_length=12, verbose_name='类型'),
        ),
        migrations.RunPython(carry_over),  # no way back: drafts and parts would be lost
        migrations.AddConstraint(
            model_name='alias',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_from__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='alias_valid_period'),
        ),
        migrations.AddConstraint(
            model_name='division',
            constraint=models.CheckConstraint(condition=models.Q(('urban_rural__in', ['', '111', '112', '121', '122', '123', '210', '220'])), name='division_urban_rural'),
        ),
        migrations.AddConstraint(
            model_name='division',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('area_km2__isnull', True), ('area_km2__gte', 0), _connector='OR'), models.Q(('farm_mu__isnull', True), ('farm_mu__gte', 0), _connector='OR')), name='division_measures'),
        ),
        migrations.AddConstraint(
            model_name='edge',
            constraint=models.CheckConstraint(condition=models.Q(('pop_share__isnull', True), models.Q(('pop_share__gte', 0), ('pop_share__lte', 1)), _connector='OR'), name='edge_pop_share'),
        ),
        migrations.AddConstraint(
            model_name='edge',
            constraint=models.CheckConstraint(condition=models.Q(('land_share__isnull', True), models.Q(('land_share__gte', 0), ('land_share__lte', 1)), _connector='OR'), name='edge_land_share'),
        ),
        migrations.AddConstraint(
            model_name='edge',
            constraint=models.CheckConstraint(condition=models.Q(('pop_share__isnull', True), ('land_share__isnull', True), ('pop_share__gt', 0), ('land_share__gt', 0), _connector='OR'), name='edge_carries_something'),
        ),
        migrations.AddConstraint(
            model_name='edge',
            constraint=models.CheckConstraint(condition=models.Q(('whole', False), models.Q(('land_share', 1), ('pop_share', 1)), _connector='OR'), name='edge_whole'),
        ),
        migrations.AddConstraint(
            model_name='edge',
            constraint=models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='edge_to_another'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['effective', 'handed_over', 'archived']), _negated=True), ('effective__isnull', False), _connector='OR'), name='event_in_effect_has_day'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('notice_to__isnull', True), ('notice_from__isnull', True), ('notice_to__gte', models.F('notice_from')), _connector='OR'), name='event_notice_period'),
        ),
        migrations.AddField(
            model_name='flow',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='divisions.event'),
        ),
        migrations.AddField(
            model_name='flow',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='divisions.division'),
        ),
        migrations.AddField(
            model_name='plannedunit',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='units', to='divisions.event'),
        ),
        migrations.AddField(
            model_name='plannedunit',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='divisions.division'),
        ),
        migrations.AddField(
            model_name='plannedunit',
            name='place',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='divisions.division'),
        ),
        migrations.AddField(
            model_name='flow',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='divisions.plannedunit'),
        ),
        migrations.AddField(
            model_name='vote',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='divisions.event'),
        ),
        migrations.AddField(
            model_name='vote',
            name='place',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='divisions.division'),
        ),
        migrations.AddConstraint(
            model_name='plannedunit',
            constraint=models.UniqueConstraint(fields=('event', 'position'), name='planned_unit_position'),
        ),
        migrations.AddConstraint(
            model_name='flow',
            constraint=models.UniqueConstraint(fields=('event', 'source', 'target'), name='flow_once'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.UniqueConstraint(fields=('event', 'place'), name='vote_once'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.CheckConstraint(condition=models.Q(('present__lte', models.F('entitled')), ('yes__lte', models.F('present'))), name='vote_figures'),
        ),
    ]
