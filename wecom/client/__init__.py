"""WeCom's server API, from a table: one client for one app; nothing here knows the database."""

from wecom.client.connection import Brakes, Line, Token, Tokens, WecomClient
from wecom.client.dispatch import Upload
from wecom.client.endpoints import ENDPOINTS, Endpoint
from wecom.client.paging import Page, items, pages

__all__ = [
    "ENDPOINTS",
    "Brakes",
    "Endpoint",
    "Line",
    "Page",
    "Token",
    "Tokens",
    "Upload",
    "WecomClient",
    "items",
    "pages",
]
