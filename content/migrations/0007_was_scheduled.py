"""A slot knows whether it was scheduled for its time, also after its approval was taken back or nobody confirmed it."""

from django.db import migrations, models

# Which of those that were missed had been scheduled is not known: what may be recorded today may be recorded still.
SAY = """
UPDATE content_slot SET was_scheduled = true
WHERE state IN ('scheduled', 'published', 'measured') OR state = 'missed' AND version_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("content", "0006_shown_on")]

    operations = [
        migrations.AddField("slot", "was_scheduled", models.BooleanField(default=False, editable=False)),
        migrations.RunSQL(SAY, migrations.RunSQL.noop),
    ]
