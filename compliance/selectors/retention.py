"""Which storage periods hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.models import RetentionRule
from core.registries import Purge, purges


@dataclass(frozen=True, kw_only=True)
class RuleInForce:
    """A purge with what the brand set for it; `days` and `is_active` are the defaults where it set nothing."""

    purge: Purge
    days: int
    is_active: bool

    def __str__(self) -> str:
        return self.purge.code

    def before(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)


def rules_in_force() -> list[RuleInForce]:
    changed = RetentionRule.objects.in_bulk()
    return [
        RuleInForce(
            purge=each,
            days=changed[each.code].days if each.code in changed else each.days,
            is_active=changed[each.code].is_active if each.code in changed else each.active,
        )
        for each in purges
    ]
