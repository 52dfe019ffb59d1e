"""Measuring the brand, and what is decided about the measuring."""
