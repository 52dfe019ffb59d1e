"""Offers for programs."""
