"""Notices and consent, the gate, content law and review, requests, erasure and retention, registers."""

from compliance.models import member_filters
from compliance.models.consent import ConsentEvent, ConsentState, ContactStatus, PrivacyLink
from compliance.models.contact import ContactEvent, GateRun, GateVerdict
from compliance.models.erasure import Erasure, ErasureStep
from compliance.models.incidents import Incident, IncidentDecision, IncidentMember
from compliance.models.lexicon import LexiconEntry, LexiconVersion
from compliance.models.notices import Notice
from compliance.models.pipia import Assessment
from compliance.models.registers import DutyDone, PersonCount, ProcessingActivity, Recipient, WatchedRule
from compliance.models.requests import RightsSettings, SubjectRequest
from compliance.models.retention import LegalHold, RetentionRule, RetentionRun
from compliance.models.review import Approval, Proof, ProofPerson, Review, Wording
from compliance.models.settings import ChannelRule, ContactSettings
from compliance.models.suppression import Suppression

__all__ = [
    "Approval",
    "Assessment",
    "ChannelRule",
    "ConsentEvent",
    "ConsentState",
    "ContactEvent",
    "ContactSettings",
    "ContactStatus",
    "DutyDone",
    "Erasure",
    "ErasureStep",
    "GateRun",
    "GateVerdict",
    "Incident",
    "IncidentDecision",
    "IncidentMember",
    "LegalHold",
    "LexiconEntry",
    "LexiconVersion",
    "Notice",
    "PersonCount",
    "PrivacyLink",
    "ProcessingActivity",
    "Proof",
    "ProofPerson",
    "Recipient",
    "RetentionRule",
    "RetentionRun",
    "Review",
    "RightsSettings",
    "SubjectRequest",
    "Suppression",
    "WatchedRule",
    "Wording",
    "member_filters",
]
