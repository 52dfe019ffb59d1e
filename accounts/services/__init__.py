"""Every write of accounts."""

from accounts.services.access import (
    end_sessions,
    record_failed_sign_in,
    record_sign_in,
    record_sign_out,
    set_password,
)
from accounts.services.api_keys import change_api_key, create_api_key, find_api_key, revoke_api_key
from accounts.services.locks import lift_lock
from accounts.services.notices import mark_read, send_notice
from accounts.services.second_factor import (
    begin_authenticator,
    check_second_factor,
    confirm_authenticator,
    renew_recovery_codes,
    reset_second_factor,
)
from accounts.services.staff import change_staff, create_staff

__all__ = [
    "begin_authenticator",
    "change_api_key",
    "change_staff",
    "check_second_factor",
    "confirm_authenticator",
    "create_api_key",
    "create_staff",
    "end_sessions",
    "find_api_key",
    "lift_lock",
    "mark_read",
    "record_failed_sign_in",
    "record_sign_in",
    "record_sign_out",
    "renew_recovery_codes",
    "reset_second_factor",
    "revoke_api_key",
    "send_notice",
    "set_password",
]
