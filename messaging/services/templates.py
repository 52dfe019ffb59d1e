"""Texts of messages: saved, read against the lexicon, put before the reviewer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
from compliance.enums.consent import REACHING, Channel
from compliance.services.reviewables import Part, Reviewable, reviewables
from compliance.services.reviews import read_text
from messaging.enums import SendState
from messaging.errors import TemplateNotValid
from messaging.models import MessageTemplate, Send
from messaging.rules.texts import OF_MEMBER, has_stray_braces, names_in, unknown_names
from messaging.selectors.templates import KIND, has_expired, parts_of
from messaging.services.sends import pause

#: A short message of the mainland: seventy characters are one, sixty-seven each of a longer one; operators take ten.
LONGEST_SMS = 500
LONGEST = 5_000


@transaction.atomic
def save_template(
    *,
    name: str,
    channel: str,
    text: str,
    by: User,
    now: datetime,
    subject: str = "",
    given: Sequence[str] = (),
    template: MessageTemplate | None = None,
) -> MessageTemplate:
    """Make or change one; a changed text has to be approved again. Raises TemplateNotValid with every field at fault.

    `given` are the names of the values that whoever sends will bring; others than these and those known of every
    member may not stand in the text.
    """
    _require_valid(name=name, channel=channel, subject=subject, text=text, given=given)
    row = template or MessageTemplate(by=by, created_at=now)
    row.name, row.channel, row.subject, row.text = name.strip(), channel, subject.strip(), text.strip()
    row.given, row.changed_at = list(given), now
    row.save()
    action = "messaging.change_template" if template else "messaging.create_template"
    record(by=by, action=action, obj=row, at=now)
    read_text(kind=KIND, object_id=row.pk, title=row.name, by=by, now=now)
    row.refresh_from_db(fields=["text_approved"])
    return row


def _require_valid(*, name: str, channel: str, subject: str, text: str, given: Sequence[str]) -> None:
    wrong = _faults_of_way(channel, subject)
    if not name.strip():
        wrong["name"] = [_("Give it a name.")]
    if not 0 < len(text.strip()) <= (LONGEST_SMS if channel == Channel.SMS else LONGEST):
        wrong["text"] = [_("A text, not longer than the channel carries.")]
    elif has_stray_braces(f"{subject} {text}"):
        wrong["text"] = [_("A brace stands alone. Places for values look like {name} or {name|friend}.")]
    elif unknown := unknown_names((subject, text), given):
        wrong["text"] = [
            _("Nobody knows %(names)s. Known of every member: %(known)s.")
            % {"names": ", ".join(unknown), "known": ", ".join(OF_MEMBER)}
        ]
    if any(names_in(f"{{{each}}}") != [each] for each in given):
        wrong["given"] = [_("Small letters, digits and underscores, beginning with a letter.")]
    if wrong:
        raise TemplateNotValid(fields=wrong)


def _faults_of_way(channel: str, subject: str) -> dict[str, list[Any]]:
    if channel not in REACHING:
        return {"channel": [_("Choose the channel by which it goes.")]}
    if channel == Channel.EMAIL and not subject.strip():
        return {"subject": [_("An e-mail needs a subject.")]}
    return {}


def _parts(template_id: int) -> list[Part]:
    row = MessageTemplate.objects.get(pk=template_id)
    return parts_of(row.subject, row.text)


def _set_approved(template_id: int, *, approved: bool) -> None:
    MessageTemplate.objects.filter(pk=template_id).update(text_approved=approved)


def _withdraw_approval(template_id: int) -> None:
    """Sends under way go on with the words that were approved for them, unless it is these words that are no longer."""
    _set_approved(template_id, approved=False)
    if has_expired(template_id):
        for send in Send.objects.filter(template=template_id, state=SendState.RUNNING).order_by("pk"):
            pause(send=send, by=None, now=timezone.now(), reason=str(_("The text is not approved any more.")))


reviewables.register(
    Reviewable(
        code=KIND,
        label=gettext_lazy("Message template"),
        names={"subject": gettext_lazy("subject"), "text": gettext_lazy("text")},
        parts=_parts,
        url=lambda template_id: reverse("messaging:template", args=(template_id,)),
        approved=lambda template_id: _set_approved(template_id, approved=True),
        withdrawn=_withdraw_approval,
        order=40,
    )
)
