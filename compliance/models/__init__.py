"""Content law: the lexicon in versions, texts in review, the proof for warned phrases."""

from compliance.models.lexicon import LexiconEntry, LexiconVersion
from compliance.models.review import Approval, Proof, Review, Wording

__all__ = ["Approval", "LexiconEntry", "LexiconVersion", "Proof", "Review", "Wording"]
