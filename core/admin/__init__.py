"""Base classes of the admin: scope, permissions, counts. Apps subclass these, never Django's own."""

from core.admin.base import EvidenceAdmin, ReferenceAdmin, ScrmModelAdmin, sentence
from core.admin.paginator import EstimatedPaginator

__all__ = ["EstimatedPaginator", "EvidenceAdmin", "ReferenceAdmin", "ScrmModelAdmin", "sentence"]
