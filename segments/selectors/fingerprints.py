"""What a rule says, as one short text: for whoever has to know later whether it still says the same."""

import hashlib
import json

from segments.models import Audience
from segments.rules.audience_reading import read_rule
from segments.rules.audience_tree import as_json
from segments.selectors.audiences import audiences_behind


def fingerprint(audience: Audience) -> str:
    """Of the rule and of the rules of all audiences that it refers to; names, owners and sizes are no part of it."""
    node = read_rule(audience.rule)[0]
    behind = audiences_behind(node) if node is not None else {}
    rules = {"own": audience.rule, **{str(number): as_json(behind[number]) for number in sorted(behind)}}
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
