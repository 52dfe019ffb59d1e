"""The second factor: set up, asked for, taken away by an administrator."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django_otp.oath import TOTP

from accounts.errors import CodeRefused, OwnSecondFactor
from accounts.models import Authenticator, RecoveryCode, User
from accounts.services.access import end_sessions
from audit.services import Target, record
from core.errors import TooManyRequests
from core.keys import indexer
from core.models import EncryptedTextField
from core.services import sealing
from core.services.rate_limits import Rate, take

SECRET_BYTES = 20
DIGITS = 6
STEPS_ASIDE = 1  # a code of the thirty seconds before or after is accepted too: clocks differ, people type slowly
CODES = 10
CODE_BYTES = 10
TRIES = Rate(burst=6, per_second=1 / 300)


def begin_authenticator(*, person: User, kept: str = "") -> tuple[str, str]:
    """What a session keeps while `person` sets an app up in it, and the secret in base32.

    The same as long as the session brings back what it kept, and never that of another session: who has stolen the
    password sees a secret of her own.
    """
    secret = _secret_of(_pending(person, kept)) if kept else None
    if secret is not None:
        return kept, secret
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    sealed = sealing.seal(_field(), subject_id=person.pk, text=secret)
    return base64.b64encode(sealed).decode(), secret


def confirm_authenticator(
    *, person: User, kept: str, code: str, now: datetime, current: str = ""
) -> tuple[Authenticator, list[str]]:
    """The first code of the app proves that it was set up; answers with the recovery codes, shown this once.

    An app that was there before stops working, and only against `current`, a code of it or a recovery code. Raises
    CodeRefused, TooManyRequests.
    """
    before = Authenticator.objects.filter(user=person, confirmed=True).first()
    if before is not None:
        check_second_factor(person=person, code=current, now=now)
    _take_try(person)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        present = Authenticator.objects.filter(user=person)
        fresh = _pending(person, kept)
        another_meanwhile = present.filter(confirmed=True).exclude(pk=before.pk if before else None).exists()
        if another_meanwhile or not kept or not _accepts(fresh, code, now):
            raise CodeRefused
        present.delete()
        fresh.name, fresh.created_at = person.get_username()[:64], now
        fresh.save(force_insert=True)
        codes = _new_codes(person, now)
        record(by=person, action="accounts.set_up_second_factor", obj=_account(person), at=now)
    return fresh, codes


def _pending(person: User, kept: str) -> Authenticator:
    return Authenticator(user=person, secret=base64.b64decode(kept), confirmed=True)


def renew_recovery_codes(*, person: User, code: str, now: datetime) -> list[str]:
    """Ten new codes against one of the app; the old ones open nothing more. Raises CodeRefused, TooManyRequests."""
    check_second_factor(person=person, code=code, now=now)
    with transaction.atomic():
        codes = _new_codes(person, now)
        record(by=person, action="accounts.renew_recovery_codes", obj=_account(person), at=now)
    return codes


def check_second_factor(*, person: User, code: str, now: datetime) -> Authenticator:
    """Accept a code of the app or a recovery code, each of them once.

    Six tries at once and then one every five minutes: who has the password alone would need years. Raises CodeRefused,
    TooManyRequests.
    """
    _take_try(person)
    typed = "".join(code.split()).upper()
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=person, confirmed=True).first()
        by_app = device is not None and _accepts(device, typed, now)
        if device is not None and by_app:
            device.save(update_fields=["last_step"])
        by_paper = device is not None and not by_app and _use_recovery_code(person, typed, now)
        way = "second_factor" if by_app else "recovery_code_used" if by_paper else "second_factor_refused"
        record(by=person, action=f"accounts.{way}", obj=_account(person), at=now)
    if device is None or not (by_app or by_paper):
        raise CodeRefused
    return device


@transaction.atomic
def reset_second_factor(*, person: User, by: User | None, now: datetime, reason: str) -> None:
    """Her app and her codes open nothing more, her sessions end; she sets up another one at the next sign-in.

    Raises OwnSecondFactor: somebody who has the session of an administrator must not get rid of the second factor.
    """
    if by is not None and by.pk == person.pk:
        raise OwnSecondFactor
    Authenticator.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    end_sessions(person=person)
    record(by=by, action="accounts.reset_second_factor", obj=_account(person), reason=reason, at=now)


def _take_try(person: User) -> None:
    wait = take(f"second-factor:{person.pk}", TRIES)
    if wait:
        raise TooManyRequests(retry_after=wait)


def _accepts(device: Authenticator, code: str, now: datetime) -> bool:
    """Whether the code is one of now that was not accepted before; notes its step on the row, which is not saved."""
    secret = _secret_of(device)
    if secret is None or len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return False
    clock = TOTP(base64.b32decode(secret))
    clock.time = now.timestamp()
    if not clock.verify(int(code), tolerance=STEPS_ASIDE, min_t=device.last_step + 1):
        return False
    device.last_step = clock.t()
    return True


def _secret_of(device: Authenticator) -> str | None:
    opened = sealing.open_one(_field(), subject_id=device.user_id, sealed=device.secret)
    return opened if isinstance(opened, str) else None


def _field() -> EncryptedTextField:
    field: EncryptedTextField = Authenticator._meta.get_field("secret")
    return field


def _new_codes(person: User, now: datetime) -> list[str]:
    RecoveryCode.objects.filter(user=person).delete()
    codes = [base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode() for _number in range(CODES)]
    made = [RecoveryCode(user_id=person.pk, code_index=index, created_at=now) for index in _indexes(person, codes)]
    RecoveryCode.objects.bulk_create(made)
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


def _use_recovery_code(person: User, typed: str, now: datetime) -> bool:
    (index,) = _indexes(person, [typed.replace("-", "")])
    return bool(RecoveryCode.objects.filter(user=person, code_index=index, used_at=None).update(used_at=now))


def _indexes(person: User, codes: Iterable[str]) -> list[bytes]:
    index = indexer("recovery_code")
    return [index(f"{person.pk}:{code}") for code in codes]


def _account(person: User) -> Target:
    return Target(object_type=User._meta.label_lower, object_id=person.pk, label=person.get_username())
