"""Pages of tiers and tags inside the admin's frame."""
