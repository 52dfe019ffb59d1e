"""Room on each page of the standings, so that a change of sums alone touches no index."""

from django.db import migrations

ROOM = "ALTER TABLE segments_memberstanding SET (fillfactor = 85)"
NO_ROOM = "ALTER TABLE segments_memberstanding RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_defaults")]
    operations = [migrations.RunSQL(ROOM, NO_ROOM)]
