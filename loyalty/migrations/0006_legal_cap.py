"""The cap of a prize may be lower than the law's, not higher."""

import django.core.validators
from django.db import migrations, models

LOWER = "UPDATE loyalty_offersettings SET prize_cap = 50000 WHERE prize_cap > 50000"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_followed")]

    operations = [
        migrations.RunSQL(LOWER, migrations.RunSQL.noop),
        migrations.AlterField(
            "offersettings",
            "prize_cap",
            models.DecimalField(
                "highest value of a prize, ¥",
                max_digits=10,
                decimal_places=2,
                default=50_000,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(50_000, "The law allows ¥50,000 at most."),
                ],
                help_text="Anti-Unfair Competition Law: the highest prize of a draw is worth at most ¥50,000.",
            ),
        ),
        migrations.AddConstraint(
            "offersettings",
            models.CheckConstraint(condition=models.Q(prize_cap__lte=50_000), name="loyalty_settings_lawful"),
        ),
    ]
