"""Models of core; the lead imports them here."""
