"""Uses of coupons are followed in the order of the transactions that wrote them last: one that is given back comes again.

Whoever follows has not read beyond a transaction that is still open, so that a number that grows skips nobody.
"""

from django.db import migrations, models

AGAIN = """
CREATE FUNCTION loyalty_use_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := timeline_xid();
    RETURN NEW;
END $$;
CREATE TRIGGER loyalty_use_again BEFORE UPDATE ON loyalty_couponredemption
    FOR EACH ROW EXECUTE FUNCTION loyalty_use_again();
"""
DROP = """
DROP TRIGGER loyalty_use_again ON loyalty_couponredemption;
DROP FUNCTION loyalty_use_again();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0009_void"),
        ("timeline", "0003_order_no_index"),  # its transaction numbers
    ]

    operations = [
        migrations.AddField(
            "couponredemption",
            "xid",
            models.BigIntegerField(db_default=models.Func(function="timeline_xid"), editable=False),
        ),
        migrations.AddIndex("couponredemption", models.Index(fields=["xid", "id"], name="loyalty_redemption_follow")),
        migrations.RunSQL(AGAIN, DROP),
    ]
