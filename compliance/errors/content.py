"""What compliance refuses, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, Unprocessable, ValidationFailed

# --- content law ---


class LexiconNotChanged(ValidationFailed):
    """A phrase, a pack or a file cannot be taken as it is; `fields` says why."""

    code = "lexicon_not_changed"
    message = _("The lexicon was not changed.")


class LexiconMoved(Conflict):
    """Somebody else made a new version meanwhile."""

    code = "lexicon_moved"
    message = _("Somebody else has just changed the lexicon. Look at it again, then repeat your change.")


class ReviewNotReady(ValidationFailed):
    """Something is missing before the text can go on."""

    code = "review_not_ready"
    message = _("This text cannot go on yet.")


class WordsForbidden(Unprocessable):
    """The text holds phrases that the law forbids; nobody can let them pass."""

    code = "words_forbidden"
    message = _("The text holds phrases that the law forbids. They cannot be approved by anybody; reword them.")


class WarningsOpen(Unprocessable):
    """A phrase that needs proof has none."""

    code = "warnings_open"
    message = _("Some warned phrases have no proof yet. Reword them, or add the proof.")


class SamePerson(NotAllowed):
    """Four eyes: whoever wrote a text or brought its proof does not approve it."""

    code = "same_person"
    message = _("Whoever wrote the text or added its proof cannot approve it. Ask another reviewer.")


class ReviewStateWrong(Conflict):
    """The step does not follow from where the text stands."""

    code = "review_state_wrong"
    message = _("This step is not possible in the present state of the text. Load the page again.")
