"""Arithmetic and statements of groups and KOC, without rows and without a clock."""
