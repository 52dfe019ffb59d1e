"""Each rule warns as early as its period asks; acts are found by their kind."""

from django.db import migrations, models

EARLIER = "UPDATE content_cadencerule SET warn_days = CASE period WHEN 'week' THEN 2 WHEN 'month' THEN 7 ELSE 30 END"


class Migration(migrations.Migration):
    dependencies = [("content", "0004_audience_hours")]

    operations = [
        migrations.AddField(
            "cadencerule",
            "warn_days",
            models.PositiveSmallIntegerField("warn of a gap (days before the period ends)", default=2),
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "cadencerule",
            models.CheckConstraint(condition=models.Q(warn_days__lte=60), name="content_cadence_warn"),
        ),
        migrations.RemoveConstraint("calendarsettings", "content_settings_bounds"),
        migrations.RemoveField("calendarsettings", "warn_days"),
        migrations.AddConstraint(
            "calendarsettings",
            models.CheckConstraint(
                condition=models.Q(missed_hours__gte=1, missed_hours__lte=240), name="content_settings_bounds"
            ),
        ),
        migrations.AddIndex("slotreach", models.Index(fields=["act"], name="content_reach_act")),
    ]
