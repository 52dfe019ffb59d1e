"""What members are told before they say yes or no (PIPL Art. 17, 条例 Art. 21)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import keep_history
from compliance.enums.consent import NoticeState

DEFAULT_CODE = "privacy"


@keep_history(fields=["state", "texts", "material", "summary"])
class Notice(models.Model):
    """One version of a notice. Once published, neither the words nor the row can change: the database refuses.

    `texts` holds the blocks by language: {"zh-hans": {"controller": "…"}, "en": {…}}. `hash` is the SHA-256 of the
    canonical content of all languages, `hashes` of each. A `material` version puts the consents that were given under
    older ones into "due anew" from `published_at` on.
    """

    code = models.SlugField(_("code"), max_length=40, default=DEFAULT_CODE)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=NoticeState, default=NoticeState.DRAFT)
    texts = models.JSONField(_("texts"), default=dict)
    material = models.BooleanField(
        _("material change"),
        default=False,
        help_text=_("Purpose, method or kind of data changed: consents given before are due anew (PIPL Art. 14)."),
    )
    summary = models.CharField(_("what changed"), max_length=300, blank=True)
    hash = models.CharField(max_length=64, blank=True, editable=False)
    hashes = models.JSONField(default=dict, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("published by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("privacy notice")
        verbose_name_plural = _("privacy notices")
        ordering = ("code", "-number")
        constraints = (
            models.UniqueConstraint(fields=("code", "number"), name="compliance_notice_once"),
            models.UniqueConstraint(
                fields=("code",), condition=Q(state=NoticeState.DRAFT), name="compliance_notice_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.DRAFT, published_at=None, hash="")
                | Q(state=NoticeState.PUBLISHED, published_at__isnull=False) & ~Q(hash=""),
                name="compliance_notice_published_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def is_published(self) -> bool:
        return self.state == NoticeState.PUBLISHED
