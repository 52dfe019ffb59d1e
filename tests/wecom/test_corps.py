"""Corps and their apps: what is accepted, what is kept in secret, what is written down."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from core.services import sealing
from tests.brand import administrator
from tests.wecom.platform import AES_KEY, NOW, SECRET, TOKEN, a_corp, an_app
from wecom.errors import CorpNotSaved
from wecom.models import AccessToken, Corp, CorpApp
from wecom.models.corps import API_HOST
from wecom.selectors import usable_apps
from wecom.services.corps import change_app, change_corp, create_app, create_corp

pytestmark = pytest.mark.django_db


def opened(app: CorpApp, name: str) -> str:
    field = CorpApp._meta.get_field(name)
    return str(sealing.open_one(field, subject_id=app.pk, sealed=getattr(app, name)))  # type: ignore[arg-type]


def test_secrets_are_sealed_and_told_to_nobody() -> None:
    by = administrator()
    app = create_app(
        corp=a_corp(),
        kind="contacts",
        name="客户联系",
        by=by,
        now=NOW,
        secrets={"secret": f" {SECRET} ", "callback_token": TOKEN, "callback_aes_key": AES_KEY},
    )
    assert [opened(app, name) for name in ("secret", "callback_token", "callback_aes_key")] == [SECRET, TOKEN, AES_KEY]
    assert SECRET.encode() not in bytes(app.secret or b"")
    entry = AuditEntry.objects.get(action="wecom.create_app")
    assert entry.actor_id == by.pk
    assert set(entry.changes) == {"active", "callback_aes_key", "callback_token", "kind", "name", "secret"}
    assert all(secret not in str(entry.changes) for secret in (SECRET, TOKEN, AES_KEY))


def test_secret_that_is_not_given_stays() -> None:
    app = an_app()
    changed = change_app(app=app, name="新名称", agentid=1000002, active=True, by=None, now=NOW, secrets={"secret": ""})
    assert (changed.name, changed.agentid, opened(changed, "secret")) == ("新名称", 1000002, SECRET)
    entry = AuditEntry.objects.get(action="wecom.change_app")
    assert set(entry.changes) == {"agentid", "name"}


def test_new_secret_drops_the_token_and_forgives_the_old_one() -> None:
    app = an_app()
    AccessToken.objects.update(expires_at=NOW, refused_code=40001, refused_until=NOW, version=7)
    change_app(app=app, name=app.name, agentid=None, active=True, by=None, now=NOW, secrets={"secret": "new"})
    access = AccessToken.objects.get()
    assert (access.expires_at, access.refused_code, access.refused_until, access.version) == (None, 0, None, 7)
    assert set(AuditEntry.objects.get(action="wecom.change_app").changes) == {"secret"}


def test_saving_what_is_the_same_writes_nothing() -> None:
    app = an_app()
    change_app(app=app, name=app.name, agentid=None, active=True, by=None, now=NOW)
    change_corp(corp=app.corp, name=app.corp.name, active=True, base_url=API_HOST, by=None, now=NOW)
    assert not AuditEntry.objects.filter(action__in=("wecom.change_app", "wecom.change_corp")).exists()


@pytest.mark.parametrize(
    ("secrets", "field"),
    [
        ({"callback_token": TOKEN}, "callback_token"),
        ({"callback_aes_key": AES_KEY}, "callback_token"),
        ({"callback_token": "no spaces", "callback_aes_key": AES_KEY}, "callback_token"),
        ({"callback_token": TOKEN, "callback_aes_key": AES_KEY[:-1]}, "callback_aes_key"),
        ({"callback_token": TOKEN, "callback_aes_key": "é" * 43}, "callback_aes_key"),
        ({"secret": "x" * 201}, "secret"),
        ({"secret": "a\x00b"}, "secret"),
    ],
)
def test_what_cannot_be_wecoms_is_refused(secrets: dict[str, str], field: str) -> None:
    with pytest.raises(CorpNotSaved) as raised:
        create_app(corp=a_corp(), kind="app", name="应用", by=None, now=NOW, secrets=secrets)
    assert list(raised.value.fields) == [field]
    assert CorpApp.objects.count() == 0


def test_half_a_callback_is_refused_by_the_database_too() -> None:
    app = an_app()
    with pytest.raises(IntegrityError), transaction.atomic():
        CorpApp.objects.filter(pk=app.pk).update(callback_token=None)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com",
        "http://127.0.0.1:8001",
        "http://169.254.169.254",
        "https://qyapi.weixin.qq.com.evil.example.com",
        "http://qyapi.weixin.qq.com",
        "http://user@127.0.0.1:9000",
        "http://127.0.0.1:9000/?a=b",
        "ftp://127.0.0.1:9000",
    ],
)
def test_secret_goes_to_wecom_or_to_who_the_settings_name(settings: Any, address: str) -> None:
    settings.SCRM_HTTP_ALLOWED = ["127.0.0.1:9000"]
    with pytest.raises(CorpNotSaved) as raised:
        a_corp(address)
    assert list(raised.value.fields) == ["base_url"]
    assert a_corp("http://127.0.0.1:9000/").base_url == "http://127.0.0.1:9000"


def test_token_of_one_place_is_none_of_another(settings: Any) -> None:
    app = an_app()
    AccessToken.objects.update(expires_at=NOW)
    settings.SCRM_HTTP_ALLOWED = ["127.0.0.1:9000"]
    change_corp(corp=app.corp, name="企业", active=True, base_url="http://127.0.0.1:9000", by=None, now=NOW)
    assert AccessToken.objects.get().expires_at is None
    assert set(AuditEntry.objects.get(action="wecom.change_corp").changes) == {"base_url", "name"}


@pytest.mark.parametrize(
    "values", [{"corpid": "ww1", "name": " "}, {"corpid": "", "name": "企业"}, {"corpid": "w w", "name": "企业"}]
)
def test_corp_has_an_id_and_a_name(values: dict[str, str]) -> None:
    with pytest.raises(CorpNotSaved):
        create_corp(**values, by=None, now=NOW)
    corp = a_corp()
    with pytest.raises(CorpNotSaved):
        change_corp(corp=corp, name=" ", active=True, base_url="", by=None, now=NOW)


def test_corp_and_app_are_connected_once() -> None:
    app = an_app()
    with pytest.raises(CorpNotSaved):
        a_corp()
    with pytest.raises(CorpNotSaved):
        an_app(app.corp)
    with pytest.raises(CorpNotSaved):
        create_app(corp=app.corp, kind="nothing", name="应用", by=None, now=NOW)
    with pytest.raises(CorpNotSaved):
        change_app(app=app, name=" ", agentid=None, active=True, by=None, now=NOW)
    assert (Corp.objects.count(), CorpApp.objects.count()) == (1, 1)


def test_usable_apps_are_on_and_have_a_secret() -> None:
    app = an_app()
    create_app(corp=app.corp, kind="kf", name="客服", by=None, now=NOW)
    assert list(usable_apps()) == [app]
    change_corp(corp=app.corp, name="企业", active=False, base_url=API_HOST, by=None, now=NOW)
    assert list(usable_apps()) == []


def test_name_of_a_secret_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        an_app(password="x")
