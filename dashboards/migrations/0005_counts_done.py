"""When each count of the night was last done to its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0004_insight_defaults")]

    operations = [
        migrations.CreateModel(
            name="CountDone",
            fields=[
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("preferences", "Preferences"),
                            ("teams", "Figures of stores and guides"),
                            ("silences", "Silences"),
                            ("by_order", "Cohorts by the first order"),
                            ("by_registration", "Cohorts by registration"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
    ]
