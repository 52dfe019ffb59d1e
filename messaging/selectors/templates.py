"""Templates and their approval."""

from datetime import datetime

from compliance.selectors.reviews import is_approved
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
