"""How many have a tag is kept with it, and the page of a tag finds the history of that tag alone."""

from django.db import migrations, models

COUNT = "UPDATE segments_tag SET holders = (SELECT count(*) FROM segments_membertag WHERE tag_id = segments_tag.id)"


class Migration(migrations.Migration):
    dependencies = [("segments", "0010_counting")]

    operations = [
        migrations.AddField("tag", "holders", models.PositiveIntegerField(null=True, editable=False)),
        migrations.AddIndex("membertagevent", models.Index(fields=("tag_id", "at"), name="segments_tag_past")),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
