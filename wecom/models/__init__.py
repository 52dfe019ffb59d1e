"""Corps, their apps and secrets; the token in use; what is blocked; what the platform told us."""

from wecom.models.callbacks import CallbackEvent, CallbackRefusal
from wecom.models.corps import Corp, CorpApp
from wecom.models.tokens import AccessToken, ApiBlock

__all__ = ["AccessToken", "ApiBlock", "CallbackEvent", "CallbackRefusal", "Corp", "CorpApp"]
