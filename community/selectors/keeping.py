"""For how long what was said is kept."""

from compliance.selectors.retention import rules_in_force

TEXTS = "group_texts"
DIGESTS = "group_digests"


def kept_days(code: str) -> int:
    """As the brand has set it for that purge."""
    return next(rule.days for rule in rules_in_force() if rule.purge.code == code)
