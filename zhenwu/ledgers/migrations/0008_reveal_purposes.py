from django.db import migrations, models


class Migration(migrations.Migration):
    """What people wrote as the purpose becomes the note; the purpose is one of eight from now on."""

    dependencies = [("ledgers", "0007_export_requests")]
    operations = [
        migrations.RenameField("reveal", "purpose", "note"),
        migrations.AlterField("reveal", "note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
        migrations.AddField("reveal", "purpose", models.CharField(
            blank=True, default="", max_length=2, verbose_name="用途",
            choices=[("P1", "待遇审核"), ("P2", "资金发放"), ("P3", "公示"), ("P4", "入户走访"), ("P5", "统计"),
                     ("P6", "审计检查"), ("P7", "本人申请"), ("P8", "应急处置")],
        ), preserve_default=False),
    ]
