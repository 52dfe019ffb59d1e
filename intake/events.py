"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "intake",
    upload=_("Uploaded a file to import"),
    create=_("Began an import"),
    configure=_("Said what the columns mean"),
    start=_("Set an import going"),
    cancel=_("Cancelled an import"),
    finish=_("Finished an import"),
    fail=_("Import failed"),
    download_rejects=_("Took out rejected rows"),
)
