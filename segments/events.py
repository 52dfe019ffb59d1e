"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "segments",
    retier=_("Computed the tiers"),
    run_request=_("Asked for a run of the tiers"),
    tier__create=_("Added a tier"),
    tier__update=_("Changed the rules of a tier"),
    rfm__update=_("Changed the RFM settings"),
    tag__create=_("Added a tag"),
    tag__update=_("Changed a tag"),
    tag__delete=_("Deleted a tag"),
    tag__give=_("Gave a tag"),
    tag__take=_("Took a tag away"),
    tag_group__create=_("Added a tag group"),
    tag_group__update=_("Changed a tag group"),
    tag_group__delete=_("Deleted a tag group"),
    audience__create=_("Added an audience"),
    audience__update=_("Changed an audience"),
    audience__archive=_("Archived an audience"),
    audience__restore=_("Took an audience back into use"),
    audience__refresh=_("Counted an audience"),
    audience__ask_to_count=_("Asked for an audience to be counted"),
)
