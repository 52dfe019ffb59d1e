"""Verifying everything that must hold over all data, after a restore and whenever somebody asks."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.selectors import says_first_bad
from audit.services import verify
from core import roles
from core.models import EncryptedTextField
from core.registries import Verification, Verified, verifications
from core.rules.crypto import SealBroken
from core.services.sealing import open_rows

SAMPLE = 100
MOST_FAULTS = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one verification found."""

    code: str
    label: str
    looked_at: int
    faults: tuple[str, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.faults


def verify_all(*, progress: Callable[[str, int, int], None] = lambda _stage, _done, _all: None) -> list[Finding]:
    """Every registered verification, in its order; one that cannot be made is a fault."""
    findings = []
    for number, each in enumerate(verifications, start=1):
        findings.append(_made(each))
        progress("verify", number, len(verifications))
    return findings


def _made(each: Verification) -> Finding:
    began = time.perf_counter()
    try:
        found = each.find()
    except ImproperlyConfigured as error:
        found = Verified(looked_at=0, faults=(str(error),))
    seconds = round(time.perf_counter() - began, 3)
    return Finding(
        code=each.code, label=str(each.label), looked_at=found.looked_at, faults=found.faults, seconds=seconds
    )


def migrations() -> Verified:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = [f"{migration.app_label}.{migration.name}" for migration, _backwards in missing]
    faults = (
        (_("These migrations are missing: %(names)s") % {"names": ", ".join(names[:MOST_FAULTS])},) if names else ()
    )
    return Verified(looked_at=len(executor.loader.applied_migrations), faults=faults)


_GUARDS = """
SELECT c.relname, has_table_privilege(%(role)s, c.oid, 'UPDATE, DELETE, TRUNCATE'), t.tgenabled = 'O'
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgname = 'core_refuse_change' ORDER BY 1
"""
# The record of acts itself cannot do without it, whatever else is missing.
_ALWAYS_GUARDED = frozenset({"audit_auditentry", "audit_auditseal", "compliance_consentevent"})


def guards() -> Verified:
    """Tables of evidence: the run-time role has no right to change them, and the trigger is awake."""
    with connection.cursor() as cursor:
        cursor.execute(_GUARDS, {"role": roles.runtime_role()})
        rows = cursor.fetchall()
    loose = [name for name, may, awake in rows if (may and roles.has_two_roles()) or not awake]
    loose += sorted(_ALWAYS_GUARDED - {name for name, _may, _awake in rows})
    faults = tuple(_("%(table)s is not guarded as evidence.") % {"table": name} for name in loose[:MOST_FAULTS])
    return Verified(looked_at=len(rows), faults=faults)


_UNPROVEN = """
SELECT count(*), coalesce(array_agg(conname) FILTER (WHERE NOT convalidated), '{}'),
    (SELECT count(*) FROM pg_index WHERE NOT indisvalid) FROM pg_constraint
"""


def constraints() -> Verified:
    with connection.cursor() as cursor:
        cursor.execute(_UNPROVEN)
        count, unproven, invalid = cursor.fetchone()
    faults = [_("The constraint %(name)s was never proven.") % {"name": name} for name in unproven]
    if invalid:
        words = ngettext("%(count)s index is not valid.", "%(count)s indexes are not valid.", invalid)
        faults.append(words % {"count": invalid})
    return Verified(looked_at=count, faults=tuple(faults[:MOST_FAULTS]))


def seals() -> Verified:
    found = verify(now=timezone.now())
    return Verified(looked_at=found.rows, faults=() if found.ok else (says_first_bad(found),))


def keys() -> Verified:
    """A sample of every protected column opens: its oldest and its newest rows."""
    looked_at, faults = 0, []
    for field in encrypted_fields():
        rows = _sample(field)
        looked_at += len(rows)
        try:
            open_rows(field, rows)
        except SealBroken as error:
            faults.append(_("%(place)s does not open: %(why)s") % {"place": field.place, "why": error})
    return Verified(looked_at=looked_at, faults=tuple(faults[:MOST_FAULTS]))


def encrypted_fields() -> Iterator[EncryptedTextField]:
    fields = chain.from_iterable(model._meta.concrete_fields for model in apps.get_models())
    return (field for field in fields if isinstance(field, EncryptedTextField))


def _sample(field: EncryptedTextField) -> list[models.Model]:
    filled = field.model._base_manager.filter(  # noqa: SLF001  # public in Django, in spite of its name
        **{f"{field.attname}__isnull": False}
    )
    return [*filled.order_by("pk")[:SAMPLE], *filled.order_by("-pk")[:SAMPLE]]


# The latest event in the order in which the database keeps the state: time, weight of what was said, number.
_CONSENT = """
WITH latest AS (
    SELECT DISTINCT ON (member_id, purpose, channel) member_id, purpose, channel, action, occurred_at, id
    FROM compliance_consentevent
    ORDER BY member_id, purpose, channel, occurred_at DESC,
        CASE action WHEN 'withdraw' THEN 2 WHEN 'refuse' THEN 1 ELSE 0 END DESC, id DESC
)
SELECT count(*), count(*) FILTER (
    WHERE latest.id IS DISTINCT FROM state.event_id OR latest.action IS DISTINCT FROM state.action
        OR latest.occurred_at IS DISTINCT FROM state.occurred_at
)
FROM latest FULL JOIN compliance_consentstate AS state USING (member_id, purpose, channel)
"""


def consents() -> Verified:
    """What holds now is the latest of what was said."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSENT)
        count, wrong = cursor.fetchone()
    words = ngettext(
        "%(count)s consent is not what was said last.", "%(count)s consents are not what was said last.", wrong
    )
    faults = (words % {"count": wrong},) if wrong else ()
    return Verified(looked_at=count, faults=faults)


_ERASED = """
SELECT count(*), count(*) FILTER (WHERE member.id IS NOT NULL OR key.wrapped IS NOT NULL)
FROM compliance_erasure AS erasure CROSS JOIN unnest(erasure.subject_ids) AS subject (id)
LEFT JOIN members_member AS member ON member.id = subject.id
LEFT JOIN core_datakey AS key ON key.subject_kind = 'member' AND key.subject_id = subject.id
WHERE erasure.state = 'done'
"""


def erasures() -> Verified:
    """Whoever was erased has neither a row nor a key."""
    with connection.cursor() as cursor:
        cursor.execute(_ERASED)
        count, risen = cursor.fetchone()
    words = ngettext("%(count)s erased member stands here again.", "%(count)s erased members stand here again.", risen)
    faults = (words % {"count": risen},) if risen else ()
    return Verified(looked_at=count, faults=faults)


verifications.register_all(
    [
        Verification(code="scrm.migrations", label=gettext_lazy("Version of the tables"), find=migrations, order=10),
        Verification(
            code="scrm.constraints", label=gettext_lazy("Constraints and indexes"), find=constraints, order=20
        ),
        Verification(code="scrm.guards", label=gettext_lazy("Guards of evidence"), find=guards, order=30),
        Verification(code="audit.seals", label=gettext_lazy("Seals of the audit"), find=seals, order=40),
        Verification(code="core.keys", label=gettext_lazy("Protected values"), find=keys, order=50),
        Verification(code="compliance.consents", label=gettext_lazy("Consents in force"), find=consents, order=60),
        Verification(code="compliance.erasures", label=gettext_lazy("Finished erasures"), find=erasures, order=70),
    ]
)
