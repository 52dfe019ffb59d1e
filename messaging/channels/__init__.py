"""Channels: one folder for each kind of gateway. Reached through `messaging.services` alone."""
