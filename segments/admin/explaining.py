"""Why she is in her tier, in sentences that she can read: for the answer to a request (PIPL Art. 24, 48)."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.services.explaining import Explainer, explainers
from segments.admin.member_page import line
from segments.selectors.explanation import explain
from segments.selectors.tiers import tier_names


def explain_tier(member_id: int) -> Sequence[str]:
    """The tier, the criteria that put her there with her own values, or that none of the others held."""
    explanation = explain(member_id)
    if explanation is None:
        return []
    name = tier_names().get(explanation.standing.tier, explanation.standing.tier)
    said = [
        _("Tier “%(tier)s”, computed as of %(moment)s.")
        % {"tier": name, "moment": f"{timezone.localtime(explanation.as_of):%Y-%m-%d %H:%M}"}
    ]
    if explanation.reason is None:
        return [*said, _("The criteria of no other tier are met.")]
    alternatives = explanation.reason.alternatives
    held = next((group for group in alternatives if all(each.holds for each in group)), explanation.reason.nearest)
    words = _("%(measure)s: rule %(limit)s, your value %(actual)s.")
    return [*said, *(words % {**each, "measure": each["measured"]} for each in map(line, held))]


explainers.register(Explainer(code="tier", label=gettext_lazy("Tier"), explain=explain_tier, order=10))
