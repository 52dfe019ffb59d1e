"""Setting up gateways: what is wrong is said by field, a secret is kept sealed and shown to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from core.errors import FieldErrors
from core.services.sealing import seal
from messaging.channels.contract import Setup
from messaging.channels.registered import adapter_of, adapters
from messaging.errors import GatewayNotValid
from messaging.models import Gateway
from messaging.selectors.setups import SECRET, setup_of

FIELDS = ("name", "channel", "sender", "refusal", "settings", "per_second", "daily_limit", "is_active")


@dataclass(frozen=True, kw_only=True)
class GatewayPlan:
    """`secret` empty: the one that is there stays."""

    code: str
    name: str
    adapter: str
    channel: str
    sender: str
    refusal: str
    settings: Mapping[str, Any]
    secret: str = ""
    per_second: int | None = None
    daily_limit: int | None = None
    is_active: bool = True


@transaction.atomic
def save_gateway(*, plan: GatewayPlan, by: User | None, now: datetime, gateway: Gateway | None = None) -> Gateway:
    """Make one, or change one, whose code and kind stay. Raises GatewayNotValid with every field at fault."""
    before = _facts(gateway) if gateway else {}
    row = gateway or Gateway(code=plan.code, adapter=plan.adapter, by=by, created_at=now)
    secret = plan.secret or (setup_of(row).secret if row.pk else "")
    _require_valid(row, plan, secret)
    for name in FIELDS:
        setattr(row, name, getattr(plan, name))
    row.changed_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise GatewayNotValid(fields={"code": [_("There is a gateway of this code already.")]}) from None
    if plan.secret:
        Gateway.objects.filter(pk=row.pk).update(secret=seal(SECRET, subject_id=row.pk, text=plan.secret))
        row.refresh_from_db(fields=["secret"])
    changes = changes_between(before, _facts(row)) | ({"secret": [None, "***"]} if plan.secret else {})
    action = "messaging.change_gateway" if gateway else "messaging.create_gateway"
    record(by=by, action=action, obj=row, changes=changes, at=now)
    return row


def _facts(gateway: Gateway) -> dict[str, Any]:
    return {name: getattr(gateway, name) for name in FIELDS}


def _require_valid(row: Gateway, plan: GatewayPlan, secret: str) -> None:
    if row.adapter not in adapters:
        raise GatewayNotValid(fields={"adapter": [_("There is no such kind of gateway.")]})
    adapter = adapter_of(row.adapter)
    setup = Setup(sender=plan.sender, refusal=plan.refusal, settings=plan.settings, secret=secret)
    wrong: dict[str, Any] = dict(_faults_of_plan(plan, adapter.channels))
    wrong |= adapter.faults(setup)
    if wrong:
        raise GatewayNotValid(fields=wrong)


def _faults_of_plan(plan: GatewayPlan, channels: Any) -> FieldErrors:
    found: dict[str, list[Any]] = {}
    if plan.channel not in channels:
        found["channel"] = [_("This kind of gateway does not carry that channel.")]
    if not plan.sender.strip() or any(mark in plan.sender for mark in "【】\r\n"):
        found["sender"] = [_("The name by which members know the brand, in one line, without brackets.")]
    if plan.per_second == 0:
        found["per_second"] = [_("At least one, or nothing for as many as there are.")]
    return found
