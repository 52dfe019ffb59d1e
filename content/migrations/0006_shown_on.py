"""A slot says where it is shown, so that what the author of its material agreed to can be held to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0005_measuring")]

    operations = [
        migrations.AddField(
            "slot",
            "shown_on",
            models.CharField(
                "shown on",
                max_length=6,
                blank=True,
                default="",
                choices=[
                    ("own", "Own channels: groups, WeCom, mini program, official account"),
                    ("public", "Public platforms"),
                    ("ads", "Advertising"),
                ],
            ),
            preserve_default=False,
        ),
    ]
