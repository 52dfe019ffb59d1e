"""Arithmetic and statements of activities and links, without rows and without a clock."""
