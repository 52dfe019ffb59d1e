"""The record of acts: append-only, without foreign keys, so that it outlives whom and what it names; and its seals."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.enums import ActorType
from audit.rules.seals import Position, Statement
from core.models import Xid8Field
from core.registries import acts


class AuditEntry(models.Model):
    """Who did what to what, when, from where and why. The database refuses to change or delete a row.

    `changes` maps a field to [old, new], masked: no personal value stands here in clear. `xid` (the writing
    transaction, by which the sealer knows what is surely committed) and `hash` (over all other columns) are filled by
    the database whatever an INSERT says.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    actor_type = models.CharField(_("kind of actor"), max_length=16, choices=ActorType)
    actor_id = models.BigIntegerField(_("actor number"), null=True)
    actor_label = models.CharField(_("actor"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=80)
    object_type = models.CharField(_("kind of object"), max_length=80, blank=True)
    object_id = models.CharField(_("object number"), max_length=64, blank=True)
    object_label = models.CharField(_("object"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    xid = Xid8Field(_("transaction"))
    hash = models.BinaryField(_("fingerprint"), max_length=32, editable=False, db_default=b"")

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["xid", "id"], name="audit_xid"),
            models.Index(fields=["object_id"], name="audit_object_number"),
            models.Index(fields=["actor_label"], name="audit_actor_name"),
            models.Index(fields=["object_label"], name="audit_object_name", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.words} {self.object_label}".strip()

    @property
    def words(self) -> str:
        """The act as the product calls it; its code where no app names it any more."""
        return str(acts.get(self.action).words) if self.action in acts else self.action


class AuditSeal(models.Model):
    """A signed statement over the rows after the seal before, in the order of (xid, id); append-only.

    `ids` names them as ranges, `root` is the root of their Merkle tree, `previous` the hash of the seal before.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    log = models.UUIDField(_("log"))
    follows = models.BigIntegerField(_("follows seal"))
    rows = models.IntegerField(_("rows"))
    first_xid = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_xid = models.BigIntegerField()
    last_id = models.BigIntegerField()
    ids = models.TextField(_("row numbers"))
    root = models.BinaryField(_("root"), max_length=32)
    previous = models.BinaryField(_("hash of the seal before"), max_length=32)
    sealed_at = models.DateTimeField(_("sealed"))
    key_version = models.IntegerField(_("version of the signing key"))
    signature = models.BinaryField(_("signature"), max_length=64)

    class Meta:
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        ordering = ("-number",)
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["follows"], name="audit_seal_one_after_another"),
            models.CheckConstraint(condition=Q(number__gt=F("follows"), rows__gt=0), name="audit_seal_goes_on"),
        ]
        indexes = [models.Index(fields=["last_xid", "last_id"], name="audit_seal_last")]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def last(self) -> Position:
        return self.last_xid, self.last_id

    @property
    def statement(self) -> Statement:
        return Statement(
            log=self.log,
            number=self.number,
            follows=self.follows,
            rows=self.rows,
            first=(self.first_xid, self.first_id),
            last=self.last,
            ids=self.ids,
            root=bytes(self.root),
            previous=bytes(self.previous),
            sealed_at=self.sealed_at,
            key_version=self.key_version,
        )

    @property
    def line(self) -> bytes:
        """The seal as it stands in every second place."""
        return self.statement.line(bytes(self.signature))

    @property
    def hash(self) -> bytes:
        """What the next seal chains to."""
        return self.statement.hash(bytes(self.signature))


class AuditAnchor(models.Model):
    """How far the seals have been delivered to one second place; they go there in order, and again until they are."""

    place = models.CharField(_("place"), max_length=20, primary_key=True)
    number = models.BigIntegerField(_("last seal delivered"), default=0)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    attempts = models.IntegerField(_("failed attempts"), default=0)
    failed_at = models.DateTimeField(_("last failed"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("audit anchor")
        verbose_name_plural = _("audit anchors")
        default_permissions = ()

    def __str__(self) -> str:
        return self.place


class AuditVerification(models.Model):
    """What a verification of the whole log found; append-only."""

    at = models.DateTimeField(_("verified at"), db_index=True)
    rows = models.BigIntegerField(_("rows"))
    seals = models.BigIntegerField(_("seals"))
    unsealed = models.BigIntegerField(_("rows not sealed yet"))
    ok = models.BooleanField(_("intact"))
    first_bad = models.JSONField(_("first fault"), null=True)
    seconds = models.FloatField(_("took, seconds"))

    class Meta:
        verbose_name = _("audit verification")
        verbose_name_plural = _("audit verifications")
        ordering = ("-id",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
