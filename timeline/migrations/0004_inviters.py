"""By whom somebody was invited is looked up when she is erased; most touches have nobody there."""

from django.db import migrations

INVITERS = "CREATE INDEX timeline_touch_inviter ON timeline_touch (inviter_id) WHERE inviter_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("timeline", "0003_order_no_index")]
    operations = [migrations.RunSQL(INVITERS, "DROP INDEX timeline_touch_inviter")]
