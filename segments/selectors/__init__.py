"""Named reads of tiers, their history and tags."""
