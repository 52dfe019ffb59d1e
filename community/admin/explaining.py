"""Why a member has her KOC score, in sentences that she can read: for the answer to a request (PIPL Art. 24, 48)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import KocScore
from community.pages.koc_words import split_of
from community.selectors.koc_scores import least_score, weighing_of
from compliance.services.explaining import Explainer, explainers


def explain_score(member_id: int) -> Sequence[str]:
    """The score, its parts with her own values, and what follows from it; nothing where nobody scored her."""
    row = KocScore.objects.select_related("run__weights").filter(pk=member_id).first()
    if row is None:
        return []
    said = _(
        "KOC score %(total)s of 100, from the %(days)s days before %(day)s; of a chat that was brought to us earlier, from "
        "the days before that."
    )
    values = {"total": row.total, "days": row.run.weights.window_days}
    follows = _(
        "From a score of %(least)s on you may be asked whether you want to be a KOC. Whom to ask and at which level is "
        "decided by a person, and a person looks at it again if you ask for it; prices do not depend on it."
    )
    return [
        said % {**values, "day": timezone.localtime(row.run.as_of).date().isoformat()},
        *(_part(each) for each in split_of(row, weighing_of(row.run.weights))),
        follows % {"least": least_score()},
    ]


def _part(part: Mapping[str, Any]) -> str:
    said = _("%(label)s: %(points)s of 100 points × weight %(share)s %% = %(gives)s. From: %(facts)s.")
    facts = "; ".join(f"{fact['label']} {fact['value']} ({fact['note']})" for fact in part["facts"])
    return said % {**part, "share": f"{100 * part['share']:.0f}", "facts": facts}


explainers.register(Explainer(code="koc_score", label=gettext_lazy("KOC score"), explain=explain_score, order=20))
