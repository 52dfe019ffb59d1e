"""Claims and entries are followed by the timeline, in the order of the transactions that wrote them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0004_promised_prizes"),
        ("timeline", "0003_order_no_index"),  # its transaction numbers
    ]

    operations = [
        migrations.AddField(
            "coupongrant",
            "xid",
            models.BigIntegerField(db_default=models.Func(function="timeline_xid"), editable=False),
        ),
        migrations.AddField(
            "drawentry",
            "xid",
            models.BigIntegerField(db_default=models.Func(function="timeline_xid"), editable=False),
        ),
        migrations.AddIndex("coupongrant", models.Index(fields=["xid", "id"], name="loyalty_grant_follow")),
        migrations.AddIndex("drawentry", models.Index(fields=["xid", "id"], name="loyalty_entry_follow")),
    ]
