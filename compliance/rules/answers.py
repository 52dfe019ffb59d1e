"""What is answered to a request, ready to be sent or changed. The words are those of Art. 44–50."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from compliance.enums.rights import RefusalReason, RequestKind
from core.errors import Text

DONE: Mapping[str, Text] = {
    RequestKind.ACCESS: _(
        "You asked to see your personal information. The enclosed file holds everything that we store about you, as a"
        " page to read and as data to take along."
    ),
    RequestKind.CORRECT: _("You asked us to correct your information. We checked it and changed what was wrong."),
    RequestKind.DELETE: _(
        "You asked us to delete your information. We have deleted it. What a law obliges us to keep no longer tells who"
        " you are."
    ),
    RequestKind.RESTRICT: _(
        "You asked us to restrict what we do with your information. From now on we store and protect it and do nothing"
        " else with it."
    ),
    RequestKind.WITHDRAW: _(
        "You withdrew your consent. From now on we no longer use your information for it; what was done before stays"
        " lawful."
    ),
    RequestKind.EXPLAIN: _("You asked how a decision about you came about. These are the rules and your own values:"),
    RequestKind.CLOSE: _("You asked us to close your account. It is closed, and your information has been deleted."),
}
REFUSED: Mapping[str, Text] = {
    RefusalReason.NOT_IDENTIFIED: _("we could not make sure that the request comes from you"),
    RefusalReason.NOT_ENTITLED: _("we were shown no authority to ask in the name of the person concerned"),
    RefusalReason.LEGAL_DUTY: _("a law obliges us to keep the information for now; we restrict it to storing"),
    RefusalReason.NO_DATA: _("we store no such information"),
    RefusalReason.EXCESSIVE: _("the same was asked for and answered a short time ago"),
    RefusalReason.OTHERS: _("it would disclose the information of somebody else"),
}
REFUSAL = _(
    "We cannot do what you asked for, because %(reason)s. You may complain to us, to the authority for personal"
    " information, or go to court."
)
