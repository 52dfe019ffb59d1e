"""The sentences for what a plan lacks or takes away, and for what refuses a step."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from campaigns.rules.plan import Problem
from core.errors import ScrmError, Text

SENTENCES: dict[str, Text] = {
    "missing": _("This has to be filled in."),
    "amount": _("An amount from 0 to 999,999,999.99 is expected."),
    "window": _("Between 1 and 90 days."),
    "order": _("The end lies after the beginning."),
    "long": _("An activity lasts a year at most."),
    "past": _("This time has passed."),
    "code": _("A code has up to 64 characters that can be shown."),
    "promised": _("The activity has started: this does not change any more."),
    "earlier": _("The activity has started: its end may only be moved to a later day."),
    "taken": _("The activity has started: nothing of this may be taken away."),
}


def in_words(problems: Iterable[Problem]) -> dict[str, list[Text]]:
    faults: dict[str, list[Text]] = {}
    for problem in problems:
        field = problem.field.removesuffix("_id")
        faults.setdefault(field, []).append(SENTENCES[problem.code])
    return faults


def reason_of(refused: ScrmError) -> str:
    """What was refused, and every fault of its fields, for somebody who does not have the form in front of her."""
    return " ".join([str(refused), *(str(said) for texts in refused.fields.values() for said in texts)])
