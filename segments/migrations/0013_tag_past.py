"""The page of a tag finds the history of that tag alone."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The history has several rows of each member: an index built in a transaction would hold up all who tag."""

    atomic = False

    dependencies = [("segments", "0012_tag_counted")]

    operations = [
        AddIndexConcurrently("membertagevent", models.Index(fields=["tag_id", "at"], name="segments_tag_past")),
    ]
