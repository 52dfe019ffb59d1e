"""Whether a move from one tier to another is good news."""

STANDING = {"high_value": 2, "potential": 1, "silent": -1, "low_value": -1}


def direction(from_tier: str, to_tier: str) -> str:
    """`good` up, `act` into a tier that is lost or costs money, `watch` down otherwise, `none`: neither.

    Tiers that a brand adds stand where the regular one stands; who was in no tier before has not moved.
    """
    before, after = STANDING.get(from_tier, 0), STANDING.get(to_tier, 0)
    if not from_tier or before == after:
        return "none"
    if after > before:
        return "good"
    return "act" if after < 0 else "watch"
