"""What compliance puts into the audit pack: registers, notices, consent, the gate, requests, retention, content law.

Rows without personal values: a member is her number, free text has phones, addresses and identity numbers masked.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from audit.rules import safe_value
from compliance import models as kept
from compliance.selectors.retention import rules_in_force
from core.errors import Text
from core.registries import EvidenceItem, features

Rows = Iterator[Mapping[str, Any]]
SAMPLE = 200


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: safe_value(value) for name, value in row.items()}


def _table(model: type[models.Model], *columns: str, latest: int | None = None) -> Callable[[datetime], Rows]:
    """Those columns of every row in order, or of the latest so many, the latest first."""

    def write(_now: datetime) -> Rows:
        rows: models.QuerySet[Any, dict[str, Any]] = (
            models.QuerySet(model).order_by("pk" if latest is None else "-pk").values(*columns)
        )
        yield from map(_plain, rows.iterator(chunk_size=2_000) if latest is None else rows[:latest])

    return write


def _counted(model: type[models.Model], *columns: str) -> Callable[[datetime], Rows]:
    """How many rows there are of each combination."""

    def write(_now: datetime) -> Rows:
        rows = models.QuerySet(model).order_by(*columns).values(*columns).annotate(rows=Count("*"))
        yield from map(_plain, rows)

    return write


def _features(now: datetime) -> Rows:
    """Which features need an assessment, and which one holds now."""
    holding = {
        row.feature: row
        for row in kept.Assessment.objects.filter(approved_at__lte=now, valid_until__gt=now, state="approved")
    }
    for feature in features:
        row = holding.get(feature.code)
        yield _plain(
            {
                "feature": feature.code,
                "label": str(feature.label),
                "article": str(feature.article),
                "assessment": str(row) if row else None,
                "valid_until": row.valid_until if row else None,
            }
        )


def _retention(now: datetime) -> Rows:
    for rule in rules_in_force():
        yield _plain(
            {
                "code": rule.purge.code,
                "data": str(rule.purge.label),
                "days": rule.days,
                "is_active": rule.is_active,
                "before": rule.before(now),
            }
        )


def _item(code: str, label: Text, article: Text, write: Callable[[datetime], Rows], order: int) -> EvidenceItem:
    return EvidenceItem(code=code, label=label, article=article, write=write, order=order)


PARTS = ("lawfulness", "impact", "measures")
MOMENTS = ("received_at", "due_at", "verified_at", "copied_at", "closed_at")
ITEMS = (
    _item(
        "processing-activities",
        _("Processing activities"),
        "PIPL 5–9, 13, 51",
        _table(
            kept.ProcessingActivity,
            *("id", "name_zh", "name_en", "purpose", "method", "categories", "retention", "recipients"),
            *("legal_basis", "basis_note", "state", "created_at", "ended_at"),
        ),
        10,
    ),
    _item(
        "recipients",
        _("Processors and recipients"),
        "PIPL 20–23, 38; 条例 12",
        _table(
            kept.Recipient,
            *("id", "name", "contact", "kind", "country", "purpose", "categories", "method", "measures", "contract"),
            *("starts_on", "ends_on", "state", "ended_at", "deletion_proof", "proved_at"),
        ),
        11,
    ),
    _item("assessed-features", _("Features that need an assessment"), "PIPL 55", _features, 12),
    _item(
        "assessments",
        _("Impact assessments"),
        "PIPL 55–56",
        _table(
            kept.Assessment,
            *("id", "feature", "number", *PARTS, "state", "written_by_id", "approved_by_id"),
            *("approved_at", "valid_until", "expired_at"),
        ),
        13,
    ),
    _item(
        "incidents",
        _("Incidents"),
        "PIPL 57",
        _table(
            kept.Incident,
            *("id", "title", "categories", "cause", "harm", "measures", "advice", "happened_from", "happened_to"),
            *("found_at", "grade", "is_drill", "listed_at", "lessons", "closed_at", "opened_by_id", "closed_by_id"),
        ),
        14,
    ),
    _item(
        "incident-decisions",
        _("Whom incidents were told to"),
        "PIPL 57",
        _table(
            kept.IncidentDecision,
            *("id", "incident_id", "audience", "decision", "words", "reason", "decided_at", "decided_by_id"),
        ),
        15,
    ),
    _item(
        "incident-members",
        _("Members affected by incidents, counted"),
        "PIPL 57",
        _counted(kept.IncidentMember, "incident_id", "exposure"),
        16,
    ),
    _item(
        "watched-rules",
        _("Watched rules"),
        "PIPL 51",
        _table(
            kept.WatchedRule,
            *("id", "name_zh", "name_en", "source", "matters", "every_days", "owner_id"),
            *("checked_at", "checked_by_id", "finding", "is_watched"),
        ),
        17,
    ),
    _item(
        "person-counts",
        _("Number of persons"),
        "PIPL 52; 条例 28",
        _table(kept.PersonCount, "counted_at", "persons", "is_exact", latest=1_100),
        18,
    ),
    _item(
        "notices",
        _("Privacy notices"),
        "PIPL 14, 17; 条例 21",
        _table(
            kept.Notice,
            *("id", "code", "number", "state", "material", "summary", "hash", "hashes", "published_at"),
            *("published_by_id", "texts"),
        ),
        20,
    ),
    _item(
        "consent-statistics",
        _("Consents, counted"),
        "PIPL 14–16",
        _counted(kept.ConsentState, "purpose", "channel", "action"),
        21,
    ),
    _item(
        "consent-samples",
        _("The latest consent events"),
        "PIPL 14–16",
        _table(
            kept.ConsentEvent,
            *("id", "member_id", "purpose", "channel", "action", "occurred_at", "received_at", "source", "page"),
            *("wording", "preset", "notice_id", "notice_hash", "by_id", "link_by_id"),
            latest=SAMPLE,
        ),
        22,
    ),
    _item(
        "suppression",
        _("Suppression list, counted"),
        "消保法 29",
        _counted(kept.Suppression, "kind", "channel", "reason"),
        23,
    ),
    _item(
        "gate-settings",
        _("Contact settings"),
        "PIPL 31; 条例 22",
        _table(
            kept.ContactSettings,
            *("quiet_from", "quiet_to", "timezone", "cap_messages", "cap_days", "reask_days"),
            *("guardian_age", "marketing_age", "link_days"),
        ),
        24,
    ),
    _item(
        "channel-rules",
        _("Rules of channels"),
        "广告法 43",
        _table(kept.ChannelRule, "channel", "is_used", "most", "days"),
        25,
    ),
    _item(
        "gate-runs",
        _("Verdicts of sends, counted"),
        "PIPL 54, 69",
        _table(kept.GateRun, "id", "reference", "purpose", "channel", "at", "judged_at", "counts", "by_id"),
        26,
    ),
    _item(
        "requests",
        _("Requests of data subjects"),
        "PIPL 44–50",
        _table(
            kept.SubjectRequest,
            *("id", "member_id", "kind", "requester", "source", "state", "identity_check", *MOMENTS),
            *("refusal", "link_by_id", "verified_by_id", "closed_by_id"),
        ),
        30,
    ),
    _item(
        "erasures",
        _("Erasures"),
        "PIPL 47",
        _table(kept.Erasure, "id", "member_id", "why", "state", "started_at", "finished_at", "vacuumed_at", "by_id"),
        31,
    ),
    _item(
        "erasure-steps",
        _("What erasures did"),
        "PIPL 47",
        _table(kept.ErasureStep, "erasure_id", "position", "code", "rows", "done_at"),
        32,
    ),
    _item("retention-rules", _("Storage periods"), "PIPL 19", _retention, 33),
    _item(
        "retention-runs",
        _("Purges"),
        "PIPL 19",
        _table(kept.RetentionRun, "id", "code", "before", "started_at", "finished_at", "rows", "held"),
        34,
    ),
    _item(
        "legal-holds",
        _("Legal holds"),
        "PIPL 47 ¶2",
        _table(kept.LegalHold, "id", "member_id", "reason", "since", "by_id", "lifted_at"),
        35,
    ),
    _item(
        "lexicon-versions",
        _("Versions of the lexicon"),
        "广告法 9",
        _table(
            kept.LexiconVersion,
            *("id", "number", "packs", "reason", "by_id", "at", "added", "removed", "entries", "digest"),
        ),
        40,
    ),
    _item(
        "reviews",
        _("Legal reviews"),
        "广告法 9, 28, 34",
        _table(
            kept.Review,
            *("id", "kind", "object_id", "title", "state", "digest", "lexicon", "blocks", "warnings", "author_id"),
            *("submitted_at", "submitted_by_id", "decided_at", "decided_by_id", "decision", "valid_until"),
        ),
        41,
    ),
    _item(
        "approvals",
        _("Approved texts"),
        "广告法 9, 28, 34",
        _table(
            kept.Approval,
            *("id", "review_id", "digest", "lexicon", "hits", "author_label", "by_id", "at", "valid_until", "parts"),
        ),
        42,
    ),
    _item(
        "proofs",
        _("Proofs of warned phrases"),
        "广告法 11, 28",
        _table(
            kept.Proof,
            *("id", "review_id", "phrase", "text", "file_name", "file_digest", "by_id", "at", "accepted_by_id"),
        ),
        43,
    ),
)
