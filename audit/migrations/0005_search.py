"""An index for each part of the search of the log."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The log is the largest table, and every act writes to it: an index built in a transaction would stop them all."""

    atomic = False

    dependencies = [("audit", "0004_offset_from_the_table")]

    operations = [
        AddIndexConcurrently("auditentry", models.Index(fields=["object_id"], name="audit_object_number")),
        AddIndexConcurrently("auditentry", models.Index(fields=["actor_label"], name="audit_actor_name")),
        AddIndexConcurrently(
            "auditentry",
            models.Index(fields=["object_label"], name="audit_object_name", opclasses=["varchar_pattern_ops"]),
        ),
    ]
