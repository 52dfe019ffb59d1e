"""Runs web, worker and beat together, for a demo or a small installation."""
