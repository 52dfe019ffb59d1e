"""Tables of core and the fields that other apps use."""

from core.models.data_key import DataKey
from core.models.encrypted import BlindIndexField, EncryptedTextField
from core.models.requests import IdempotencyRecord, RateBucket
from core.models.xid import Xid8Field

__all__ = ["BlindIndexField", "DataKey", "EncryptedTextField", "IdempotencyRecord", "RateBucket", "Xid8Field"]
