"""Choices of titles: what is given, and why it is lost."""

from django.db import models
from django.utils.translation import pgettext_lazy


class TitleKind(models.TextChoices):
    """Of titles the highest is shown; badges stand beside each other."""

    TITLE = "title", pgettext_lazy("incentive", "Title")
    BADGE = "badge", pgettext_lazy("incentive", "Badge")


class LostWhy(models.TextChoices):
    INACTIVE = "inactive", pgettext_lazy("title lost", "Too little said")
    VIOLATIONS = "violations", pgettext_lazy("title lost", "Violations")
    LEFT = "left", pgettext_lazy("title lost", "Left the group")
    CHANGED = "changed", pgettext_lazy("title lost", "The title's rule was changed")
    ENDED = "ended", pgettext_lazy("title lost", "The title is not given any more")
