"""Saving rules that somebody edited for a while: refused where somebody else saved meanwhile."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Conflict
from segments.models import RfmConfig
from segments.rules.definitions import Definitions, RfmRule
from segments.selectors.definitions import rfm_rule
from segments.services.definitions import TierDraft, drafts, update_tier_definitions


class RulesChanged(Conflict):
    """The rules are no longer what the editor began with."""

    code = "rules_changed"
    message = _("Somebody else changed the rules while you were editing. Nothing was saved.")
    hint = _("Your changes are still here. Compare them with the rules now in force, then save again.")


def edition() -> str:
    """A mark of all rules in force: the same rules, the same mark."""
    plain = {"rfm": asdict(rfm_rule(RfmConfig.objects.get())), "tiers": [asdict(draft) for draft in drafts()]}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


@transaction.atomic
def save_rules(
    *,
    tiers: Sequence[TierDraft],
    rfm: RfmRule,
    began_with: str,
    reason: str,
    by: User,
    now: datetime | None = None,
) -> Definitions:
    """Like `update_tier_definitions`, if the rules are still those of the mark. Raises RulesChanged besides."""
    RfmConfig.objects.select_for_update().get()
    if edition() != began_with:
        raise RulesChanged
    return update_tier_definitions(tiers=tiers, rfm=rfm, reason=reason, by=by, now=now)
