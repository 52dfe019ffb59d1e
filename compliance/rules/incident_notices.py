"""Drafts of what the authority and the members are told: the three blocks of PIPL Art. 57 ¶1."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.errors import Text

AUTHORITY = "authority"


def draft_notice(*, audience: str, facts: Mapping[str, Text]) -> str:
    """A text to be read through before it is sent.

    `facts`: title, categories, cause, harm, measures, advice, contact, from, until, found, persons, grade. What is not
    known yet stands as 【…】, so that nobody sends it by mistake.
    """
    return "\n\n".join([_opening(audience, facts), *_blocks(facts)])


def is_unfinished(words: str) -> bool:
    """Whether a place to fill in is left."""
    return "【" in words


def _opening(audience: str, facts: Mapping[str, Text]) -> str:
    if audience == AUTHORITY:
        words = _(
            "Report of an incident with personal information\n%(title)s\nFound on %(found)s; it happened between %(from)s "
            "and %(until)s. Grade: %(grade)s. Persons affected, as far as known: %(persons)s."
        )
    else:
        words = _(
            "About your personal information with us\nOn %(found)s we found an incident that may concern you: %(title)s. "
            "It happened between %(from)s and %(until)s."
        )
    return words % facts


def _blocks(facts: Mapping[str, Text]) -> list[str]:
    known = {name: str(value).strip() or _("【to be filled in】") for name, value in facts.items()}
    return [
        _("1. Kinds of information, cause and possible harm\nKinds: %(categories)s\nCause: %(cause)s\nHarm: %(harm)s")
        % known,
        _("2. What we have done, and what you can do\nDone: %(measures)s\nYou can: %(advice)s") % known,
        _("3. Whom to ask\n%(contact)s") % known,
    ]
