"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "members",
    create=_("Added a member"),
    update=_("Changed a member"),
    add_identity=_("Added an identity"),
    remove_identity=_("Removed an identity"),
    reveal_identity=_("Looked at an identity in clear"),
    ask_minor_access=_("Asked to see the data of a minor"),
    grant_minor_access=_("Allowed to see the data of a minor"),
    refuse_minor_access=_("Refused to show the data of a minor"),
    view_saved=_("Saved a view"),
    view_deleted=_("Deleted a saved view"),
    city__create=_("Added a city"),
    city__change=_("Changed a city"),
)
