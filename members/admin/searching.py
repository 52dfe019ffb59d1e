"""What was typed into the search, on its way through an address: sealed, so that no log and no browser keeps a phone number.

A search is posted and answered by a redirect whose `q` is `~` and a sealed text. It opens for the person who searched
and for a working day; pages, sorting and acts on the list carry it along as it is.
"""

import base64
import binascii
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import ValidationFailed
from core.keys import derived_sealer
from core.rules.crypto import SealBroken
from members.rules.parameters import LONGEST

MARK = "~"
LASTS = timedelta(hours=12)
PURPOSE = "members.search"
TOO_LONG = LONGEST + 1  # enough for the filter to refuse it


class SearchExpired(ValidationFailed):
    """The address of a search is of another person or too old."""

    code = "search_expired"
    message = _("This search has expired. Type it again.")


def is_plain(params: QueryDict) -> bool:
    """Whether a search stands in clear in the parameters of an address."""
    text = params.get("q", "").strip()
    return bool(text) and not text.startswith(MARK)


def sealed(params: QueryDict, *, by: User, now: datetime) -> QueryDict:
    """The parameters of the address that shows what was asked for, its search sealed; what is empty is left out."""
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        given = [value for value in values if value.strip()]
        if given and name not in {"csrfmiddlewaretoken", "page"}:
            kept.setlist(name, given)
    text = kept.get("q", "").strip()
    if text:
        plain = f"{int(now.timestamp())} {text[:TOO_LONG]}".encode()
        token = derived_sealer(PURPOSE).seal(plain, _place(by))
        kept["q"] = MARK + base64.urlsafe_b64encode(token).decode().rstrip("=")
    return kept


def opened(params: QueryDict, *, by: User, now: datetime) -> QueryDict:
    """The same parameters with the search in clear, for filters and for the box it was typed into. Raises SearchExpired."""
    text = params.get("q", "")
    if not text.startswith(MARK):
        return params
    try:
        token = base64.urlsafe_b64decode(text.removeprefix(MARK) + "==")
        moment, _space, typed = derived_sealer(PURPOSE).open(token, _place(by)).decode().partition(" ")
    except (SealBroken, binascii.Error, ValueError):
        raise SearchExpired from None
    if not timedelta() <= now - datetime.fromtimestamp(int(moment), tz=now.tzinfo) <= LASTS:
        raise SearchExpired
    plain = params.copy()
    plain["q"] = typed
    return plain


def without_search(params: QueryDict) -> QueryDict:
    kept = params.copy()
    kept.pop("q", None)
    return kept


def _place(by: User) -> bytes:
    return f"{PURPOSE}|{by.pk}".encode()
