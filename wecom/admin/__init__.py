"""The connection to WeCom in the admin: corps, their apps, callbacks. Not on the menu until the whole of it works."""

from wecom.admin.callbacks import CallbackEventAdmin, CallbackRefusalAdmin
from wecom.admin.corps import CorpAdmin, CorpAppAdmin

__all__ = ["CallbackEventAdmin", "CallbackRefusalAdmin", "CorpAdmin", "CorpAppAdmin"]
