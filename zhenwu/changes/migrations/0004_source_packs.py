from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("changes", "0003_audit_log"),
    ]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="source_kind",
            field=models.CharField(choices=[("form", "页面填报"), ("import", "表格导入"), ("api", "接口"), ("system", "系统"), ("undo", "撤销"), ("packs", "台账改版")], max_length=10),
        ),
    ]
