"""T18: without the second factor no address of the admin opens; a code works once; another role or password ends sessions."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from accounts.enums import Role
from accounts.errors import CodeRefused, OwnSecondFactor
from accounts.models import Authenticator, RecoveryCode, Region, Store, User
from accounts.services import (
    begin_authenticator,
    change_staff,
    check_second_factor,
    confirm_authenticator,
    create_staff,
    reset_second_factor,
    set_password,
)
from audit.models import AuditEntry
from core.errors import TooManyRequests
from tests.brand import PASSWORD, administrator
from tests.scrm.test_api_access import PUBLIC, addresses

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = "/admin/accounts/inappnotice/"
# Where the second factor itself is shown.
WAY_IN = {"/admin/second-factor/", "/admin/second-factor/set-up/"}


@pytest.fixture(autouse=True)
def asked(settings: LazySettings) -> None:
    settings.SCRM_SECOND_FACTOR = True


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person() -> User:
    return create_staff(username="wang", role=Role.ADMINISTRATOR, by=None, now=NOW, password=PASSWORD)


def code_of(secret: str, at: datetime) -> str:
    totp = TOTP(base64.b32decode(secret))
    totp.time = at.timestamp()
    return f"{totp.token():06}"


def set_up(person: User, now: datetime = NOW) -> tuple[str, list[str]]:
    """The secret of an app that is set up, and the recovery codes."""
    kept, secret = begin_authenticator(person=person)
    _device, codes = confirm_authenticator(person=person, kept=kept, code=code_of(secret, now), now=now)
    return secret, codes


def with_password(name: str = "wang") -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.post(reverse("admin:login"), {"username": name, "password": PASSWORD}).status_code == 302
    return client


def inside(person: User, secret: str, at: datetime) -> Client:
    client = with_password(person.username)
    assert client.post(reverse("accounts:second_factor"), {"code": code_of(secret, at)}).status_code == 302
    return client


def opened(client: Client) -> set[str]:
    """Addresses of the admin that do more than refuse or lead to the sign-in."""
    found = set()
    for address in addresses():
        if not address.startswith("/admin/") or address == "/admin/logout/":
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            away = answer.status_code in {301, 302} and ("/login/" in answer["Location"] or answer.status_code == 301)
            if answer.status_code not in {403, 404, 405} and not away:
                found.add(address)
    return found


def test_no_address_of_the_admin_opens_with_the_password_alone(person: User) -> None:
    set_up(person)
    assert opened(with_password()) - WAY_IN <= set(PUBLIC)


@pytest.mark.slow
def test_opened_catches_an_admin_that_does_not_ask(person: User, settings: LazySettings) -> None:
    settings.SCRM_SECOND_FACTOR = False
    assert len(opened(with_password()) - WAY_IN - set(PUBLIC)) > 20


def test_the_password_leads_to_the_code_and_the_code_to_the_page(person: User, clock: time_machine.Traveller) -> None:
    secret, _codes = set_up(person)
    clock.shift(30)
    client = with_password()
    asked_for = client.get(HOME, follow=True)
    assert (
        asked_for.redirect_chain[-1][0]
        == f"{reverse('accounts:second_factor')}?next=%2Fadmin%2Faccounts%2Finappnotice%2F"
    )
    answer = client.post(asked_for.redirect_chain[-1][0], {"code": code_of(secret, NOW + timedelta(seconds=30))})
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert client.get(HOME).status_code == 200


def test_next_leads_to_no_other_host(person: User, clock: time_machine.Traveller) -> None:
    secret, _codes = set_up(person)
    clock.shift(30)
    client = with_password()
    data = {"code": code_of(secret, NOW + timedelta(seconds=30)), "next": "//evil.example/"}
    assert client.post(reverse("accounts:second_factor"), data)["Location"] == "/admin/"


def test_whoever_has_no_app_sets_one_up(person: User) -> None:
    client = with_password()
    page = client.get(HOME, follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("accounts:second_factor_set_up"))
    assert "<svg" in page.content.decode()
    secret = page.context["secret"].replace(" ", "")
    assert client.post(page.redirect_chain[-1][0], {"code": "000000"}).status_code == 422
    assert client.get(HOME).status_code == 302
    done = client.post(page.redirect_chain[-1][0], {"code": code_of(secret, NOW)})
    assert len(done.context["codes"]) == 10
    assert "no-store" in done["Cache-Control"]
    assert client.get(HOME).status_code == 200
    assert AuditEntry.objects.filter(action="accounts.set_up_second_factor", actor_id=person.pk).count() == 1


def test_each_session_sets_up_a_secret_of_its_own(person: User) -> None:
    page = reverse("accounts:second_factor_set_up")
    thief, owner = with_password(), with_password()
    seen, secret = (client.get(page).context["secret"].replace(" ", "") for client in (thief, owner))
    assert seen != secret
    assert owner.get(page).context["secret"].replace(" ", "") == secret
    assert owner.post(page, {"code": code_of(seen, NOW)}).status_code == 422
    assert owner.post(page, {"code": code_of(secret, NOW)}).status_code == 200
    assert thief.post(page, {"code": code_of(seen, NOW)})["Location"] == reverse("accounts:second_factor")
    assert thief.post(reverse("accounts:second_factor"), {"code": code_of(seen, NOW)}).status_code == 422


def test_an_app_is_replaced_against_a_code_of_it_only(person: User) -> None:
    secret, _codes = set_up(person)
    later = NOW + timedelta(seconds=60)
    kept, fresh = begin_authenticator(person=person)
    for current in ("", code_of(fresh, later)):
        with pytest.raises(CodeRefused):
            confirm_authenticator(person=person, kept=kept, code=code_of(fresh, later), current=current, now=later)
    device, _codes = confirm_authenticator(
        person=person, kept=kept, code=code_of(fresh, later), current=code_of(secret, later), now=later
    )
    assert Authenticator.objects.get() == device


def test_the_password_alone_does_not_change_the_phone(person: User) -> None:
    set_up(person)
    answer = with_password().get(reverse("accounts:second_factor_set_up"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("accounts:second_factor"))


def test_a_session_alone_does_not_change_the_phone(person: User, clock: time_machine.Traveller) -> None:
    secret, codes = set_up(person)
    clock.shift(30)
    client = inside(person, secret, NOW + timedelta(seconds=30))
    page = client.get(reverse("accounts:second_factor_set_up"))
    fresh = code_of(page.context["secret"].replace(" ", ""), NOW + timedelta(seconds=30))
    assert (
        client.post(reverse("accounts:second_factor_set_up"), {"code": fresh, "current": "123456"}).status_code == 422
    )
    old = Authenticator.objects.get(confirmed=True)
    answer = client.post(reverse("accounts:second_factor_set_up"), {"code": fresh, "current": codes[0]})
    assert answer.status_code == 200
    assert Authenticator.objects.get(confirmed=True).pk != old.pk


def test_a_code_works_once_and_none_before_it_works_afterwards(person: User) -> None:
    secret, _codes = set_up(person)
    later = NOW + timedelta(seconds=60)
    assert check_second_factor(person=person, code=code_of(secret, later), now=later).user == person
    for at in (later, later - timedelta(seconds=30)):
        with pytest.raises(CodeRefused):
            check_second_factor(person=person, code=code_of(secret, at), now=later)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "12 345x", "-00001", "\x00"])
def test_what_is_no_code_is_refused(person: User, code: str) -> None:
    set_up(person)
    with pytest.raises(CodeRefused):
        check_second_factor(person=person, code=code, now=NOW)


def test_a_recovery_code_works_once(person: User) -> None:
    _secret, codes = set_up(person)
    check_second_factor(person=person, code=codes[0].lower(), now=NOW)
    with pytest.raises(CodeRefused):
        check_second_factor(person=person, code=codes[0], now=NOW)
    assert RecoveryCode.objects.filter(used_at=None).count() == 9
    assert AuditEntry.objects.filter(action="accounts.recovery_code_used").count() == 1


def test_codes_cannot_be_tried_for_long(person: User) -> None:
    secret, _codes = set_up(person)
    for _number in range(5):
        with pytest.raises(CodeRefused):
            check_second_factor(person=person, code="000000", now=NOW)
    later = NOW + timedelta(seconds=60)
    with pytest.raises(TooManyRequests):
        check_second_factor(person=person, code=code_of(secret, later), now=later)


def test_neither_secret_nor_codes_stand_in_the_database(person: User) -> None:
    secret, codes = set_up(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM accounts_authenticator t")
        stored = str(cursor.fetchone()[0])
        cursor.execute("SELECT string_agg(t::text, '') FROM accounts_recoverycode t")
        stored += str(cursor.fetchone()[0])
    for text in (secret, *codes):
        assert text not in stored
        assert text.encode().hex() not in stored


def test_an_administrator_resets_with_a_reason(person: User, clock: time_machine.Traveller) -> None:
    secret, _codes = set_up(person)
    clock.shift(30)
    theirs = inside(person, secret, NOW + timedelta(seconds=30))
    other = administrator("chen")
    others_secret, _codes = set_up(other, NOW + timedelta(seconds=30))
    clock.shift(30)
    client = inside(other, others_secret, NOW + timedelta(seconds=60))
    page = reverse("admin:accounts_user_reset_second_factor", args=(person.pk,))
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": ""}).status_code == 200
    assert Authenticator.objects.filter(user=person).exists()
    assert client.post(page, {"reason": "lost phone, known by voice"}).status_code == 302
    assert not Authenticator.objects.filter(user=person).exists()
    assert not RecoveryCode.objects.filter(user=person).exists()
    assert theirs.get(HOME).status_code == 302
    row = AuditEntry.objects.get(action="accounts.reset_second_factor")
    assert (row.actor_id, row.object_id, row.reason) == (other.pk, str(person.pk), "lost phone, known by voice")


def test_nobody_resets_ones_own(person: User) -> None:
    with pytest.raises(OwnSecondFactor):
        reset_second_factor(person=person, by=person, now=NOW, reason="x")


def test_an_operator_lets_the_last_administrator_in_again(person: User) -> None:
    set_up(person)
    with pytest.raises(CommandError):
        call_command("let_in", "nobody", reason="x")
    call_command("let_in", "wang", "--second-factor", reason="phone lost")
    assert not Authenticator.objects.filter(user=person).exists()
    row = AuditEntry.objects.get(action="accounts.reset_second_factor")
    assert (row.actor_type, row.reason) == ("system", "phone lost")


def test_the_picture_is_whole(person: User) -> None:
    page = with_password().get(reverse("accounts:second_factor_set_up"))
    assert 'viewBox="0 0' in str(page.context["picture"])
    assert page.context["secret"].replace(" ", "") not in str(page.context["picture"])


# --- sessions ---


def marketer() -> User:
    return create_staff(username="li", role=Role.MARKETER, by=None, now=NOW, password=PASSWORD)


@pytest.mark.parametrize("change", ["role", "region", "stores", "inactive", "password", "reset"])
def test_a_change_of_access_ends_the_other_sessions_at_the_next_request(settings: LazySettings, change: str) -> None:
    settings.SCRM_SECOND_FACTOR = False
    person, client = marketer(), Client()
    client.force_login(person)
    assert client.get(HOME).status_code == 200
    region = Region.objects.create(code="east", name="East")
    match change:
        case "role":
            change_staff(person=person, by=None, now=NOW, role=Role.ANALYST)
        case "region":
            change_staff(person=person, by=None, now=NOW, region=region)
        case "stores":
            change_staff(
                person=person, by=None, now=NOW, stores=[Store.objects.create(code="s", name="s", region=region)]
            )
        case "inactive":
            change_staff(person=person, by=None, now=NOW, is_active=False)
        case "password":
            set_password(person=person, password="another-one-2", by=None, now=NOW)
        case "reset":
            reset_second_factor(person=person, by=None, now=NOW, reason="x")
    assert client.get(HOME).status_code == 302


def test_a_session_that_ended_does_not_come_back(settings: LazySettings) -> None:
    settings.SCRM_SECOND_FACTOR = False
    person, client = marketer(), Client()
    client.force_login(person)
    change_staff(person=person, by=None, now=NOW, is_active=False)
    change_staff(person=person, by=None, now=NOW, is_active=True)
    assert client.get(HOME).status_code == 302


def test_a_role_changed_by_hand_ends_the_session_too(settings: LazySettings) -> None:
    settings.SCRM_SECOND_FACTOR = False
    person, client = marketer(), Client()
    client.force_login(person)
    User.objects.filter(pk=person.pk).update(role=Role.ADMINISTRATOR)
    assert client.get(HOME).status_code == 302


def test_another_name_ends_nothing(settings: LazySettings) -> None:
    settings.SCRM_SECOND_FACTOR = False
    person, client = marketer(), Client()
    client.force_login(person)
    change_staff(person=person, by=None, now=NOW, display_name="李")
    assert client.get(HOME).status_code == 200
