"""Corps and their apps: connected, changed. Secrets go in and never come out."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from core.errors import FieldErrors
from core.models import EncryptedTextField
from core.services import sealing
from wecom.enums import AppKind
from wecom.errors import CorpNotSaved
from wecom.models import AccessToken, Corp, CorpApp
from wecom.models.corps import API_HOST

SECRETS = ("secret", "callback_token", "callback_aes_key")
MAX_SECRET = 200
CORPID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")
CALLBACK_PARTS = gettext_lazy("Token and EncodingAESKey belong together: enter both.")
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


@transaction.atomic
def create_corp(*, corpid: str, name: str, by: User | None, now: datetime, base_url: str = API_HOST) -> Corp:
    """Connect a corp. Raises CorpNotSaved."""
    values = {"corpid": corpid.strip(), "name": name.strip(), "base_url": _address(base_url)}
    if not CORPID.fullmatch(values["corpid"]) or not values["name"]:
        raise CorpNotSaved({"corpid": [_("A corp has an ID, such as ww1234567890abcdef, and a name.")]})
    corp = Corp(**values, created_at=now)
    _saved(corp, {"corpid": [_("This corp is connected already.")]})
    record(by=by, action="wecom.create_corp", obj=corp, changes=changes_between({}, _shown_corp(corp)), at=now)
    return corp


@transaction.atomic
def change_corp(*, corp: Corp, name: str, active: bool, base_url: str, by: User | None, now: datetime) -> Corp:
    """What the corp is called, whether we speak for it, and where. Raises CorpNotSaved. Its ID stays."""
    locked = Corp.objects.select_for_update().get(pk=corp.pk)
    before = _shown_corp(locked)
    locked.name, locked.active, locked.base_url = name.strip(), active, _address(base_url)
    if not locked.name:
        raise CorpNotSaved({"name": [_("A corp has a name.")]})
    changes = changes_between(before, _shown_corp(locked))
    if changes:
        locked.save(update_fields=["name", "active", "base_url"])
        if "base_url" in changes:  # a token of the one is none of the other
            AccessToken.objects.filter(app__corp=locked).update(expires_at=None, refused_until=None)
        record(by=by, action="wecom.change_corp", obj=locked, changes=changes, at=now)
    return locked


@transaction.atomic
def create_app(
    *,
    corp: Corp,
    kind: str,
    name: str,
    by: User | None,
    now: datetime,
    agentid: int | None = None,
    secrets: Mapping[str, str] | None = None,
) -> CorpApp:
    """Add an app. `secrets` may hold `secret`, `callback_token`, `callback_aes_key`; empty ones count as not given.

    Raises CorpNotSaved.
    """
    given = _checked(secrets or {})
    if kind not in AppKind.values or not name.strip():
        raise CorpNotSaved({"name": [_("An app has a kind and a name.")]})
    app = CorpApp(corp=corp, kind=kind, name=name.strip(), agentid=agentid, created_at=now)
    _saved(app, {"name": [_("The corp has an app of this kind and name already.")]})
    AccessToken.objects.create(app=app)
    _seal(app, given)
    _saved(app, {"callback_token": [CALLBACK_PARTS]})
    record(by=by, action="wecom.create_app", obj=app, changes=_changes({}, _shown_app(app)), at=now)
    return app


@transaction.atomic
def change_app(
    *,
    app: CorpApp,
    name: str,
    agentid: int | None,
    active: bool,
    by: User | None,
    now: datetime,
    secrets: Mapping[str, str] | None = None,
) -> CorpApp:
    """What is given replaces what was; a secret that is not given stays. Raises CorpNotSaved.

    With a new Secret the token in use is dropped, and a refusal of the old Secret no longer counts.
    """
    given = _checked(secrets or {})
    locked = CorpApp.objects.select_for_update(of=("self",)).select_related("corp").get(pk=app.pk)
    before = _shown_app(locked)
    locked.name, locked.agentid, locked.active = name.strip(), agentid, active
    if not locked.name:
        raise CorpNotSaved({"name": [_("An app has a kind and a name.")]})
    _seal(locked, given)
    changes = _changes(before, _shown_app(locked))
    if not changes:
        return locked
    _saved(locked, {"callback_token": [CALLBACK_PARTS]})
    if "secret" in given:
        AccessToken.objects.filter(app=locked).update(expires_at=None, refused_code=0, refused_until=None)
    record(by=by, action="wecom.change_app", obj=locked, changes=changes, at=now)
    return locked


def _address(base_url: str) -> str:
    """WeCom's own, or a simulator that SCRM_HTTP_ALLOWED names: a secret is sent to nobody else."""
    address = base_url.strip().rstrip("/") or API_HOST
    parts = urlsplit(address)
    named = {entry.lower() for entry in settings.SCRM_HTTP_ALLOWED}
    plain = parts.scheme in {"http", "https"} and not (parts.query or parts.fragment or parts.username)
    if address == API_HOST or (plain and {parts.netloc.lower(), parts.hostname or ""} & named):
        return address
    raise CorpNotSaved(
        {"base_url": [_("This is not WeCom. A simulator or a proxy must be named in SCRM_HTTP_ALLOWED first.")]}
    )


def _checked(secrets: Mapping[str, str]) -> dict[str, str]:
    """What was given, without spaces around. Raises CorpNotSaved for what cannot be WeCom's, and for strange names."""
    given = {name: text.strip() for name, text in secrets.items() if text.strip()}
    wrong: dict[str, list[str]] = {}
    if given.keys() - set(SECRETS):
        raise KeyError(given.keys() - set(SECRETS))
    if len(given.get("secret", "")) > MAX_SECRET or not given.get("secret", "x").isprintable():
        wrong["secret"] = [_("This is no Secret of WeCom.")]
    if not TOKEN.fullmatch(given.get("callback_token", "x")):
        wrong["callback_token"] = [_("A Token has up to 32 letters and digits.")]
    if "callback_aes_key" in given and not _is_key(given["callback_aes_key"]):
        wrong["callback_aes_key"] = [_("An EncodingAESKey has 43 letters and digits.")]
    if wrong:
        raise CorpNotSaved(wrong)
    return given


def _is_key(text: str) -> bool:
    try:
        return bool(AES_KEY.fullmatch(text)) and bool(base64.b64decode(text + "="))
    except binascii.Error:
        return False


def _seal(app: CorpApp, given: Mapping[str, str]) -> None:
    for name, text in given.items():
        field = CorpApp._meta.get_field(name)
        assert isinstance(field, EncryptedTextField)  # noqa: S101  # says it to the type checker
        setattr(app, name, sealing.seal(field, subject_id=app.pk, text=text))


def _saved(row: Corp | CorpApp, wrong: FieldErrors) -> None:
    """Raises CorpNotSaved where a constraint of the database refuses the row."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CorpNotSaved(wrong) from error


def _shown_corp(corp: Corp) -> dict[str, Any]:
    return {name: getattr(corp, name) for name in ("corpid", "name", "base_url", "active")}


def _shown_app(app: CorpApp) -> dict[str, Any]:
    names = ("kind", "name", "agentid", "active", *SECRETS)
    return {name: getattr(app, name) for name in names}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Of a secret only that it was and is filled; sealed anew it differs in bytes even if it is the same."""
    return changes_between(before, after, personal=SECRETS)
