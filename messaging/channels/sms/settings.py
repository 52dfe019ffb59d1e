"""The settings of an SMS gateway, read and checked."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from messaging.enums import Idempotency
from messaging.rules.incoming import DELIVERED, INBOUND, RECEIPTS
from messaging.rules.promises import Promise

#: What may stand in the value of a field.
PLACES = frozenset({"phone", "text", "key", "reference", "time", "sender", "account", "secret"})
FORMATS = ("json", "form")
SHAPES = ("national", "e164")
MOST_HOURS = 24 * 30


@dataclass(frozen=True, kw_only=True)
class SmsSettings:
    """`fields` are sent, with places in braces; `headers` too. `signature` names the header that carries an HMAC of the body.

    A gateway that wants its secret itself, such as a password, gets it at `{secret}`: settings are no place for one.

    An answer is good if the value at `ok_path` is among `ok_values`, to be tried later if among `retry_values`, and
    refused with any other. `id_path` is the gateway's number of the message. `repeat` is what it promises; a key stands
    in the fields, a query goes to `query_url` with `query_fields`: at `query_path` it answers one of `query_sent`,
    `query_failed` or `query_missing`; any other answer says nothing yet. `inbound` and `receipts` name the fields of what
    the gateway sends us (`messaging.rules.incoming`).
    """

    url: str = ""
    format: str = "json"
    fields: Mapping[str, str] = field(
        default_factory=lambda: {"mobile": "{phone}", "content": "{text}", "uid": "{reference}"}
    )
    headers: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    phone: str = "national"
    signature: str = "X-Signature"
    ok_path: str = "code"
    ok_values: Sequence[str] = ("0",)
    retry_values: Sequence[str] = ()
    id_path: str = "id"
    repeat: str = Idempotency.NONE.value
    key_hours: int = 24
    inbound: Mapping[str, str] = field(default_factory=lambda: dict(INBOUND))
    receipts: Mapping[str, str] = field(default_factory=lambda: dict(RECEIPTS))
    receipt_delivered: Sequence[str] = DELIVERED
    query_url: str = ""
    query_fields: Mapping[str, str] = field(default_factory=lambda: {"uid": "{reference}"})
    query_path: str = "state"
    query_sent: Sequence[str] = ("sent", "delivered")
    query_failed: Sequence[str] = ("failed",)
    query_missing: Sequence[str] = ("unknown",)

    @property
    def promise(self) -> Promise:
        return Promise(kind=Idempotency(self.repeat), window=timedelta(hours=self.key_hours))


def read_settings(given: Mapping[str, Any]) -> SmsSettings:
    """What is there by name and of the right form; `faults_of` says what is not."""
    right = {name: value for name, value in given.items() if not _misfit(name, value)}
    return SmsSettings(**right)


def faults_of(given: Mapping[str, Any]) -> dict[str, list[Text]]:
    found: dict[str, list[Text]] = {name: [wrong] for name, value in given.items() if (wrong := _misfit(name, value))}
    settings = read_settings(given)
    for name, holds, words in (
        ("url", settings.url.startswith(("https://", "http://")), _("An address that begins with https://.")),
        ("format", settings.format in FORMATS, _("Either json or form.")),
        ("phone", settings.phone in SHAPES, _("Either national or e164.")),
        ("repeat", settings.repeat in Idempotency.values, _("One of key, query and none.")),
        ("key_hours", 1 <= settings.key_hours <= MOST_HOURS, _("Whole hours, from 1 to 720.")),
        (
            "fields",
            _goes_through(settings),
            _("Number and text have to stand in it; a gateway with keys also gets the key."),
        ),
        (
            "query_url",
            settings.repeat != "query" or bool(settings.query_url),
            _("Where to ask what became of a message."),
        ),
    ):
        if not holds:
            found.setdefault(name, [words])
    return found


def _goes_through(settings: SmsSettings) -> bool:
    needed = {"phone", "text"} | ({"key"} if settings.repeat == Idempotency.KEY else set())
    return needed <= set().union(*(places_of(value) for value in settings.fields.values()), set())


def places_of(value: str) -> set[str]:
    """Raises ValueError for braces that are no places: a name alone, for a width could be a billion."""
    found = [
        (name, spec or conversion)
        for _text, name, spec, conversion in string.Formatter().parse(value)
        if name is not None
    ]
    if any(more for _name, more in found):
        raise ValueError(value)
    return {name for name, _more in found}


_EXAMPLES = {each.name: getattr(SmsSettings(), each.name) for each in fields(SmsSettings)}


def _misfit(name: str, value: Any) -> Text:
    if name not in _EXAMPLES:
        return _("There is no such setting.")
    example = _EXAMPLES[name]
    if isinstance(example, Mapping):
        return "" if _are_texts(value) else _("Names with their values; {…} are places for known values only.")
    if isinstance(example, tuple):
        return (
            ""
            if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
            else _("A list of texts.")
        )
    fits = isinstance(value, type(example)) and not isinstance(value, bool)
    return "" if fits else _("This is of another kind.")


def _are_texts(value: Any) -> bool:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in (*value, *value.values())):
        return False
    try:
        return all(places_of(text) <= PLACES for text in value.values())
    except ValueError:
        return False
