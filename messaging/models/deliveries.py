"""The ledger: one row for each member of a send, from the moment of freezing to the last word about it.

Rows are written by statements over many of them (`messaging.rules.ledger_sql`), never by a form. A row holds no address:
`address` is the blind index that `members.Identity` has of it, which tells where a message went to whoever knows the
number, and nobody else. The key by which a gateway knows the message is derived from the row's number (`key_of`).

Not cut into partitions. What is read all the time are open rows, and these stand in partial indexes that stay small
whatever the table holds; the two full indexes answer "this send" and "this member". Should the table outgrow one machine,
its unique key begins with the send, which grows with time, and holds the member, so it can be cut by either.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.models.consent import OfVisibleMembers
from members.models import Member
from messaging.enums import DeliveryState, Receipt
from messaging.models.sends import Send
from messaging.rules.keys import key_of


class Delivery(models.Model):
    """`due_at`: not before this moment; for an unknown one, when its gateway is to be asked (empty: people decide).

    `lease` is the worker's, until `lease_until`. `begun_at` is when the message first may have left: a pending row
    that has it is a repeat under the same key. `reason` is the gate's verdict, or why it was withheld; `event_id` the
    consent event on which an allowed one rests; `judged_at` when that was found: the evidence for each message.
    """

    send = models.ForeignKey(Send, models.PROTECT, db_index=False, related_name="deliveries", verbose_name=_("send"))
    member = models.ForeignKey(
        Member, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+",
        verbose_name=_("member"),
    )  # fmt: skip
    state = models.CharField(
        _("state"), max_length=8, choices=DeliveryState, default=DeliveryState.PENDING, db_default=DeliveryState.PENDING
    )
    due_at = models.DateTimeField(_("due"), null=True)
    variables = models.JSONField(_("values"), null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    reason = models.CharField(_("verdict"), max_length=24, default="", db_default="")
    event_id = models.BigIntegerField(_("consent event"), null=True)
    judged_at = models.DateTimeField(_("judged"), null=True)
    address = models.CharField(max_length=32, default="", db_default="", db_collation="C")
    begun_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    external_id = models.CharField(_("number at the gateway"), max_length=80, default="", db_default="")
    error = models.CharField(_("answer of the gateway"), max_length=80, default="", db_default="")
    receipt = models.CharField(_("receipt"), max_length=10, choices=Receipt, default="", db_default="")
    receipt_at = models.DateTimeField(_("receipt came"), null=True)

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("view",)
        permissions = (("reconcile_delivery", _("Can say what became of messages in doubt")),)
        constraints = (
            models.UniqueConstraint(fields=("send", "member"), name="messaging_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=("claimed", "sending"), lease__isnull=False, lease_until__isnull=False)
                | ~Q(state__in=("claimed", "sending")),
                name="messaging_delivery_leased",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("pending", "claimed", "skipped", "failed")) | Q(begun_at__isnull=False),
                name="messaging_delivery_begun",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("pending", "claimed", "sending")) | Q(ended_at=None),
                name="messaging_delivery_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="pending") | Q(due_at__isnull=False), name="messaging_delivery_due"
            ),
        )
        indexes = (
            models.Index(fields=("member",), name="messaging_delivery_member"),
            models.Index(
                fields=("send", "due_at", "id"), condition=Q(state="pending"), name="messaging_delivery_claim"
            ),
            models.Index(
                fields=("lease_until",), condition=Q(state__in=("claimed", "sending")), name="messaging_delivery_lease"
            ),
            models.Index(fields=("due_at",), condition=Q(state="unknown"), name="messaging_delivery_doubt"),
            models.Index(fields=("external_id",), condition=~Q(external_id=""), name="messaging_delivery_outside"),
        )

    def __str__(self) -> str:
        return f"{self.get_state_display()} #{self.pk}"

    @property
    def key(self) -> str:
        """By which the gateway knows it, however often it is offered."""
        return str(key_of(self.pk))
