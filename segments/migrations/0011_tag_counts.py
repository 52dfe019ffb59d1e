"""How many have a tag is kept with it: None until the hour counts it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0010_counting")]

    operations = [migrations.AddField("tag", "holders", models.PositiveIntegerField(null=True, editable=False))]
