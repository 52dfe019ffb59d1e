"""What happens to the keys, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "core",
    begin_rotation=_("Began a rotation of the master key"),
    finish_rotation=_("Finished a rotation of the master key"),
    retire_keys=_("Retired older master keys"),
    rotate_signing_key=_("Put a new signing key into use"),
)
