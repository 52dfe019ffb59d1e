"""The key of one subject, wrapped. Destroying it makes everything sealed under it unreadable, in every backup too."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DataKey(models.Model):
    """One per subject. A destroyed key keeps its row, so that the subject is known to be erased.

    `number` stands in the header of every value sealed under it, so that a subject may be given another key one day.
    """

    pk = models.CompositePrimaryKey("subject_kind", "subject_id")
    subject_kind = models.CharField(_("kind of subject"), max_length=32)
    subject_id = models.BigIntegerField(_("subject"))
    number = models.SmallIntegerField(_("number of the key"), default=1)
    wrapped = models.BinaryField(_("wrapped key"), null=True)
    master_version = models.IntegerField(_("version of the master key"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    destroyed_at = models.DateTimeField(_("destroyed at"), null=True)

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(destroyed_at__isnull=True, wrapped__isnull=False)
                | models.Q(destroyed_at__isnull=False, wrapped__isnull=True),
                name="core_datakey_destroyed_is_gone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"
