"""Which KOC stands, as SQL, where two turned out to be one person: the one into which the other was merged."""


def koc_at_hand(koc: str) -> str:
    """Of a row of `community_koc` that the statement has at hand."""
    return f"coalesce({koc}.merged_into_id, {koc}.id)"
