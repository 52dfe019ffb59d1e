"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "audit",
    accept_loss=_("Accepted a loss in the record of acts"),
)
