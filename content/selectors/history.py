"""What happened to a slot or a material, from the record of acts."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.models import AuditEntry

MOST = 30


def history_of(row: models.Model) -> list[tuple[str, AuditEntry]]:
    """Each act in words, the latest first."""
    entries = AuditEntry.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk)).order_by("-id")[:MOST]
    words = action_words()
    return [(words.get(entry.action, entry.action), entry) for entry in entries]


def action_words() -> dict[str, str]:
    return {
        "content.slot.create": _("Put into the calendar"),
        "content.slot.edit": pgettext("act", "Changed"),
        "content.slot.move": _("Moved to another time"),
        "content.slot.submit": _("Submitted for legal review"),
        "content.slot.approve": pgettext("slot", "Approved"),
        "content.slot.fall_back": _("Back to draft: the material is no longer approved"),
        "content.slot.schedule": pgettext("slot", "Scheduled"),
        "content.slot.withdraw": _("Back to draft"),
        "content.slot.publish": pgettext("slot", "Published"),
        "content.slot.measure": pgettext("slot", "Measured"),
        "content.slot.miss": pgettext("slot", "Missed"),
        "content.slot.cancel": pgettext("slot", "Cancelled"),
        "content.slot.restore": _("Brought back"),
        "content.material.create": _("Added to the library"),
        "content.material.version": _("New version"),
        "content.material.archive": _("Archived or brought back"),
    }
