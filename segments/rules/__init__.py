"""Scores and tiers as plain arithmetic and plain SQL: no Django, no clock."""
