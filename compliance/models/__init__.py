"""Notices and consent, suppression, contact events and the settings of the gate."""

from compliance.models import member_filters
from compliance.models.consent import ConsentEvent, ConsentState, ContactStatus, PrivacyLink
from compliance.models.contact import ContactEvent, GateRun, GateVerdict
from compliance.models.erasure import Erasure, ErasureStep
from compliance.models.notices import Notice
from compliance.models.requests import RightsSettings, SubjectRequest
from compliance.models.retention import LegalHold, RetentionRule, RetentionRun
from compliance.models.settings import ChannelRule, ContactSettings
from compliance.models.suppression import Suppression

__all__ = [
    "ChannelRule",
    "ConsentEvent",
    "ConsentState",
    "ContactEvent",
    "ContactSettings",
    "ContactStatus",
    "Erasure",
    "ErasureStep",
    "GateRun",
    "GateVerdict",
    "LegalHold",
    "Notice",
    "PrivacyLink",
    "RetentionRule",
    "RetentionRun",
    "RightsSettings",
    "SubjectRequest",
    "Suppression",
    "member_filters",
]
