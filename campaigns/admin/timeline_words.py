"""What taking part in an activity is called on a member's timeline."""

from django.utils.translation import pgettext_lazy

from timeline.admin.words import InteractionWords, interaction_words
from timeline.enums import InteractionKind

interaction_words.register(
    InteractionWords(
        code="activity",
        icon="celebration",
        words={
            InteractionKind.JOIN: pgettext_lazy("timeline", "Joined an activity"),
            InteractionKind.CHECK_IN: pgettext_lazy("timeline", "Checked in at an activity"),
            InteractionKind.COUPON_CLAIM: pgettext_lazy("timeline", "Claimed a coupon of an activity"),
            InteractionKind.OTHER: pgettext_lazy("timeline", "Took part in an activity"),
        },
    )
)
