"""An index for each part of the search of the log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_offset_from_the_table")]

    operations = [
        migrations.AddIndex("auditentry", models.Index(fields=["object_id"], name="audit_object_number")),
        migrations.AddIndex("auditentry", models.Index(fields=["actor_label"], name="audit_actor_name")),
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["object_label"], name="audit_object_name", opclasses=["varchar_pattern_ops"]),
        ),
    ]
