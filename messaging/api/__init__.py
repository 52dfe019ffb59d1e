"""Sends and messages for programs."""
