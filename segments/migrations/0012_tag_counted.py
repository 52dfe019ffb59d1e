"""When the members with a tag were counted last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0011_tag_counts")]

    operations = [
        migrations.AddField(
            "tag", "counted_at", models.DateTimeField(verbose_name="counted", null=True, editable=False)
        ),
    ]
