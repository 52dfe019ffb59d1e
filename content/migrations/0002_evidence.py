"""What was put before a reviewer can be read again for ever: versions of materials are written once."""

from django.db import migrations

from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]
    operations = [keep_as_evidence("content_materialversion")]
