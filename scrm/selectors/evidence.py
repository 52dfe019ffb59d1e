"""What the system itself puts into the audit pack: who may do what, acts and seals, keys, exports, backups, data classes.

Accounts are named by number.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import ApiKey, Authenticator, Export, User
from audit.models import AuditEntry, AuditSeal, AuditVerification
from core.enums import DataClass
from core.keys import in_use_since, key_ring, key_ring_path
from core.registries import EvidenceItem, classified, evidence, permissions_of, privacy
from core.services.rotation import keys_by_version
from scrm.models import BackupRun

Rows = Iterator[Mapping[str, Any]]
AT_ONCE = 2_000


def roles(now: datetime) -> Rows:
    """Role × permission; an administrator may do everything."""
    del now
    for role in Role:
        names = [_("everything")] if role == Role.ADMINISTRATOR else sorted(permissions_of(role))
        for name in names:
            yield {"role": role.value, "role_name": str(role.label), "permission": name}


def staff(now: datetime) -> Rows:
    del now
    secured = set(Authenticator.objects.filter(confirmed=True).values_list("user_id", flat=True))
    for user in User.objects.order_by("pk").prefetch_related("stores").iterator(chunk_size=AT_ONCE):
        yield {
            "account": user.pk,
            "role": user.role,
            "active": user.is_active,
            "superuser": user.is_superuser,
            "reach": user.reach.value,
            "stores": len(user.stores.all()),
            "second_factor": user.pk in secured,
            "last_login": user.last_login,
        }


def api_keys(now: datetime) -> Rows:
    for key in ApiKey.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        yield {
            "key": key.pk,
            "account": key.user_id,
            "scopes": key.scopes,
            "networks": key.networks,
            "created": key.created_at,
            "expires": key.expires_at,
            "revoked": key.revoked_at,
            "last_used": key.last_used_at,
            "open": key.revoked_at is None and (key.expires_at is None or key.expires_at > now),
        }


def exports(now: datetime) -> Rows:
    del now
    for each in Export.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        yield {
            "export": each.pk,
            "what": each.kind,
            "rows": each.rows,
            "state": each.state,
            "reason": each.reason,
            "asked_by": each.asked_by_id,
            "asked": each.asked_at,
            "decided_by": each.decided_by_id,
            "decided": each.decided_at,
            "expires": each.expires_at,
            "downloads": each.downloads,
        }


def acts(now: datetime) -> Rows:
    """The record of acts by kind: how often, first and last."""
    del now
    found = AuditEntry.objects.order_by().values("action").annotate(times=Count("id"), first=Min("at"), last=Max("at"))
    yield from found.order_by("action")


def seals(now: datetime) -> Rows:
    del now
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=AT_ONCE):
        yield {
            "seal": seal.number,
            "log": str(seal.log),
            "rows": seal.rows,
            "sealed": seal.sealed_at,
            "root": bytes(seal.root).hex(),
            "key_version": seal.key_version,
            "signature": bytes(seal.signature).hex(),
        }


def verifications(now: datetime) -> Rows:
    del now
    names = ("at", "rows", "seals", "unsealed", "ok", "first_bad", "seconds")
    yield from AuditVerification.objects.order_by("pk").values(*names).iterator(chunk_size=AT_ONCE)


def keys(now: datetime) -> Rows:
    """Versions and counts, never a key."""
    del now
    ring, wrapped = key_ring(), keys_by_version()
    since = in_use_since(key_ring_path())
    for version in sorted(ring.wrappers):
        latest = version == max(ring.wrappers)
        yield {
            "master_key": version,
            "in_use": latest,
            "since": since if latest else None,
            "data_keys": wrapped.get(version, 0),
        }


def backups(now: datetime) -> Rows:
    del now
    names = ("act", "started_at", "finished_at", "ok", "size", "error")
    yield from BackupRun.objects.order_by("pk").values(*names).iterator(chunk_size=AT_ONCE)


def data_classes(now: datetime) -> Rows:
    del now
    for table in classified:
        for column, data_class in table.columns.items():
            if data_class != DataClass.NONE:
                yield {"table": table.code, "column": column, "class": data_class.value, "name": str(data_class.label)}


def paths(now: datetime) -> Rows:
    """By which columns a person is found, and what becomes of the rows when she is erased."""
    del now
    for handler in privacy:
        for path in handler.paths:
            yield {"part": handler.code, "column": path.place, "ending": path.ending.value, "why": str(path.why)}


ARTICLE_51 = gettext_lazy("PIPL Art. 51 (access, classes, measures)")
ITEMS = (
    ("roles", gettext_lazy("Roles and what they may do"), ARTICLE_51, roles),
    ("staff", gettext_lazy("Accounts of staff and programs"), ARTICLE_51, staff),
    ("api_keys", gettext_lazy("API keys"), ARTICLE_51, api_keys),
    ("data_classes", gettext_lazy("Personal data by class"), ARTICLE_51, data_classes),
    ("erasure_map", gettext_lazy("What an erasure does"), gettext_lazy("PIPL Art. 47 (deletion)"), paths),
    ("exports", gettext_lazy("Exports of personal data"), gettext_lazy("PIPL Art. 51, 55"), exports),
    ("acts", gettext_lazy("Record of acts, by kind"), gettext_lazy("PIPL Art. 54, 69"), acts),
    ("seals", gettext_lazy("Seals of the audit"), gettext_lazy("PIPL Art. 54, 69"), seals),
    ("verifications", gettext_lazy("Verifications of the audit"), gettext_lazy("PIPL Art. 54, 69"), verifications),
    ("keys", gettext_lazy("Master keys"), gettext_lazy("PIPL Art. 51 (encryption)"), keys),
    ("backups", gettext_lazy("Backups and drills"), gettext_lazy("Data Security Law Art. 27"), backups),
)
evidence.register_all(
    EvidenceItem(code=f"system_{code}", label=label, article=article, write=write, order=500 + place)
    for place, (code, label, article, write) in enumerate(ITEMS)
)
