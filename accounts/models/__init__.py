"""Staff, their second factor, stores, keys of programs, in-app notices."""

from accounts.models.api_key import ApiKey
from accounts.models.export import Export, ExportSubject
from accounts.models.notice import InAppNotice
from accounts.models.second_factor import Authenticator, RecoveryCode
from accounts.models.store import Region, Store
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "Authenticator",
    "Export",
    "ExportSubject",
    "InAppNotice",
    "RecoveryCode",
    "Region",
    "Store",
    "User",
]
