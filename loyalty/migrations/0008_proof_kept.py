"""What came out when a draw was computed again is kept with it; of draws run before, nothing is until somebody does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0007_years")]

    operations = [
        migrations.AddField("draw", "proof", models.JSONField("proof", default=dict, editable=False)),
        migrations.AddField("draw", "proved_at", models.DateTimeField("computed again", null=True, editable=False)),
    ]
