"""What the record of acts says of a choice about consent, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.enums.consent import ConsentAction, ConsentSource
from compliance.pages.words import channel_label, purpose_label
from compliance.services.consent import ACTS
from core.registries import ChangeWords, change_words

PARTS = 3


def choice_words(value: str) -> str:
    """`marketing · any · withdraw` as it is shown elsewhere; anything of another form as it stands."""
    parts = value.split(" · ")
    if len(parts) != PARTS:
        return value
    purpose, channel, action = parts
    answer = str(ConsentAction(action).label) if action in ConsentAction.values else action
    return " · ".join((purpose_label(purpose), channel_label(channel), answer))


def door_words(value: str) -> str:
    return str(ConsentSource(value).label) if value in ConsentSource.values else value


for act in (*ACTS, "compliance.consent"):
    change_words.register_all(
        [
            ChangeWords(code=f"{act}.consent", words=pgettext_lazy("consent", "choice"), say=choice_words),
            ChangeWords(code=f"{act}.door", words=_("recorded by way of"), say=door_words),
            ChangeWords(code=f"{act}.link_by", words=_("link given by (staff no.)")),
        ]
    )
