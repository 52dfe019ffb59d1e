"""Texts on their own: written here, checked here, used anywhere."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from compliance.errors.content import ReviewNotReady
from compliance.models import Review, Wording
from compliance.services.reviewables import Part, Reviewable, names_of, reviewables
from compliance.services.reviews import LONGEST_TITLE, read_text

KIND = "wording"
LONGEST = 20_000


@transaction.atomic
def save_wording(*, title: str, text: str, by: User, now: datetime, wording: Wording | None = None) -> Review:
    """Write a text, or change one, and check it. Raises ReviewNotReady."""
    _check(title, text)
    wording = wording or Wording()
    wording.text = text.replace("\r\n", "\n").replace("\x00", "")
    wording.save()
    return read_text(kind=KIND, object_id=wording.pk, title=title.strip(), by=by, now=now)


def _check(title: str, text: str) -> None:
    faults = {}
    if not 0 < len(title.strip()) <= LONGEST_TITLE:
        faults["title"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TITLE}]
    if not text.strip() or len(text) > LONGEST:
        faults["text"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST}]
    if faults:
        raise ReviewNotReady(fields=faults)


def parts_of(object_id: int) -> Sequence[Part]:
    return [Part(name="text", text=Wording.objects.get(pk=object_id).text)]


def _page(object_id: int) -> str:
    review = Review.objects.filter(kind=KIND, object_id=object_id).values_list("pk", flat=True).first()
    return reverse("compliance:wording", args=(review,)) if review else ""


reviewables.register(
    Reviewable(
        code=KIND, label=gettext_lazy("Wording"), names=names_of(Wording, "text"), parts=parts_of, url=_page, order=10
    )
)
