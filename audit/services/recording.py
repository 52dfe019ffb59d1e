"""Writing the record of acts, always inside the transaction of the act itself."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models
from django.utils import timezone

from audit.enums import ActorType
from audit.errors import OutsideTransaction
from audit.models import AuditEntry
from audit.rules import safe_value
from core.context import current_origin
from core.registries import known_names
from core.rules.masking import mask_text, without_name

BATCH = 5_000


@dataclass(frozen=True, kw_only=True)
class Target:
    """What was acted on, where no model instance is at hand; `label` is masked by the caller."""

    object_type: str
    object_id: int | str
    label: str = ""
    changes: Mapping[str, Sequence[Any]] | None = None


def record(  # what an act consists of
    *,
    by: AbstractBaseUser | None,
    action: str,
    obj: models.Model | Target | None = None,
    reason: str = "",
    changes: Mapping[str, Sequence[Any]] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Write one row: `by` did `action` ("members.merge") to `obj`. Raises OutsideTransaction unless inside one.

    `changes` is {field: [old, new]}, best made by `audit.rules.changes_between`; whatever looks like a phone, an e-mail
    address or an identity card is masked besides, and so is the name of the person acted on in the reason. A model instance gives its label by `audit_label` if it has one
    (a masked text); otherwise the label stays empty, for `__str__` may well be a person's name.
    """
    target = _target(obj, changes)
    _require_transaction()
    reason = _impersonal(reason, [target])[target.object_id]
    entry = _entry(_common(by=by, action=action, reason=reason, at=at), target)
    entry.save(force_insert=True)
    return entry


def record_many(
    *,
    by: AbstractBaseUser | None,
    action: str,
    targets: Iterable[models.Model | Target],
    reason: str = "",
    at: datetime | None = None,
) -> int:
    """The same act on many objects: a row for each, by statements of some thousand rows. Answers how many."""
    _require_transaction()
    known = [_target(target, None) for target in targets]
    common = _common(by=by, action=action, reason=reason, at=at)
    reasons = _impersonal(reason, known)
    entries = [_entry({**common, "reason": _said(reasons[target.object_id])}, target) for target in known]
    AuditEntry.objects.bulk_create(entries, batch_size=BATCH)
    return len(entries)


def origin_of(by: AbstractBaseUser | None) -> str:
    """Who acts and from where, as JSON for the database's function `audit_record`, called by a statement that acts."""
    origin = current_origin()
    actor = _actor(by, origin.key_label)
    who = (actor["actor_type"], actor["actor_id"], actor["actor_label"])
    return json.dumps((*who, origin.address, origin.user_agent, origin.request_id))


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise OutsideTransaction("audit.services.record() must run inside the transaction of the act it records.")


def _common(*, by: AbstractBaseUser | None, action: str, reason: str, at: datetime | None) -> dict[str, Any]:
    origin = current_origin()
    return {
        "at": at or timezone.now(),
        "action": action,
        "reason": _said(reason),
        "address": origin.address,
        "user_agent": origin.user_agent,
        "request_id": origin.request_id,
        **_actor(by, origin.key_label),
    }


def _said(reason: str) -> str:
    return mask_text(reason).replace("\x00", "")[:500]


def _impersonal(reason: str, targets: Sequence[Target]) -> dict[int | str, str]:
    """The reason for each target, without the name of the person behind it: a row here outlives her."""
    reasons: dict[int | str, str] = {target.object_id: reason for target in targets}
    if not reason:
        return reasons
    for each in known_names:
        hers = {str(target.object_id): target.object_id for target in targets if target.object_type == each.code}
        for number, name in (each.names(hers) if hers else {}).items():
            for called in [name] if isinstance(name, str) else name:
                reasons[hers[number]] = without_name(reasons[hers[number]], called)
    return reasons


def _actor(by: AbstractBaseUser | None, key_label: str) -> dict[str, Any]:
    if by is None:
        return {"actor_type": ActorType.SYSTEM, "actor_id": None, "actor_label": ""}
    name = mask_text(by.get_username())
    if key_label:
        return {"actor_type": ActorType.API_KEY, "actor_id": by.pk, "actor_label": f"{name} · {key_label}"[:200]}
    return {"actor_type": ActorType.USER, "actor_id": by.pk, "actor_label": name[:200]}


def _target(obj: models.Model | Target | None, changes: Mapping[str, Sequence[Any]] | None) -> Target:
    if obj is None:
        return Target(object_type="", object_id="", changes=changes)
    if isinstance(obj, Target):
        return obj if changes is None else Target(**{**obj.__dict__, "changes": changes})
    label = getattr(obj, "audit_label", "")
    return Target(object_type=obj._meta.label_lower, object_id=obj.pk, label=str(label), changes=changes)


def _entry(common: Mapping[str, Any], target: Target) -> AuditEntry:
    return AuditEntry(
        **common,
        object_type=target.object_type,
        object_id=str(target.object_id),
        object_label=mask_text(target.label)[:200],
        changes={field: safe_value(pair) for field, pair in (target.changes or {}).items()},
    )
