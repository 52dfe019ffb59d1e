"""Since when a tombstone stands outside the database too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0040_row_history")]

    operations = [
        migrations.AddField(
            "erasure", "kept_at", models.DateTimeField(null=True, verbose_name="kept outside the database")
        ),
    ]
