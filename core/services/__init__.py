"""Writes of core: sealing under subjects' keys, idempotency records, rate limits."""
