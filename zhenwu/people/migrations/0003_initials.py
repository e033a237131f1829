"""Initials of the names that are there."""

from django.db import migrations

from zhenwu.lib.pinyin import initials

_CHUNK = 2000


def fill(apps, schema_editor):
    person = apps.get_model("people", "Person")
    rows = person.objects.filter(name__isnull=False, name_initials__isnull=True).order_by("pk")
    while batch := list(rows.only("pk", "name")[:_CHUNK]):
        for one in batch:
            one.name_initials = initials(one.name)[:60]
        person.objects.bulk_update(batch, ["name_initials"])


class Migration(migrations.Migration):
    dependencies = [("people", "0002_people_events")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
