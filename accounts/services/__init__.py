"""Every write of accounts."""

from accounts.services.api_keys import create_api_key, find_api_key, revoke_api_key

__all__ = ["create_api_key", "find_api_key", "revoke_api_key"]
