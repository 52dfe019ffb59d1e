"""Tracked links, their clicks, and the sums per day."""

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.enums import BotReason
from campaigns.models.activities import FOLDED_CODE, Activity
from campaigns.models.settings import LinkHost
from content.models import Slot
from members.models import Member


class TrackedLink(models.Model):
    """A short address. `destination` is the target with its UTM parameters, as the browser is sent there.

    Buyers name its code too, however they type it: folded as activity codes are, it is one link's.
    With a `slot` it is the link inside of that content: a member's click counts among the slot's results.
    """

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=80)
    target = models.CharField(_("target"), max_length=1000)
    host = models.ForeignKey(LinkHost, models.PROTECT, db_index=False, related_name="+", verbose_name=_("host"))
    destination = models.CharField(max_length=3000, editable=False)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    utm_source = models.CharField(_("source"), max_length=100, blank=True)
    utm_medium = models.CharField(_("medium"), max_length=100, blank=True)
    utm_campaign = models.CharField(_("campaign"), max_length=100, blank=True)
    utm_content = models.CharField(_("content"), max_length=100, blank=True)
    utm_term = models.CharField(_("term"), max_length=100, blank=True)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="links", verbose_name=_("activity"))
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("slot of the calendar")
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("tracked link")
        verbose_name_plural = _("tracked links")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(FOLDED_CODE, name="campaigns_link_code_folded"),)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return f"{self.name} /l/{self.code}"

    @property
    def path(self) -> str:
        return f"/l/{self.code}"


class LinkClick(models.Model):
    """One request for a link. `bot` says why it is no person's; `member` is known from a signed address only.

    Written by the redirect's one statement; `campaigns.link_clicks` follows it.
    """

    link = models.ForeignKey(TrackedLink, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))
    bot = models.CharField(max_length=8, choices=BotReason, blank=True)
    xid = models.BigIntegerField(db_default=Func(function="timeline_xid"), editable=False)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        default_permissions = ()
        indexes = (
            models.Index(fields=("xid", "id"), name="campaigns_click_follow"),
            models.Index(fields=("at",), name="campaigns_click_at"),
            models.Index(fields=("member",), condition=models.Q(member__isnull=False), name="campaigns_click_member"),
        )

    def __str__(self) -> str:
        return f"{self.link_id} {self.at}"


class LinkDay(models.Model):
    """Clicks of one link on one local day; `known` are those of members, among the humans."""

    pk = models.CompositePrimaryKey("link_id", "day")
    link = models.ForeignKey(TrackedLink, models.CASCADE, db_index=False, related_name="days")
    day = models.DateField(_("day"))
    humans = models.IntegerField(_("people"), default=0)
    known = models.IntegerField(_("members"), default=0)
    bots = models.IntegerField(_("programs"), default=0)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.link_id} {self.day}"
