"""What makes the same fact, offered twice, stored once."""

import uuid

from django.db import models

from timeline.enums import PurchaseKind


class OrderKey(models.Model):
    """One stored order; its row is locked while lines are added to an order that exists already."""

    pk = models.CompositePrimaryKey("member_id", "order_no", "kind", "source")
    member_id = models.BigIntegerField()
    order_no = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=PurchaseKind)
    source = models.CharField(max_length=40)
    purchase_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "timeline_orderkey"
        indexes = (models.Index(fields=("order_no",), name="timeline_by_order_no"),)

    def __str__(self) -> str:
        return self.order_no


class FactKey(models.Model):
    """The key of one interaction or touch: md5 of its kind, source and the sender's key (or content)."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)

    class Meta:
        db_table = "timeline_factkey"

    def __str__(self) -> str:
        return str(self.key)
