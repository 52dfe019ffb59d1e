"""The lexicon as it was in each of its versions: an entry lives from one version until another."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.content import Pack, Severity

LONGEST_PHRASE = 40


class LexiconVersion(models.Model):
    """One change of the lexicon: who, when, why. Rows are evidence; `digest` is over everything that was in force."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    packs = models.JSONField(_("packs switched on"), default=list)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    added = models.PositiveIntegerField(_("added"), default=0)
    removed = models.PositiveIntegerField(_("removed"), default=0)
    entries = models.PositiveIntegerField(_("phrases"), default=0)
    digest = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("version of the lexicon")
        verbose_name_plural = _("versions of the lexicon")
        ordering = ("-number",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def audit_label(self) -> str:
        return str(self)


class LexiconEntryQuerySet(models.QuerySet["LexiconEntry"]):
    def in_version(self, number: int) -> "LexiconEntryQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=number), since__lte=number)

    def current(self) -> "LexiconEntryQuerySet":
        return self.filter(until=None)


class LexiconEntry(models.Model):
    """A phrase with its law and a lawful wording. A change ends the row and begins another.

    `since` and `until` are numbers of versions, the latter being the first without the row. `key` is the folded phrase
    (`compliance.rules.folding`): a pack holds each key once.
    """

    phrase = models.CharField(_("phrase"), max_length=LONGEST_PHRASE)
    key = models.CharField(max_length=120, editable=False)
    pack = models.CharField(_("pack"), max_length=12, choices=Pack)
    severity = models.CharField(_("effect"), max_length=5, choices=Severity)
    law = models.CharField(_("law"), max_length=200, blank=True)
    suggestion = models.CharField(_("lawful wording"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    since = models.PositiveIntegerField(_("since version"))
    until = models.PositiveIntegerField(_("until version"), null=True)

    objects = LexiconEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("phrase of the lexicon")
        verbose_name_plural = _("lexicon")
        default_permissions = ("view", "change")
        constraints = (
            models.UniqueConstraint(fields=("pack", "key"), condition=Q(until=None), name="compliance_lexicon_once"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="compliance_lexicon_span"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="compliance_lexicon_key"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="compliance_lexicon_severity"),
        )
        indexes = (models.Index(fields=("until", "since"), name="compliance_lexicon_versions"),)

    def __str__(self) -> str:
        return self.phrase

    @property
    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in CONTENT}


CONTENT = ("phrase", "pack", "severity", "law", "suggestion", "note")
