"""Choices of moderation: what a rule looks for, what is decided, who is looked at."""

from django.db import models
from django.utils.translation import pgettext_lazy


class ViolationKind(models.TextChoices):
    """What was done against the rules of a group."""

    LEXICON = "lexicon", pgettext_lazy("moderation", "Sensitive words")
    AD = "ad", pgettext_lazy("moderation", "Advertising")
    LINK = "link", pgettext_lazy("moderation", "Foreign links")
    FLOOD = "flood", pgettext_lazy("moderation", "Flooding")
    DUPLICATE = "duplicate", pgettext_lazy("moderation", "Duplicate posts")
    POACHING = "poaching", pgettext_lazy("moderation", "Contact poaching")
    REPORT = "report", pgettext_lazy("moderation", "Reported")


#: Found by reading the text; the others by counting messages. Reports come from outside and have no rule.
READING = (ViolationKind.LEXICON, ViolationKind.AD, ViolationKind.LINK, ViolationKind.POACHING)
COUNTING = (ViolationKind.FLOOD, ViolationKind.DUPLICATE)
RULED = (*READING, *COUNTING)


class Speakers(models.TextChoices):
    """Whose messages a rule looks at."""

    ANYONE = "anyone", pgettext_lazy("moderation", "Everybody in the group")
    ORDINARY = "ordinary", pgettext_lazy("moderation", "Participants, not staff")
    STAFF = "staff", pgettext_lazy("moderation", "Staff only")


class ViolationState(models.TextChoices):
    OPEN = "open", pgettext_lazy("moderation", "Waits for a decision")
    DECIDED = "decided", pgettext_lazy("moderation", "Decided")


class Outcome(models.TextChoices):
    """What is decided of a violation; everything but the first upholds it."""

    DISMISSED = "dismissed", pgettext_lazy("moderation", "Dismissed")
    WARNED = "warned", pgettext_lazy("moderation", "Warned")
    MUTED = "muted", pgettext_lazy("moderation", "Muted")
    REMOVED = "removed", pgettext_lazy("moderation", "Removed from the group")


#: What a machine may decide by itself: nobody is thrown out by one.
AUTOMATIC = (Outcome.WARNED, Outcome.MUTED)


class AppealOutcome(models.TextChoices):
    UPHELD = "upheld", pgettext_lazy("appeal", "Decision stands")
    CHANGED = "changed", pgettext_lazy("appeal", "Decision changed")
