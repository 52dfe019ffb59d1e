"""Tiers, standings and tags, read and given by programs."""
