"""What compliance knows of a member: given out on request, and what goes with her.

Consent events stay after an erasure: they prove that the brand did as she wished (PIPL 14, 55, 69). What could tell who
she was, the address and what somebody noted, is sealed under her key and unreadable once that is gone.
A suppressed number stays as a keyed fingerprint, so that it is left alone for good.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from compliance.models import ConsentEvent, ContactEvent, PrivacyLink, Proof, SubjectRequest
from compliance.selectors.consent import contact_status
from compliance.selectors.evidence import ITEMS
from compliance.selectors.suppression import suppressions_of_member
from compliance.services.proofs import files_showing, forget_in_proofs
from compliance.services.status import mark_erased
from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, evidence, privacy, purges
from core.services.erasing import count_older, purge_older, run
from core.services.sealing import open_rows

ADDRESS = ConsentEvent._meta.get_field("address")
NOTE = ConsentEvent._meta.get_field("note")


def export_consent(member_id: int) -> Mapping[str, Any]:
    """Everything that she said, by which door and under which words, and what was sent to her."""
    events = list(ConsentEvent.objects.filter(member=member_id).select_related("notice").order_by("occurred_at", "id"))
    return {
        "consents": [
            {
                "purpose": event.purpose,
                "channel": event.channel,
                "action": event.action,
                "occurred_at": event.occurred_at.isoformat(),
                "notice_version": event.notice.number if event.notice else None,
                "notice_hash": event.notice_hash,
                "door": event.source,
                "page": event.page,
                "wording": event.wording,
                "address": address if isinstance(address, str) else None,
                "note": note if isinstance(note, str) else None,
            }
            for event, address, note in zip(events, open_rows(ADDRESS, events), open_rows(NOTE, events), strict=True)
        ],
        "contacts": [
            {"occurred_at": at.isoformat(), "channel": channel, "purpose": purpose}
            for at, channel, purpose in ContactEvent.objects.filter(member=member_id)
            .order_by("occurred_at")
            .values_list("occurred_at", "channel", "purpose")
        ],
        "suppressed": [
            {"kind": entry.kind, "channel": entry.channel, "since": entry.created_at.isoformat(), "why": entry.reason}
            for entry in suppressions_of_member(member_id)
        ],
    }


def erase_consent(member_id: int) -> int:
    """Her link dies, what was sent to her is forgotten, and the gate is shut for good."""
    links, _each = PrivacyLink.objects.filter(pk=member_id).delete()
    contacts, _each = ContactEvent.objects.filter(member=member_id).delete()
    status = contact_status(member_id)
    if status is not None and status.erased_at is not None:
        return links + contacts
    mark_erased(member_id=member_id, by=None, now=timezone.now())
    return links + contacts + 1


CONSENT_PATHS = (
    PersonPath("compliance_privacylink.member_id", Ending.DELETE),
    PersonPath("compliance_contactevent.member_id", Ending.DELETE),
    PersonPath(
        "compliance_consentevent.member_id",
        Ending.KEEP,
        _("Proof that the brand did as she wished; address and note are sealed under her key, which is destroyed."),
    ),
    PersonPath("compliance_consentstate.member_id", Ending.KEEP, _("The latest of these proofs.")),
    PersonPath("compliance_gateverdict.member_id", Ending.KEEP, _("Proof of why a message was sent or not.")),
    PersonPath("compliance_contactstatus.member_id", Ending.KEEP, _("The gate stays shut for good.")),
)
REQUEST_PATHS = (
    PersonPath(
        "compliance_subjectrequest.member_id",
        Ending.KEEP,
        _("Proof that her request was answered; her words and ours are sealed under her key, which is destroyed."),
    ),
    PersonPath(
        "compliance_legalhold.member_id", Ending.MASK, _("That there was a hold which has ended is kept, not why.")
    ),
    PersonPath("compliance_erasure.member_id", Ending.KEEP, _("The tombstone: her number, and that she was erased.")),
    PersonPath("compliance_erasurestep.subject_id", Ending.KEEP, _("What the erasure did.")),
    PersonPath(
        "compliance_incidentmember.member_id",
        Ending.KEEP,
        _("Proof of whom an incident touched and that she was told; it holds her number only."),
    ),
    PersonPath("core_datakey.subject_id", Ending.MASK, _("Her key is destroyed; that there was one is kept.")),
)
WISH = SubjectRequest._meta.get_field("wish")
ANSWER = SubjectRequest._meta.get_field("answer")


def export_requests(member_id: int) -> Mapping[str, Any]:
    """What she asked for before, and what we answered."""
    rows = list(SubjectRequest.objects.filter(member=member_id).order_by("received_at", "id"))
    said = zip(rows, open_rows(WISH, rows), open_rows(ANSWER, rows), strict=True)
    return {
        "requests": [
            {
                "kind": row.kind,
                "received_at": row.received_at.isoformat(),
                "state": row.state,
                "closed_at": row.closed_at.isoformat() if row.closed_at else None,
                "wish": wish if isinstance(wish, str) else None,
                "answer": answer if isinstance(answer, str) else None,
            }
            for row, wish, answer in said
        ]
    }


def erase_requests(member_id: int) -> int:
    """Why her data were held, which may name her; the rest cannot be read any more once her key is gone."""
    return run("UPDATE compliance_legalhold SET reason = '' WHERE member_id = %(id)s AND reason <> ''", id=member_id)


def export_proofs(member_id: int) -> Mapping[str, Any]:
    """Files with which a text was proved and that show her; the files themselves lie beside the page."""
    rows = Proof.objects.filter(persons__member=member_id).order_by("pk")
    return {"proofs": list(rows.values("phrase", "text", "file_name", "file_digest", "at"))}


privacy.register(
    PrivacyHandler(
        code="proofs",
        label=_("Proofs that show her"),
        subject_kind="member",
        export=export_proofs,
        erase=lambda member_id: forget_in_proofs(member_id, now=timezone.now()),
        files=files_showing,
        paths=(PersonPath("compliance_proofperson.member_id", Ending.DELETE),),
        order=35,
    )
)
privacy.register(
    PrivacyHandler(
        code="requests",
        label=_("Requests"),
        subject_kind="member",
        export=export_requests,
        erase=erase_requests,
        paths=REQUEST_PATHS,
        order=45,
    )
)
privacy.register(
    PrivacyHandler(
        code="consent",
        label=_("Consent and contacts"),
        subject_kind="member",
        export=export_consent,
        erase=erase_consent,
        paths=CONSENT_PATHS,
        order=40,
    )
)
OLD_CONTACTS = {"table": "compliance_contactevent", "moment": "occurred_at", "member": "member_id"}
OLD_REQUESTS = {"table": "compliance_subjectrequest", "moment": "closed_at", "member": "member_id"}
purges.register_all(
    [
        Purge(
            code="contacts",
            label=_("That a message was sent"),
            days=396,
            count=count_older(**OLD_CONTACTS),
            purge=purge_older(**OLD_CONTACTS, key="member_id, occurred_at, id"),
            order=20,
        ),
        Purge(
            code="requests",
            label=_("Closed requests of data subjects"),
            days=1096,
            count=count_older(**OLD_REQUESTS),
            purge=purge_older(**OLD_REQUESTS, key="id"),
            order=30,
        ),
    ]
)
evidence.register_all(ITEMS)
SAID = "purpose channel action occurred_at"
classify(
    "compliance_consentevent",
    identifier="address note",
    quasi="id member_id by_id link_by_id",
    behavioural=f"{SAID} received_at source page",
    none="notice_id notice_hash language wording preset key xid",
)
classify("compliance_consentstate", quasi="member_id event_id", behavioural=SAID, none="weight notice_id")
classify("compliance_contactevent", quasi="id member_id", behavioural="occurred_at purpose channel counts reference")
classify("compliance_contactstatus", quasi="member_id", behavioural="restricted_at erased_at")
classify("compliance_privacylink", quasi="member_id", none="generation issued_by_id issued_at expires_at")
classify("compliance_gateverdict", quasi="member_id event_id", behavioural="reason", none="run_id")
classify("compliance_gaterun", none="id reference purpose channel at judged_at settings counts by_id")
classify(
    "compliance_suppression",
    identifier="lookup",
    behavioural="reason created_at lifted_at",
    none="id kind channel source note created_by_id lifted_by_id lifted_reason",
)
classify("compliance_channelrule", none="channel is_used most days")
classify(
    "compliance_contactsettings",
    none="id quiet_from quiet_to timezone cap_messages cap_days reask_days guardian_age marketing_age link_days",
)
classify(
    "compliance_notice",
    none="id code number state texts material summary hash hashes published_at created_at changed_at published_by_id",
)
classify(
    "compliance_erasure",
    quasi="member_id subject_ids",
    none="id why state waits_for by_id started_at kept_at finished_at vacuumed_at",
)
classify("compliance_erasurestep", quasi="subject_id", none="id erasure_id position code rows done_at")
classify(
    "compliance_subjectrequest",
    identifier="wish answer",
    quasi="id member_id",
    behavioural="kind requester source state received_at due_at copied_at closed_at",
    none="link_by_id language identity_check verified_at verified_by_id refusal closed_by_id",
)
classify("compliance_rightssettings", none="id answer_days warn_days")
classify("compliance_retentionrule", none="code days is_active")
classify("compliance_retentionrun", none="id code before started_at finished_at rows held")
classify("compliance_legalhold", identifier="reason", quasi="member_id", none="id since by_id lifted_at")
classify("compliance_lexiconentry", none="id key phrase pack severity law suggestion note since until")
classify("compliance_lexiconversion", none="id number at by_id reason added removed packs entries digest")
classify(
    "compliance_review",
    none="id kind object_id title author_id state parts digest lexicon blocks warnings created_at changed_at "
    "submitted_at submitted_by_id decided_at decided_by_id decision valid_until",
)
classify("compliance_approval", none="id review_id at by_id author_label digest lexicon parts hits proofs valid_until")
classify(
    "compliance_proof",
    identifier="file file_name",
    none="id review_id key phrase text file_digest by_id at accepted_by_id replaced_at",
)
classify("compliance_proofperson", quasi="id proof_id member_id")
classify("compliance_wording", none="id text")
classify_history("compliance_channelrule", none="pgh_obj_id is_used most days")
classify_history(
    "compliance_contactsettings",
    none="pgh_obj_id quiet_from quiet_to timezone cap_messages cap_days reask_days guardian_age marketing_age link_days",
)
classify_history("compliance_contactstatus", quasi="pgh_obj_id", behavioural="restricted_at erased_at")
classify_history("compliance_legalhold", none="pgh_obj_id lifted_at")
classify_history("compliance_notice", none="pgh_obj_id state texts material summary")
classify_history("compliance_retentionrule", none="pgh_obj_id days is_active")
classify_history("compliance_rightssettings", none="pgh_obj_id answer_days warn_days")
REGISTERED = "id name_zh name_en created_at"
classify(
    "compliance_processingactivity",
    none=f"{REGISTERED} purpose method categories retention recipients legal_basis basis_note state ended_at",
)
classify(
    "compliance_recipient",
    none="id name contact kind country purpose categories method measures contract starts_on ends_on state ended_at "
    "deletion_proof proved_at created_at",
)
classify(
    "compliance_watchedrule",
    none=f"{REGISTERED} source matters every_days owner_id checked_at checked_by_id finding is_watched",
)
classify(
    "compliance_assessment",
    none="id feature number lawfulness impact measures state written_by_id changed_at approved_by_id approved_at "
    "valid_until expired_at",
)
classify(
    "compliance_incident",
    none="id title categories cause harm measures advice contact happened_from happened_to found_at grade is_drill "
    "opened_by_id listed_at lessons closed_at closed_by_id",
)
classify(
    "compliance_incidentdecision",
    none="id incident_id audience decision words reason decided_at decided_by_id",
)
classify("compliance_incidentmember", quasi="member_id", behavioural="exposure", none="incident_id")
classify("compliance_personcount", none="id counted_at persons is_exact")
classify("compliance_dutydone", none="threshold note done_at done_by_id")
