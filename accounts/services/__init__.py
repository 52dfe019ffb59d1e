"""Every write of accounts."""

from accounts.services.access import record_failed_sign_in, record_sign_in, record_sign_out, set_password
from accounts.services.api_keys import create_api_key, find_api_key, revoke_api_key
from accounts.services.notices import mark_read, send_notice
from accounts.services.staff import change_staff, create_staff

__all__ = [
    "change_staff",
    "create_api_key",
    "create_staff",
    "find_api_key",
    "mark_read",
    "record_failed_sign_in",
    "record_sign_in",
    "record_sign_out",
    "revoke_api_key",
    "send_notice",
    "set_password",
]
