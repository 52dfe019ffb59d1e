"""Activities that were cancelled before hold codes and offers that nobody else can have."""

from django.db import migrations

LET_GO = """
DELETE FROM campaigns_{table} AS held USING campaigns_activity AS activity
WHERE activity.id = held.activity_id AND activity.state = 'cancelled'
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_launching")]

    operations = [
        migrations.RunSQL(LET_GO.format(table=table), migrations.RunSQL.noop)
        for table in ("activitycode", "activityoffer")
    ]
