"""Templates and their approval."""

from datetime import datetime

from compliance.enums.content import ReviewState
from compliance.models import Review
from compliance.selectors.reviews import WITH_ITS_AUTHOR, is_approved
from compliance.services.reviewables import Part
from messaging.models import MessageTemplate

KIND = "message_template"


def parts_of(subject: str, text: str) -> list[Part]:
    """What members will read, in the parts that the reviewer sees."""
    found = [Part(name="text", text=text)]
    return [Part(name="subject", text=subject), *found] if subject else found


def approval_holds(template: MessageTemplate, *, subject: str, text: str, now: datetime) -> bool:
    """Whether these very words are approved now: neither an older nor a newer version of the template."""
    parts = [{"name": part.name, "text": part.text} for part in parts_of(subject, text)]
    return is_approved(kind=KIND, object_id=template.pk, parts=parts, at=now)


def review_of(template: MessageTemplate) -> Review | None:
    return Review.objects.filter(kind=KIND, object_id=template.pk).first()


def can_be_submitted(review: Review | None) -> bool:
    """Whether it is with its author, and there is something to read."""
    return review is not None and review.state in WITH_ITS_AUTHOR


def has_expired(template_id: int) -> bool:
    """Whether its approval was taken from words that stayed as they are, by time or by the lexicon."""
    return Review.objects.filter(kind=KIND, object_id=template_id, state=ReviewState.EXPIRED).exists()
