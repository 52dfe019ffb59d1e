"""Words of the audit."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorType(models.TextChoices):
    USER = "user", _("staff")
    API_KEY = "api_key", _("API key")
    SYSTEM = "system", _("system")


class Place(models.TextChoices):
    """Second places of seals."""

    FILE = "file", _("file beside the database")
    STORE = "store", _("object store")
    MAIL = "mail", _("mailbox")


class Fault(models.TextChoices):
    """What a verification can find, each as a sentence."""

    ROW_CHANGED = "row_changed", _("Row %(row)s was changed after it was written.")
    ROW_MISSING = "row_missing", _("Row %(row)s, sealed in seal %(seal)s, is missing.")
    ROW_ADDED = "row_added", _("Row %(row)s was added afterwards to what seal %(seal)s covers.")
    BLOCK_CHANGED = "block_changed", _("Rows %(rows)s are not what seal %(seal)s signed.")
    SEAL_CHANGED = "seal_changed", _("Seal %(seal)s does not fit its signature.")
    SEAL_MISSING = "seal_missing", _("Seal %(seal)s is missing from the database.")
    CHAIN_BROKEN = "chain_broken", _("Seal %(seal)s does not follow the seal before it.")
    KEY_UNKNOWN = "key_unknown", _("The key ring does not know the key that signed seal %(seal)s.")
    ANCHOR_MISMATCH = "anchor_mismatch", _("Seal %(seal)s differs from the file beside the database.")
    ANCHOR_MISSING = "anchor_missing", _("Seal %(seal)s is missing from the file beside the database.")
    STORE_MISMATCH = "store_mismatch", _("Seal %(seal)s differs from what the object store holds.")
    STORE_MISSING = "store_missing", _("Seal %(seal)s is missing from the object store.")
    LOG_REPLACED = (
        "log_replaced",
        _("The file beside the database holds a log that the database does not know: %(log)s."),
    )

    def says(self, where: Mapping[str, object]) -> str:
        """The sentence, in the language of whoever reads it."""
        return str(self.label) % {"row": None, "seal": None, "rows": None, "log": None, **where}
