"""Values in reports are looked up when a person is erased."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Reports may have many rows: an index built in a transaction would hold up imports until it is ready."""

    atomic = False

    dependencies = [("intake", "0005_consents")]

    operations = [
        AddIndexConcurrently(
            "importreject",
            models.Index(condition=~models.Q(value=""), fields=["value"], name="intake_reject_value"),
        ),
    ]
