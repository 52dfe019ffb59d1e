"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "accounts",
    sign_in=_("Signed in"),
    sign_out=_("Signed out"),
    sign_in_failed=_("Failed to sign in"),
    sign_in_locked=_("Was locked out after failed sign-ins"),
    lift_lock=_("Lifted a sign-in lock"),
    create_staff=_("Added a staff member"),
    change_staff=_("Changed a staff member"),
    set_password=_("Set a password"),
    set_up_second_factor=_("Set up the second factor"),
    second_factor=_("Passed the second factor"),
    second_factor_refused=_("Failed the second factor"),
    recovery_code_used=_("Used a recovery code"),
    renew_recovery_codes=_("Renewed the recovery codes"),
    reset_second_factor=_("Reset a second factor"),
    create_api_key=_("Made an API key"),
    change_api_key=_("Changed an API key"),
    revoke_api_key=_("Revoked an API key"),
    request_export=_("Asked for an export"),
    allow_export=_("Allowed an export"),
    refuse_export=_("Refused an export"),
    make_export=_("Made an export"),
    download_export=_("Downloaded an export"),
    store__create=_("Added a store"),
    store__change=_("Changed a store"),
    region__create=_("Added a region"),
    region__change=_("Changed a region"),
)
