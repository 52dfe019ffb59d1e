"""What entering a draw is called on a member's timeline."""

from django.utils.translation import pgettext_lazy

from timeline.admin.words import InteractionWords, interaction_words
from timeline.enums import InteractionKind

interaction_words.register(
    InteractionWords(
        code="draw", icon="redeem", words={InteractionKind.OTHER: pgettext_lazy("timeline", "Entered a draw")}
    )
)
