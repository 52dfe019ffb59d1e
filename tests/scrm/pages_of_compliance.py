"""Addresses of compliance and of access: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Export, User
from compliance.enums.consent import SuppressionKind, SuppressionReason
from compliance.models import (
    Assessment,
    LexiconEntry,
    Notice,
    ProcessingActivity,
    Review,
    SubjectRequest,
    Suppression,
    WatchedRule,
)
from compliance.services.incidents import open_incident
from compliance.services.registers import save_recipient
from compliance.services.requests import open_request
from compliance.services.retention import place_hold
from compliance.services.suppression import suppress
from members.models import Member
from tests.compliance.test_incidents import FACTS
from tests.compliance.test_registers import CLOUD

Row = tuple[Any, ...]
ANYBODY = ""
WORDS, CHANGES_WORDS = "compliance.view_lexiconentry", "compliance.change_lexiconentry"


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows."""
    review, notice = Review.objects.earliest("pk").pk, Notice.objects.earliest("pk").pk
    yield from (
        ("accounts:exports", ANYBODY),
        ("accounts:locks", "accounts.change_user"),
        ("accounts:second_factor_own", ANYBODY),
        ("compliance:gate", "compliance.view_gaterun"),
        ("compliance:settings", "compliance.view_contactsettings"),
        ("compliance:notices", "compliance.view_notice"),
        ("compliance:notice", "compliance.view_notice", notice),
        ("compliance:suppression", "compliance.view_suppression"),
        ("compliance:requests", "compliance.view_subjectrequest"),
        ("compliance:request", "compliance.view_subjectrequest", asked().pk),
        ("compliance:request_find", "compliance.add_subjectrequest"),
        ("compliance:personal_data", "compliance.view_erasure"),
        ("compliance:retention", "compliance.view_retentionrule"),
        ("compliance:lexicon", WORDS),
        ("compliance:lexicon_add", CHANGES_WORDS),
        ("compliance:lexicon_entry", WORDS, LexiconEntry.objects.earliest("pk").pk),
        ("compliance:lexicon_versions", WORDS),
        ("compliance:lexicon_diff", WORDS),
        ("compliance:lexicon_export", WORDS),
        ("compliance:lexicon_import", CHANGES_WORDS),
        ("compliance:reviews", "compliance.view_review"),
        ("compliance:review", "compliance.view_review", review),
        ("compliance:wording_add", "compliance.add_review"),
        ("compliance:wording", "compliance.add_review", review),
    )
    yield from looked_at_in_registers()


def looked_at_in_registers() -> Iterator[Row]:
    now, by = timezone.now(), User.objects.get(username="admin")
    entry = save_recipient(recipient=None, values=CLOUD, by=by, now=now)
    incident = open_incident(values=FACTS, by=by, now=now)
    yield from (
        ("compliance:registers", "compliance.view_processingactivity"),
        ("compliance:activities", "compliance.view_processingactivity"),
        ("compliance:activity_add", "compliance.add_processingactivity"),
        ("compliance:activity", "compliance.view_processingactivity", ProcessingActivity.objects.earliest("pk").pk),
        ("compliance:recipients", "compliance.view_recipient"),
        ("compliance:recipient_add", "compliance.add_recipient"),
        ("compliance:recipient", "compliance.view_recipient", entry.pk),
        ("compliance:watched_rules", "compliance.view_watchedrule"),
        ("compliance:watched_rule_add", "compliance.add_watchedrule"),
        ("compliance:watched_rule", "compliance.view_watchedrule", WatchedRule.objects.earliest("pk").pk),
        ("compliance:assessments", "compliance.view_assessment"),
        ("compliance:assessment", "compliance.view_assessment", Assessment.objects.earliest("pk").pk),
        ("compliance:incidents", "compliance.view_incident"),
        ("compliance:incident_add", "compliance.add_incident"),
        ("compliance:incident", "compliance.view_incident", incident.pk),
    )


def posted_to(member: Member) -> Iterator[Row]:
    """Addresses that take a POST only."""
    now, by = timezone.now(), User.objects.get(username="admin")
    review, notice = Review.objects.earliest("pk").pk, Notice.objects.earliest("pk").pk
    suppress(kind=SuppressionKind.PHONE, value="13800009999", reason=SuppressionReason.COMPLAINT, by=by, now=now)
    held = place_hold(member_id=member.pk, reason="dispute", by=by, now=now)
    export = Export.objects.create(
        kind="members", layout="csv", reason="r", asked_by=by, asked_at=now, expires_at=now + timedelta(days=1)
    )
    yield from (
        ("accounts:export_decide", "accounts.approve_export", export.pk),
        ("accounts:export_download", ANYBODY, export.pk),
        ("accounts:lift_lock", "accounts.change_user"),
        ("compliance:notice_begin", "compliance.add_notice"),
        ("compliance:notice_submit", "compliance.change_notice", notice),
        ("compliance:notice_publish", "compliance.change_notice", notice),
        ("compliance:notice_discard", "compliance.change_notice", notice),
        ("compliance:suppression_add", "compliance.add_suppression"),
        ("compliance:suppression_find", "compliance.view_suppression"),
        ("compliance:suppression_lift", "compliance.change_suppression", Suppression.objects.earliest("pk").pk),
        ("compliance:member_link", "compliance.add_privacylink", member.pk),
        ("compliance:member_withdraw", "compliance.add_consentevent", member.pk),
        ("compliance:rights_settings", "compliance.change_rightssettings"),
        ("compliance:request_copy", "compliance.change_subjectrequest", asked().pk),
        ("compliance:request_act", "compliance.change_subjectrequest", asked().pk, "verify"),
        ("compliance:request_restrict", "compliance.change_contactstatus", asked().pk),
        ("compliance:retention_change", "compliance.change_retentionrule", "contacts"),
        ("compliance:hold", "compliance.add_legalhold"),
        ("compliance:hold_lift", "compliance.change_legalhold", held.pk),
        ("compliance:lexicon_try", WORDS),
        ("compliance:lexicon_retire", CHANGES_WORDS, LexiconEntry.objects.earliest("pk").pk),
        ("compliance:lexicon_packs", CHANGES_WORDS),
        ("compliance:review_submit", "compliance.add_review", review),
        ("compliance:review_approve", "compliance.decide_review", review),
        ("compliance:review_return", "compliance.decide_review", review),
        ("compliance:review_proof", "compliance.add_review", review),
        ("compliance:member_restrict", "compliance.change_contactstatus", member.pk),
        ("compliance:duty_done", "compliance.add_dutydone", 1_000_000),
        ("compliance:activity_act", "compliance.change_processingactivity", 1, "begin"),
        ("compliance:recipient_act", "compliance.change_recipient", 1, "begin"),
        ("compliance:rule_check", "compliance.change_watchedrule", 1),
        ("compliance:assessment_begin", "compliance.add_assessment", "tiering"),
        ("compliance:incident_act", "compliance.change_incident", 1, "list"),
    )


def asked() -> SubjectRequest:
    """A request of the first member."""
    member, by = Member.objects.earliest("pk"), User.objects.get(username="admin")
    given = {"kind": "access", "source": "phone", "requester": "self", "wish": "全部"}
    return SubjectRequest.objects.filter(member_id=member.pk).first() or open_request(
        member_id=member.pk, by=by, now=timezone.now(), **given
    )
