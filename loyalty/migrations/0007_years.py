"""Times of offers lie in years that pages can show. PostgreSQL keeps others too, and reading them back fails.

What forms took before is brought to the nearest year there is; published rules of draws stand as they are, and where one
names such a year, this migration says so instead of changing what was promised.
"""

from datetime import UTC, datetime

from django.db import migrations, models

FIRST, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
CLAMP = """
UPDATE loyalty_coupon SET
    starts_at = least(greatest(starts_at, '2000-01-01 00:00+00'), '2100-12-30 00:00+00'),
    ends_at = least(greatest(ends_at, '2000-01-02 00:00+00'), '2100-12-31 00:00+00')
WHERE starts_at < '2000-01-01 00:00+00' OR ends_at >= '2101-01-01 00:00+00';
UPDATE loyalty_draw SET
    opens_at = least(greatest(opens_at, '2000-01-01 00:00+00'), '2100-12-29 00:00+00'),
    closes_at = least(greatest(closes_at, '2000-01-02 00:00+00'), '2100-12-30 00:00+00'),
    draws_at = least(greatest(draws_at, '2000-01-03 00:00+00'), '2100-12-31 00:00+00')
WHERE state = 'draft' AND (opens_at < '2000-01-01 00:00+00' OR draws_at >= '2101-01-01 00:00+00');
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0006_legal_cap")]

    operations = [
        migrations.RunSQL(CLAMP, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "coupon",
            models.CheckConstraint(
                condition=models.Q(starts_at__gte=FIRST, ends_at__lt=END), name="loyalty_coupon_years"
            ),
        ),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(
                condition=models.Q(opens_at__gte=FIRST, draws_at__lt=END), name="loyalty_draw_years"
            ),
        ),
    ]
