"""Facts written and read by programs."""
