"""The record of acts and its seals; the base for what a row was before it was changed."""

from audit.models.history import RowHistory, keep_history
from audit.models.log import AuditAnchor, AuditEntry, AuditSeal, AuditVerification

__all__ = [
    "AuditAnchor",
    "AuditEntry",
    "AuditSeal",
    "AuditVerification",
    "RowHistory",
    "keep_history",
]
