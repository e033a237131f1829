from django.db import migrations, models


def follow(apps, schema_editor):
    """An application made before this column was there came after the changes of its time."""
    change = apps.get_model("changes", "Change")
    for applied in apps.get_model("packs", "Applied").objects.only("at"):
        newest = change.objects.filter(at__lt=applied.at).aggregate(newest=models.Max("pk"))["newest"]
        applied.last_change = newest or 0
        applied.save(update_fields=["last_change"])


class Migration(migrations.Migration):

    dependencies = [
        ("changes", "0004_source_packs"),
        ("packs", "0002_designs"),
    ]

    operations = [
        migrations.AddField(
            model_name="applied",
            name="last_change",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(follow, migrations.RunPython.noop),
    ]
