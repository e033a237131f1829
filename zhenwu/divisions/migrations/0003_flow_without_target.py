import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('divisions', '0002_events_and_outlines'),
    ]

    operations = [
        migrations.AlterField(
            model_name='flow',
            name='target',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='divisions.plannedunit'),
        ),
    ]
