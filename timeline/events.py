"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "timeline",
    deliver_purchases=_("Sent purchases by API"),
    deliver_interactions=_("Sent interactions by API"),
    deliver_touches=_("Sent touches by API"),
    adopt_cluster=_("Took over a copied database"),
    product__create=_("Added a product"),
    product__change=_("Changed a product"),
)
