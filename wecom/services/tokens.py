"""The access token of an app: one for all processes, fetched by one of them while the others wait for it."""

from datetime import datetime, timedelta

from core.models import EncryptedTextField
from core.services import sealing
from core.services.claims import claimed_in_turn
from wecom.client.access import API, Given, NotGiven, fetch_token
from wecom.client.connection import Line, Token
from wecom.client.faults import BLOCKED, fault_of
from wecom.errors import ApiBlocked, NoSecret, Retryable, TokenProblem
from wecom.models import AccessToken, ApiBlock, CorpApp
from wecom.selectors import usable_apps
from wecom.services.brakes import block_api

WORK = "wecom.token"
PATIENCE = 50.0  # seconds: three attempts of ten, their pauses, and some more
REFUSED_FOR = timedelta(minutes=5)  # a wrong secret is not asked about more often; about 2,000 errors an hour block us


class AppTokens:
    """The tokens of one app, kept in the database. Raises NoSecret where the app may not speak."""

    def __init__(self, app_id: int, *, line: Line) -> None:
        self._app_id, self._line = app_id, line

    def current(self) -> Token:
        """The token in use, or a new one. Raises TokenProblem, Retryable or ApiBlocked."""
        token = self._kept()
        if token is not None:
            return token
        with claimed_in_turn(WORK, self._app_id, seconds=PATIENCE) as mine:
            if not mine:
                raise Retryable(api=API)
            return self._kept() or self._fetched()

    def drop(self, token: Token) -> None:
        """Unless there is a newer one already."""
        AccessToken.objects.filter(app=self._app_id, version=token.version).update(expires_at=None)

    def _kept(self) -> Token | None:
        row = AccessToken.objects.filter(app=self._app_id, expires_at__gt=self._line.clock()).first()
        if row is None:
            return None
        text = sealing.open_one(_field(), subject_id=self._app_id, sealed=row.token)
        return Token(text, row.version) if isinstance(text, str) else None

    def _fetched(self) -> Token:
        app = usable_apps().filter(pk=self._app_id).first()
        if app is None:
            raise NoSecret
        access, _made = AccessToken.objects.get_or_create(app=app)
        self._require_hope(app, access)
        found = fetch_token(self._line, corpid=app.corp.corpid, secret=_secret(app))
        if isinstance(found, NotGiven):
            raise self._not_given(app, access, found)
        ApiBlock.objects.filter(corp=app.corp_id, api=API).delete()  # the platform has let go
        return self._keep(access, found)

    def _require_hope(self, app: CorpApp, access: AccessToken) -> None:
        """Raises what asking the platform would end in, without asking."""
        now = self._line.clock()
        if access.refused_until is not None and access.refused_until > now:
            fault = fault_of(access.refused_code)
            raise TokenProblem(fault.message, api=API, errcode=fault.code, hint=fault.hint)
        block = ApiBlock.objects.filter(corp=app.corp_id, api=API, until__gt=now).first()
        if block is not None:
            raise ApiBlocked(api=API, errcode=block.errcode, retry_after=(block.until - now).total_seconds())

    def _not_given(self, app: CorpApp, access: AccessToken, found: NotGiven) -> Exception:
        now = self._line.clock()
        if found.blocked:
            until = block_api(corp_id=app.corp_id, api=API, errcode=BLOCKED, asked_at=now, now=now)
            return ApiBlocked(api=API, errcode=BLOCKED, retry_after=(until - now).total_seconds())
        if found.error.permanent and found.error.errcode:
            AccessToken.objects.filter(pk=access.pk).update(
                refused_code=found.error.errcode, refused_until=now + REFUSED_FOR
            )
        return found.error

    def _keep(self, access: AccessToken, given: Given) -> Token:
        """Whoever has the claim is alone, so the version that was read is the last one."""
        version = access.version + 1
        sealed = sealing.seal(_field(), subject_id=self._app_id, text=given.text)
        AccessToken.objects.filter(pk=access.pk).update(
            token=sealed, expires_at=given.until, version=version, refused_code=0, refused_until=None
        )
        return Token(given.text, version)


def forget_token(*, app: CorpApp, now: datetime) -> None:
    """The next call fetches a new one."""
    AccessToken.objects.filter(app=app, expires_at__gt=now).update(expires_at=None)


def _secret(app: CorpApp) -> str:
    field = CorpApp._meta.get_field("secret")
    assert isinstance(field, EncryptedTextField)  # noqa: S101  # says it to the type checker
    text = sealing.open_one(field, subject_id=app.pk, sealed=app.secret)
    if not isinstance(text, str):
        raise NoSecret
    return text


def _field() -> EncryptedTextField:
    field = AccessToken._meta.get_field("token")
    assert isinstance(field, EncryptedTextField)  # noqa: S101  # says it to the type checker
    return field
